"""The bench of the pages: its county is a registry, its frames are signed as a buoy signs."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from xunhe.adapters import registry_file
from xunhe.adapters.store import devices, queries
from xunhe.adapters.store.database import Database
from xunhe_buoy import record as wire
from xunhe_tools.bench.web import buoy, county
from xunhe_tools.bench.web.fill import fill

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def test_the_county_is_a_consistent_registry(tmp_path: Path) -> None:
    county.write(tmp_path / "registry")
    registry = registry_file.load(tmp_path / "registry")
    assert (len(registry.stations), len(registry.reaches)) == (500, 250)
    assert list(registry.stations) == county.station_codes()
    assert len(buoy.ADDRESSES) == county.RIVERS
    assert all(registry.holder(post, NOW) for post in registry.posts)


def test_the_database_holds_what_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xunhe_tools.bench.web.fill.station_codes", lambda: ["S-R0-00-0"])
    database = Database(tmp_path / "bench.sqlite3")
    database.migrate()
    fill(database, 40, NOW, seed=1)
    with database.read() as connection:
        assert len(queries.tickets(connection, 100)) == 40
        assert len(queries.incidents(connection, 100)) == 40
        assert queries.latest(connection, "S-R0-00-0", ["ph"])["ph"].flag == 1
        station, address = next(iter(buoy.ADDRESSES.items()))
        enrolled = devices.find(connection, address)
    assert enrolled is not None
    assert enrolled.station == station
    database.close()


def test_a_frame_is_signed_and_says_that_the_water_is_polluted() -> None:
    station, address = next(iter(buoy.ADDRESSES.items()))
    frame = buoy.polluted_frame(station, 1_800_000_000)
    assert wire.is_signed(frame, buoy.KEY)
    head = wire.parse_head(frame)
    assert head.device.hex() == address
    (record,) = wire.decode_batch(frame, head)
    assert wire.unscale(record)["nh3n_mg_l"] == (3.2, wire.GOOD)
