"""A real broker for the links."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.mosquitto import MOSQUITTO, mosquitto


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[int]:
    if MOSQUITTO is None:
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    with mosquitto(tmp_path) as port:
        yield port
