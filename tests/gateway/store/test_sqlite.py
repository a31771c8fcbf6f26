"""The store as a file: durable by its settings, closed to others."""

from pathlib import Path

import pytest

from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database


@pytest.fixture
def engine() -> str:
    return "sqlite"


def test_a_commit_survives_power_loss_by_wal_and_full_synchronous(database: Database) -> None:
    with database.write() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


def test_only_its_owner_can_read_the_store_because_it_holds_the_keys(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "new.sqlite3")
    with database.write() as connection:
        connection.execute(schema.counter.insert().values(name="x", n=1))
        files = list(database.path.parent.glob(f"{database.path.name}*"))
    assert len(files) == 3  # the database, its log and its index
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    database.close()
