"""The PostgreSQL server behind the store: killed, started again, set up otherwise."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests import stores
from tests.gateway.conftest import START
from tests.gateway.store.readings import reading, stored
from xunhe.adapters.store import schema
from xunhe.adapters.store.address import UnreachableError
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.keeping import keep_all
from xunhe_tools.private_postgres import PrivatePostgres


@pytest.fixture
def province(postgres_url: str) -> Iterator[Database]:
    database = Database(postgres_url)
    yield database
    database.close()


def test_what_was_committed_is_there_after_the_server_was_killed_and_the_rest_is_not(
    province: Database, postgres: PrivatePostgres
) -> None:
    with province.append() as connection:
        keep_all(connection, [reading(1)], START)

    def die_before_the_commit() -> None:
        with province.append() as connection:
            keep_all(connection, [reading(2)], START)
            postgres.stop(signal.SIGKILL)
            keep_all(connection, [reading(3)], START)

    try:
        with pytest.raises(sa.exc.OperationalError):  # what the intake tries again
            die_before_the_commit()
        with pytest.raises(sa.exc.OperationalError), province.write():
            pass
    finally:
        postgres.start()
    assert stored(province).keys() == {reading(1).key}
    with province.append() as connection:
        assert keep_all(connection, [reading(2)], START).new == (reading(2),)


def test_a_commit_waits_for_the_disk_even_where_the_server_would_not(
    province: Database, postgres_url: str
) -> None:
    with province.write() as connection:
        name = sa.make_url(postgres_url).database
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    again = Database(postgres_url)
    with again.append() as appending, again.write() as writing:
        for connection in (appending, writing):
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
    again.close()


def test_text_with_a_nul_is_kept_without_it(province: Database) -> None:
    with province.write() as connection:
        connection.execute(schema.counter.insert().values(name="a\0b", n=1))
        assert connection.execute(sa.select(schema.counter.c.name)).scalar() == "a\ufffdb"


def test_gateways_that_start_together_migrate_once(postgres: PrivatePostgres) -> None:
    stores.create(postgres, "together")
    url = postgres.url("together")
    with ThreadPoolExecutor(2) as pool:
        for database in pool.map(Database.open, (url, url)):
            database.close()


def test_a_server_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match=r"postgresql://xunhe@/river.*failed"):
        Database.open(f"postgresql://xunhe@/river?host={tmp_path}")
