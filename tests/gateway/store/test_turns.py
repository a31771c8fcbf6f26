"""Many processes at one PostgreSQL: one writes at a time, the others append and read meanwhile."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
import sqlalchemy as sa

from tests.gateway.conftest import START
from tests.gateway.store.readings import reading, stored
from xunhe.adapters.store import desk_log, queries, schema
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.events import emit
from xunhe.adapters.store.keeping import keep_all
from xunhe.desk.log import Flaw


@pytest.fixture
def workers(postgres_url: str) -> Iterator[list[Database]]:
    """Two workers, each with connections of its own."""
    found = [Database(postgres_url) for _ in range(2)]
    yield found
    for database in found:
        database.close()


def test_a_writer_sees_what_the_one_before_has_committed(workers: list[Database]) -> None:
    one, other = workers
    waiting, done = Event(), Event()

    def second() -> int | None:
        waiting.set()
        with other.write() as connection:
            assert done.is_set()
            newest = desk_log.last(connection)
            return None if newest is None else newest.seq

    with ThreadPoolExecutor(1) as pool:
        with one.write() as connection:
            found = pool.submit(second)
            assert waiting.wait(10)
            desk_log.append(connection, START, "office", "note", "ticket:1", {})
            done.set()
        assert found.result(10) == 1


def test_the_chain_holds_and_events_are_in_the_order_of_their_commits(
    workers: list[Database],
) -> None:
    entries = 40

    def work(database: Database) -> None:
        for n in range(entries):
            at = START + timedelta(seconds=n)
            with database.write() as connection:
                entry = desk_log.append(connection, at, "office", "note", f"ticket:{n}", {"n": n})
                emit(connection, "ticket", {"seq": entry.seq}, at)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, workers))
    with workers[0].read() as connection:
        assert desk_log.first_flaw(connection) is None
        events = queries.events_after(connection, 0, 100)
        told = [entry.seq for entry in desk_log.entries(connection)]
    assert [row.data["seq"] for row in events] == told == list(range(1, 2 * entries + 1))


def test_who_appends_or_reads_does_not_wait_for_the_writer(workers: list[Database]) -> None:
    one, other = workers
    with one.write() as connection:
        desk_log.append(connection, START, "office", "note", "ticket:1", {})
        with other.append() as appending:
            appending.exec_driver_sql("SET LOCAL lock_timeout = '1s'")
            keep_all(appending, [reading(1)], START)
        assert stored(other).keys() == {reading(1).key}


def test_a_turn_that_does_not_come_is_the_stores_failure_and_nothing_else(
    postgres_url: str, workers: list[Database]
) -> None:
    impatient = Database(f"{postgres_url}&options=-c%20lock_timeout%3D50")
    with workers[0].write(), pytest.raises(sa.exc.OperationalError), impatient.write():
        pass
    impatient.close()
    with workers[1].write() as connection:
        assert desk_log.last(connection) is None


def test_a_reader_cannot_write(workers: list[Database]) -> None:
    def write() -> None:
        with workers[0].read() as connection:
            connection.execute(schema.counter.insert().values(name="x", n=1))

    with pytest.raises(sa.exc.InternalError, match="read-only"):
        write()


def test_a_change_by_the_owner_of_the_tables_is_found_at_its_row(workers: list[Database]) -> None:
    with workers[0].write() as connection:
        for n in range(3):
            desk_log.append(connection, START, "office", "note", f"ticket:{n}", {})
    with workers[1].append() as connection:
        connection.exec_driver_sql("ALTER TABLE desk_log DISABLE TRIGGER ALL")
        connection.exec_driver_sql("UPDATE desk_log SET actor = 'offica' WHERE seq = 2")
    with workers[0].read() as connection:
        flaw = desk_log.first_flaw(connection)
    assert flaw is not None
    assert (flaw.seq, flaw.flaw) == (2, Flaw.CONTENT)
