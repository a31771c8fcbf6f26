"""A console over a database of its own."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.fakes import camera_desk
from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.river_rows import NOW, fill, opened
from xunhe.adapters.store.database import Database


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    database = opened(tmp_path)
    yield database
    database.close()


@pytest.fixture
def served(store: Database) -> Iterator[Served]:
    """An empty river that anyone may read."""
    with serve(store) as served:
        yield served


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with served.client() as client:
        yield client


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The filled night, for reading only."""
    database = opened(tmp_path_factory.mktemp("night"))
    fill(database)
    with serve(database, time_factor=120, cameras=camera_desk.desk(NOW)) as served:
        yield served
    database.close()


@pytest.fixture(scope="module")
def reader(night: Served) -> Iterator[httpx.Client]:
    with night.client() as client:
        yield client
