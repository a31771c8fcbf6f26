"""A drone in the air: its poses and its pictures become a flight that grows until it has landed."""

import socket
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.gateway.conftest import StandingClock
from tests.gateway.drone.autopilot import Autopilot
from xunhe.adapters.camera.source import Arrived
from xunhe.adapters.drone.live_poses import LivePoses
from xunhe.adapters.flights.live_drone import LiveDrone
from xunhe.domain.flight import Flight
from xunhe.domain.pose import Measured, Pose
from xunhe.domain.registry import Registry
from xunhe.settings import LiveDroneSettings
from xunhe.vision.eyes import Eyes
from xunhe.vision.findings.water import Water
from xunhe.vision.georeference.assumptions import Assumed
from xunhe.vision.view import View
from xunhe_tools.flight_renderer.flight import Flight as Rendered
from xunhe_tools.virtual_river.drone import RIVER_M, Sortie, flown

BEGAN_S = 1_800_000_000.0
STEP_S = 0.8
DELAY_S = 0.6


@cache
def eyes() -> Eyes:
    return Eyes.load()


def pose(time_s: float, lon: float = 119.4, height_m: float | None = 60.0) -> Pose:
    height = Measured.known(height_m, 0.5)
    return Pose(time_s, None, 30.3, lon, 1.0, height, yaw_deg=Measured(90.0, 1.0))


def test_a_pose_is_found_by_the_time_at_which_it_came_in() -> None:
    poses = LivePoses(Assumed(pitch_deg=Measured(-90.0, 2.0)))
    for second in range(5):
        poses.take(pose(7.0, 119.4 + second * 1e-4), BEGAN_S + second)
    between = poses.at(BEGAN_S + 1.5)
    assert between is not None
    assert between.longitude_deg == pytest.approx(119.4 + 1.5e-4)
    assert between.pitch_deg is not None
    assert between.pitch_deg.value == -90.0, "what the telemetry lacks is assumed"
    assert poses.at(BEGAN_S + 4.5) is None, "the next pose has not come in yet"
    assert poses.newest is not None
    assert poses.newest.time_s == BEGAN_S + 4


def test_the_faster_it_flies_the_less_sure_is_its_place() -> None:
    """A stream is some tenths of a second late, and nobody knows how many."""

    def unsure_m(step: float) -> float:
        poses = LivePoses(Assumed())
        for second in range(4):
            poses.take(pose(0.0, 119.4 + second * step), BEGAN_S + second)
        found = poses.at(BEGAN_S + 2)
        assert found is not None
        return found.position_sd_m

    assert unsure_m(0.0) == pytest.approx(1.0)
    assert unsure_m(1e-4) == pytest.approx(3.06, abs=0.1)  # 9.6 m/s for 0.3 s


def test_old_poses_are_forgotten() -> None:
    poses = LivePoses(Assumed())
    poses.take(pose(0.0), BEGAN_S)
    poses.take(pose(0.0), BEGAN_S + 21)
    assert poses.at(BEGAN_S) is None


@dataclass
class Told:
    """What went to the desk."""

    flights: list[tuple[Flight, dict[str, bytes], bool]] = field(default_factory=list)

    def __call__(self, flight: Flight, pictures: Any, is_flying: bool) -> None:
        self.flights.append((flight, dict(pictures), is_flying))


@dataclass
class Air:
    """A rendered flight as it comes in live; time goes on with its pictures."""

    rendered: Rendered
    seconds: list[float]
    at_s: float = BEGAN_S
    drone: LiveDrone | None = None

    def now_s(self) -> float:
        return self.at_s

    def stream(self) -> Generator[Arrived, None, None]:
        for time_s, picture in self.rendered.frames(self.seconds):
            self.at_s = BEGAN_S + time_s + DELAY_S
            luma = np.zeros((90, 160), np.uint8)
            view = View(self.at_s, luma, lambda shown=picture: shown, True)
            yield Arrived(self.at_s, self.at_s, view, True)

    def fly(self, until_s: float) -> None:
        """All poses of the flight, each at its time."""
        assert self.drone is not None
        for step in range(int(until_s / 0.2) + 10):
            second = step * 0.2
            true = self.rendered.path.at(second)
            where = (true.east_m, true.north_m, true.up_m)
            latitude, longitude = self.rendered.origin.degrees(where)
            self.drone._poses.take(
                Pose(
                    0.0,
                    None,
                    latitude,
                    longitude,
                    1.0,
                    Measured(true.up_m, 0.5),
                    yaw_deg=Measured(true.yaw_deg, 1.0),
                    pitch_deg=Measured(true.pitch_deg, 0.5),
                ),
                BEGAN_S + second,
            )
        self.drone._aloft_s = BEGAN_S + until_s


def settings(port: int = 0) -> LiveDroneSettings:
    return LiveDroneSettings(
        code="D1",
        name="一号机",
        reach="BJ-1",
        url="rtmp://192.0.2.1/live",
        mavlink_host="127.0.0.1",
        mavlink_port=port,
        delay_s=DELAY_S,
    )


def drone_of(registry: Registry, told: Told, air: Air | None = None) -> LiveDrone:
    reach = registry.reaches["BJ-1"]
    air = air or Air(flown(Sortie(reach.line[:2], 7, datetime.fromtimestamp(BEGAN_S, UTC))), [])
    return LiveDrone(
        settings(),
        reach,
        Water.along(reach.line, RIVER_M),
        eyes,
        StandingClock(),
        told,
        air.stream,
        air.now_s,
    )


def test_litter_is_told_while_it_flies_and_the_whole_once_it_has_landed(registry: Registry) -> None:
    start, end = registry.reaches["BJ-1"].line[:2]
    line = (start, tuple(a + 0.5 * (b - a) for a, b in zip(start, end, strict=True)))
    rendered = flown(Sortie(line, 7, datetime.fromtimestamp(BEGAN_S, UTC)))
    begin_s = _over_the_heap_s(rendered) - 2.5
    air = Air(rendered, [begin_s + i * STEP_S for i in range(6)])
    told = Told()
    air.drone = drone_of(registry, told, air)
    air.fly(air.seconds[-1])
    for _ in air.seconds:
        air.drone.watch()
    flying, pictures, is_flying = told.flights[-1]
    assert is_flying
    assert [one.kind.value for one in flying.findings] == ["litter"]
    assert flying.findings[0].count >= 3
    assert list(pictures) == [flying.findings[0].id]
    assert flying.coverage is None, "that is known once it has landed"
    air.at_s += 60
    air.drone.watch()
    landed, _, is_flying = told.flights[-1]
    assert not is_flying
    assert landed.id == flying.id
    assert next(one.id for one in landed.findings) == flying.findings[0].id
    assert landed.coverage is not None
    assert 15 < landed.coverage.seen_m < 110
    litter = [one.count for one in landed.findings if one.kind.value == "litter"]
    assert sum(one.count for one in landed.density) == sum(litter)
    count = len(told.flights)
    air.drone.watch()
    assert len(told.flights) == count, "it lands once"
    air.drone.close()


def _over_the_heap_s(rendered: Rendered) -> float:
    """When it is nearest to the first piece of litter."""
    piece = rendered.patches[0]
    seconds = np.arange(0, rendered.path.lasts_s, 0.2)
    poses = [rendered.path.at(float(second)) for second in seconds]
    apart = [np.hypot(one.east_m - piece.east_m, one.north_m - piece.north_m) for one in poses]
    return float(seconds[int(np.argmin(apart))])


def test_mavlink_moves_it_on_the_map_and_only_aloft_it_flies(registry: Registry) -> None:
    drone = drone_of(registry, Told())
    autopilot = Autopilot()
    assert drone.mover() is None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for boot_ms, height_m in ((1000, 2.0), (1200, 60.0)):
            out.sendto(
                autopilot.clock(boot_ms, int(BEGAN_S * 1e6) + 1000 * boot_ms)
                + autopilot.position(boot_ms, 30.31, 119.43, height_m),
                ("127.0.0.1", drone.mavlink_port),
            )
            drone.listen()
            assert drone._is_flying() is (height_m == 60.0)
    mover = drone.mover()
    assert mover is not None
    assert (mover.code, mover.kind, mover.height_above_ground_m) == ("D1", "drone", 60.0)
    assert mover.lon_lat == pytest.approx((119.43, 30.31))
    assert mover.at == datetime.fromtimestamp(BEGAN_S, UTC)
    drone.close()
