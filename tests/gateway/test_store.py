"""The store: durable by its settings, its tables as the migrations leave them."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tests.gateway.conftest import START
from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database


def test_a_commit_survives_power_loss_by_wal_and_full_synchronous(database: Database) -> None:
    with database.write() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


def test_the_migrations_give_exactly_the_tables_of_the_schema(database: Database) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, schema.metadata) == []


def test_migrating_again_changes_nothing_and_keeps_the_data(database: Database) -> None:
    with database.write() as connection:
        connection.execute(schema.counter.insert().values(name="kept", n=1))
    database.migrate()
    with database.read() as connection:
        assert connection.execute(sa.select(schema.counter.c.n)).scalar() == 1


def test_only_its_owner_can_read_the_store_because_it_holds_the_keys(database: Database) -> None:
    with database.write() as connection:
        connection.execute(schema.counter.insert().values(name="x", n=1))
        files = list(database.path.parent.glob(f"{database.path.name}*"))
    assert len(files) == 3  # the database, its log and its index
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    def insert_twice() -> None:
        with database.write() as connection:
            for _ in range(2):
                connection.execute(schema.counter.insert().values(name="double", n=1))

    with pytest.raises(sa.exc.IntegrityError):
        insert_twice()
    with database.read() as connection:
        assert connection.execute(sa.select(schema.counter)).all() == []


def test_instants_keep_their_time_and_naive_ones_are_refused(database: Database) -> None:
    row = {"at": START, "kind": "alert", "data": {}}
    with database.write() as connection:
        connection.execute(schema.event.insert().values(**row))
        assert connection.execute(sa.select(schema.event.c.at)).scalar() == START

    def insert_naive() -> None:
        with database.write() as connection:
            naive = {**row, "at": START.replace(tzinfo=None)}
            connection.execute(schema.event.insert().values(**naive))

    with pytest.raises(sa.exc.StatementError, match="naive"):
        insert_naive()
