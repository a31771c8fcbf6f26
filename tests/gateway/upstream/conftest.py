"""Whom the links speak to: a real broker, and a program that is posted to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.mosquitto import MOSQUITTO, mosquitto
from tests.gateway.upstream.web_receiver import Receiver, web_receiver


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[int]:
    if MOSQUITTO is None:
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    with mosquitto(tmp_path) as port:
        yield port


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with web_receiver() as receiver:
        yield receiver
