"""The real data, which lie beside the repository and are never in it; a PostgreSQL server."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import stores
from xunhe_tools import private_postgres
from xunhe_tools.private_postgres import PrivatePostgres

ENGINES = ("sqlite", "postgresql")
_BESIDE = Path(__file__).parents[2] / "shared/data"

# A busy machine takes what time it takes; no property is about time.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--store", choices=ENGINES, default="sqlite", help="of the gateway's tests")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder XUNHE_DATA, or `shared/data` beside the repository; skips where there is none."""
    folder = Path(os.environ.get("XUNHE_DATA", _BESIDE))
    if not (folder / "river-plastic/labels.csv").is_file():
        pytest.skip(f"no data set in {folder}: set XUNHE_DATA to the folder of the real pictures")
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[PrivatePostgres]:
    """A PostgreSQL server for this session; skips where the machine has no such program."""
    if private_postgres.programs() is None:
        pytest.skip("no PostgreSQL on this machine: apt-get install postgresql")
    # What it writes need not survive the machine, only its own death.
    fast = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
    server = PrivatePostgres.temporary(**fast, shared_buffers="32MB", max_connections="50")
    server.start()
    yield server
    server.stop()
    shutil.rmtree(server.folder)


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PrivatePostgres) -> PrivatePostgres:
    """The same, with what the databases of single tests are copied from."""
    stores.make_template(postgres)
    return postgres


@pytest.fixture
def postgres_url(migrated_postgres: PrivatePostgres) -> Iterator[str]:
    """The address of a migrated, empty database of this test's own."""
    with stores.copied(migrated_postgres) as url:
        yield url
