"""A drone over the virtual river, live: real media servers, MAVLink by UDP, the console's map."""

import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from math import dist
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.gateway.flights.sky import Sky, by_rtmp, by_rtsp
from tests.gateway.web.console_server import serve
from tests.gateway.web.river_rows import REGISTRY, opened
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.flights.intake import FlightBook
from xunhe.adapters.flights.live_drones import LiveDrones
from xunhe.adapters.proof import Keeper
from xunhe.adapters.rules_file import shipped
from xunhe.adapters.store import flights
from xunhe.adapters.store.database import Database
from xunhe.domain.clock import SystemClock
from xunhe.parts import start_drones
from xunhe.settings import DroneSettings, LiveDroneSettings, VisionSettings
from xunhe.supervisor import Supervisor
from xunhe_tools.virtual_river.drone import RIVER_M, Sortie, flown

REACH = "BJ-1"
FRAMES_PER_S = 2
PATIENCE_S = 100.0  # of a busy machine: the film begins again until something was seen


def short_flight() -> Sky:
    """Some 24 m at 2 m/s over three heaps of litter."""
    start, end = REGISTRY.reaches[REACH].line[:2]
    line = (start, tuple(a + 0.08 * (b - a) for a, b in zip(start, end, strict=True)))
    return Sky(flown(Sortie(line, 7, datetime(2026, 5, 1, tzinfo=UTC), speed_m_s=2.0)))


def watching(database: Database, evidence: EvidenceStore, url: str, folder: Path) -> LiveDrones:
    keeper = Keeper(Budget(database, evidence, 1 << 26))
    book = FlightBook(database, REGISTRY, SystemClock(), keeper, shipped())
    drone = LiveDroneSettings(
        code="D1",
        name="一号机",
        reach=REACH,
        url=url,
        mavlink_host="127.0.0.1",
        mavlink_port=0,
        delay_s=0.1,
        width_m=RIVER_M,
    )
    drones = DroneSettings(live=(drone,))
    return LiveDrones(drones, VisionSettings(stalled_after_s=4), book, lambda: None, folder)


def seen_on_map(client: httpx.Client, until: Callable[[list[Any]], bool]) -> list[Any]:
    """What the map page asks for, as soon as it is so."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found: list[Any] = client.get("/map/states.json").raise_for_status().json()["findings"]
        if until(found):
            return found
        time.sleep(0.3)
    raise AssertionError(f"not on the map within {PATIENCE_S:g} s")


@pytest.mark.parametrize(
    "pictures", [by_rtmp, pytest.param(by_rtsp, marks=pytest.mark.slow)], ids=["rtmp", "rtsp"]
)
def test_litter_is_on_the_map_while_the_drone_flies(pictures: Any, tmp_path: Path) -> None:
    sky, database = short_flight(), opened(tmp_path)
    evidence = EvidenceStore(tmp_path / "evidence")
    with ExitStack() as stack:
        url = stack.enter_context(pictures(sky, tmp_path, FRAMES_PER_S))
        drones = watching(database, evidence, url, tmp_path)
        served = stack.enter_context(serve(database, evidence=evidence, movers=drones.movers))
        parts = Supervisor()
        start_drones(parts, drones, stack)
        stack.callback(parts.stop)
        stack.enter_context(sky.heard_on(drones.each[0].mavlink_port))
        with served.client() as client:
            found = seen_on_map(client, bool)
            (mover,) = client.get("/api/v1/map/moving").json()["features"]
            (flying,) = client.get("/api/v1/flights").json()
    with closing(database), database.read() as connection:
        (landed,) = flights.newest(connection, None, 2)
    assert flying["is_flying"]
    assert mover["properties"]["code"] == "D1"
    assert found[0]["kind"] == "floating_litter"
    lon, lat = found[0]["at"]
    place = sky.flight.origin.metres(lat, lon)
    heaps = [(patch.east_m, patch.north_m) for patch in sky.flight.patches[:15]]
    assert min(dist(place, heap) for heap in heaps) < 8.0
    assert not landed.is_flying, "the gateway stopped: the flight is told as it stands"
    assert landed.flight.coverage is not None
    assert landed.flight.coverage.seen_m > 10
