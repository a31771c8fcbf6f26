"""A release goes through a fleet in waves, and no further when too many come back."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from tests.gateway.web.console_server import NAME, PASSWORD, Served, add_administrator, serve
from tests.gateway.web.river_rows import REGISTRY
from xunhe.adapters.store import commands, devices, reports, rollouts
from xunhe.adapters.store.database import Database
from xunhe_tools import bundle
from xunhe_tools.buoy.update_rollout import Course, RolloutError, Tally, course, waves
from xunhe_tools.cli import app

STATIONS = sorted(REGISTRY.stations)[:3]
SEED = bytes(range(32))
fleets = st.lists(st.text("ABCS0123456789", min_size=1), min_size=1, max_size=40, unique=True)


@given(fleets, st.integers(1, 99), st.floats(0.1, 100), st.integers(1, 5))
def test_waves_hold_each_station_of_the_share_once(
    fleet: list[str], release: int, percent: float, first: int
) -> None:
    found = waves(fleet, release, percent, first)
    flat = [station for wave in found for station in wave]
    assert len(flat) == len(set(flat)) >= 1
    assert set(flat) <= set(fleet)
    assert len(flat) - 1 < len(fleet) * percent / 100 <= len(flat) + 1e-6
    assert len(found[0]) <= first
    assert all(len(b) <= 2 * len(a) for a, b in pairwise(found))
    assert found == waves(list(reversed(fleet)), release, percent, first)


@pytest.mark.parametrize("percent", [0, -1, 100.1])
def test_a_share_that_is_none_is_refused(percent: float) -> None:
    with pytest.raises(RolloutError, match="at most 100"):
        waves(["A"], 1, percent)


@pytest.mark.parametrize(
    ("good", "bad", "left", "expected"),
    [
        (1, 0, 2, Course.WAITING),
        (3, 0, 2, Course.NEXT),
        (3, 0, 0, Course.DONE),
        (1, 1, 2, Course.WAITING),
        (2, 1, 2, Course.NEXT),
        (1, 2, 2, Course.STOPPED),
        (0, 3, 0, Course.STOPPED),
    ],
)
def test_more_failures_than_allowed_stop_it(
    good: int, bad: int, left: int, expected: Course
) -> None:
    assert course(Tally(3, good, bad), left, most_failures=1) is expected


@pytest.fixture
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.chdir(tmp_path)  # the gateway's releases lie in its working folder
    monkeypatch.setenv("XUNHE_PASSWORD", PASSWORD)
    database = Database(tmp_path / "xunhe.sqlite3")
    database.migrate()
    with serve(database) as served:
        add_administrator(database, served.wall)
        with database.write() as connection:
            for i, station in enumerate(STATIONS):
                device = devices.Device(f"0200000000{i:02x}", station, bytes([i]) * 32)
                devices.enrol(connection, device, served.clock.now())
        yield served
    database.close()


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """Release 8 as it is carried."""
    made = b"a bundle of firmware"
    folder = tmp_path / "stick"
    bundle.publish(folder, bundle.sign(made, 8, "0.2.0", "esp32s3", SEED), made)
    return folder


def update(gateway: Served, stick: Path, *more: str) -> Result:
    line = ["buoy", "update", "8", "--folder", str(stick), "--gateway", gateway.url]
    return CliRunner().invoke(
        app, [*line, "--user", NAME, "--wait-s", "0", "--look-s", "0.1", "--yes", "--json", *more]
    )


def told(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return found


def offered(gateway: Served) -> dict[str, str]:
    with gateway.database.read() as connection:
        return {offer.station: offer.state for offer in rollouts.offers(connection, 8)}


def tell(gateway: Served, station: str, state: str, number: int) -> None:
    """The buoy of a station reports what became of release 8."""
    content = {"type": "event", "event": "update", "state": state, "release": 8}
    with gateway.database.write() as connection:
        device = devices.at_station(connection, station)
        assert device is not None
        now = gateway.clock.now()
        report = reports.Report(device.device, 1, number, station, now, content)
        reports.insert_report(connection, report)


def test_a_release_is_brought_and_offered_wave_by_wave(gateway: Served, stick: Path) -> None:
    first = update(gateway, stick)
    assert first.exit_code == 0, first.output
    assert told(first)["end"] == "waiting"
    (one,) = offered(gateway)
    with gateway.database.read() as connection:
        (command,) = commands.of_station(connection, one)
    assert command.content["update"]["signature"]
    tell(gateway, one, "staged", 1)
    assert told(update(gateway, stick))["states"][one]["state"] == "staged"
    tell(gateway, one, "confirmed", 2)
    assert len(told(update(gateway, stick))["states"]) == 3
    for other in set(offered(gateway)) - {one}:
        tell(gateway, other, "confirmed", 1)
    assert told(update(gateway, stick))["end"] == "done"


def test_a_rollback_too_many_ends_it_and_the_rest_of_the_fleet_hears_nothing(
    gateway: Served, stick: Path
) -> None:
    update(gateway, stick, "--max-failures", "0")
    (one,) = offered(gateway)
    tell(gateway, one, "rolled back", 1)
    result = update(gateway, stick, "--max-failures", "0")
    assert result.exit_code == 1
    assert told(result)["end"] == "stopped"
    assert offered(gateway) == {one: "rolled back"}


def test_only_the_named_station_gets_it_and_gets_it_once(gateway: Served, stick: Path) -> None:
    for _ in range(2):
        assert update(gateway, stick, "--station", STATIONS[1]).exit_code == 0
    with gateway.database.read() as connection:
        assert len(commands.of_station(connection, STATIONS[1])) == 1
    assert set(offered(gateway)) == {STATIONS[1]}


def test_a_plan_is_shown_and_nothing_is_brought_or_offered(gateway: Served, stick: Path) -> None:
    result = update(gateway, stick, "--dry-run", "--share", "50")
    assert [len(wave) for wave in told(result)["waves"]] == [1, 1]
    assert offered(gateway) == {}
    assert not Path("releases").exists()


def test_the_same_number_with_another_content_is_refused(gateway: Served, stick: Path) -> None:
    assert update(gateway, stick).exit_code == 0
    for path in stick.iterdir():
        path.unlink()
    made = b"another bundle"
    bundle.publish(stick, bundle.sign(made, 8, "0.2.0", "esp32s3", SEED), made)
    result = update(gateway, stick)
    assert result.exit_code == 1
    assert "take a greater number" in told(result)["happened"]
