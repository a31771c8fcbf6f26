"""The desk on the engine that a province has: several workers, one store."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.gateway.conftest import Buoy
from tests.province.conftest import LAND, ONE, Desk, Sender
from tests.province.test_steps import open_alerts, over, raised
from xunhe.adapters.province.duty import Duty
from xunhe.adapters.store.database import Database


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    opened = Database(postgres_url)
    yield opened
    opened.close()


def test_four_workers_with_the_same_parcels_keep_each_reading_once(
    desk: Desk, sender: Sender
) -> None:
    buoys = [Buoy(one.station, one.address, one.key) for one in LAND.buoys_of(ONE)]
    batch = [sender.frame(buoy, count=10) for buoy in buoys for _ in range(5)]
    workers = [Desk(desk.database, desk.registry) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(worker.intake.take, batch) for worker in workers]
        receipts = [each.result() for each in done]
    assert all(ONE in each for each in receipts)
    assert (desk.count("record"), desk.count("rejected")) == (150, 0)


def test_four_workers_with_the_same_finding_open_one_ticket(desk: Desk, sender: Sender) -> None:
    carried = sender.parcel(*raised(sender))
    workers = [Desk(desk.database, desk.registry) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(worker.intake.take, [carried]) for worker in workers]:
            each.result()
    assert [desk.count(table) for table in ("incident", "alert", "ticket")] == [1, 1, 1]


def test_an_old_copy_of_a_finding_changes_nothing(desk: Desk, sender: Sender) -> None:
    """psycopg counts no rows of an INSERT … ON CONFLICT: the first copy must not be taken for one
    that was there."""
    first = sender.parcel(*raised(sender))
    desk.intake.take([first])
    desk.intake.take([sender.parcel(*over())])
    desk.intake.take([first])
    assert (desk.count("alert"), open_alerts(desk)) == (1, 0)


def test_one_worker_is_on_duty_and_another_when_it_has_gone(database: Database) -> None:
    now_s = 0.0
    first, second = (Duty(database, lambda: now_s) for _ in range(2))
    assert (first.is_mine(), second.is_mine()) == (True, False)
    first.close()
    now_s = 2.0
    assert second.is_mine()
    second.close()


def test_nobody_is_on_duty_whose_connection_the_server_has_ended(database: Database) -> None:
    now_s = 0.0
    duty, other = (Duty(database, lambda: now_s) for _ in range(2))
    assert duty.is_mine()
    with database.read() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        )
    now_s = 2.0
    assert not duty.is_mine()
    assert other.is_mine()
    other.close()
