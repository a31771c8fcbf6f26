"""A buoy is replaced: the new one is the station from an instant on, and nothing is lost."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.stores import migrated_file
from xunhe.adapters.frames import check_serving, problem_of
from xunhe.adapters.store import devices
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.devices import AlreadyElsewhereError, Device
from xunhe.adapters.unusable import UnusableError
from xunhe.domain.observation import Sample
from xunhe.domain.rejection import Reason
from xunhe_buoy import record as wire

AT = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
OLD, NEW, KEY = "a0a0a0a0a0a0", "b0b0b0b0b0b0", b"k" * 32


@pytest.fixture
def database(tmp_path: Path) -> Database:
    found = Database(migrated_file(tmp_path / "x.sqlite3"))
    with found.write() as connection:
        devices.enrol(connection, Device(OLD, "YX-S1", KEY), AT - timedelta(days=90))
    return found


def replaced(database: Database, successor: Device) -> tuple[str, ...]:
    with database.write() as connection:
        return devices.replace(connection, successor, AT)


def test_the_new_device_serves_and_the_old_one_has_left(database: Database) -> None:
    assert replaced(database, Device(NEW, "YX-S1", b"n" * 32)) == (OLD,)
    with database.read() as connection:
        serving, old = devices.at_station(connection, "YX-S1"), devices.find(connection, OLD)
        history = devices.services(connection, "YX-S1")
    assert serving == Device(NEW, "YX-S1", b"n" * 32)
    assert old == Device(OLD, "YX-S1", KEY, AT)
    assert [(one.device, one.left_at) for one in history] == [(NEW, None), (OLD, AT)]


def test_a_device_that_serves_elsewhere_is_not_taken_from_there(database: Database) -> None:
    with pytest.raises(AlreadyElsewhereError, match="YX-S1"):
        replaced(database, Device(OLD, "YX-S2", KEY))
    with database.read() as connection:
        assert devices.find(connection, OLD) == Device(OLD, "YX-S1", KEY)


def test_a_device_that_was_replaced_may_serve_elsewhere_afterwards(database: Database) -> None:
    replaced(database, Device(NEW, "YX-S1", KEY))
    assert replaced(database, Device(OLD, "YX-S2", KEY)) == ()
    with database.read() as connection:
        assert devices.find(connection, OLD) == Device(OLD, "YX-S2", KEY)


def test_the_same_device_with_a_new_key_stays(database: Database) -> None:
    assert replaced(database, Device(OLD, "YX-S1", b"n" * 32)) == ()
    with database.read() as connection:
        assert devices.find(connection, OLD) == Device(OLD, "YX-S1", b"n" * 32)


@pytest.mark.parametrize(("seconds", "is_refused"), [(-1, False), (0, True), (1, True)])
def test_what_the_old_one_measured_before_still_counts(seconds: int, is_refused: bool) -> None:
    reading = wire.Record(1, 7, int(AT.timestamp()) + seconds, (), ())
    sample = Sample("YX-S1", AT + timedelta(seconds=seconds), {})
    found = problem_of(reading, sample, False, AT + timedelta(hours=1), AT)
    assert (found is not None and found[0] is Reason.WRONG_STATION) is is_refused


def test_reports_of_a_device_that_has_left_are_set_aside() -> None:
    check_serving(Device(NEW, "YX-S1", KEY))
    with pytest.raises(UnusableError, match="left YX-S1"):
        check_serving(Device(OLD, "YX-S1", KEY, AT))
