"""The rendered flight: its own truth holds together, and positions found in it are right."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from xunhe.codecs.mavlink.logs import decode_tlog
from xunhe.codecs.srt.poses import decode
from xunhe_tools.bench.patrol.course import MAGENTA, lens_of
from xunhe_tools.bench.patrol.measure import Recording, errors, measured_misalignment, record
from xunhe_tools.flight_renderer.camera import TrueCamera
from xunhe_tools.flight_renderer.flight import Flight
from xunhe_tools.flight_renderer.geodesy import Origin
from xunhe_tools.flight_renderer.ground import Thing, ground
from xunhe_tools.flight_renderer.path import along
from xunhe_tools.flight_renderer.telemetry import srt, tlog

LINE = ((0.0, 0.0), (45.0, 20.0), (60.0, 60.0))
SMALL = TrueCamera(480, 270, 333.0, (242.0, 133.0))
BEGAN_AT = datetime(2026, 5, 1, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def flight() -> Flight:
    things = tuple(
        Thing(east, north, 0.9, MAGENTA)
        for east, north in ((10.0, 4.0), (30.0, 18.0), (45.0, 15.0), (52.0, 40.0), (60.0, 75.0))
    )
    banks = ground(LINE, 24.0, 110.0, seed=3)
    return Flight(Origin(30.318, 119.412), along(LINE, 60.0, -90.0, 6.0), SMALL, banks, things)


@pytest.fixture(scope="module")
def nadir(flight: Flight) -> Recording:
    return record(flight)


@pytest.fixture(scope="module")
def oblique(flight: Flight) -> Recording:
    return record(replace(flight, path=along(LINE, 60.0, -45.0, 6.0)))


def test_what_is_drawn_lies_where_the_projection_says(nadir: Recording) -> None:
    apart = []
    for sighting in nadir.seen:
        true = nadir.flight.pixels_of(sighting.thing, sighting.time_s)
        assert true is not None
        apart.append(np.subtract(true, sighting.pixel))
    assert len(apart) > 20
    assert np.abs(np.mean(apart, axis=0)).max() < 0.3


def test_the_ground_moves_as_the_projection_says(nadir: Recording) -> None:
    camera, path = nadir.flight.camera, nadir.flight.path
    lens = lens_of(camera)
    motion = nadir.moved[1]  # on the first straight part
    before, after = path.at(motion.before_s), path.at(motion.after_s)
    assert before.yaw_deg == after.yaw_deg
    rays = lens.rays(motion.before)  # straight down: metres over height, right and forward
    turn = np.radians(before.yaw_deg)
    east = np.cos(turn) * rays[:, 0] - np.sin(turn) * rays[:, 1]
    north = -np.sin(turn) * rays[:, 0] - np.cos(turn) * rays[:, 1]
    points = np.column_stack([before.east_m + 60 * east, before.north_m + 60 * north, 0 * east])
    assert np.median(np.abs(camera.pixels(after, points) - motion.after)) < 0.5


def test_both_kinds_of_telemetry_tell_the_same_flight(flight: Flight) -> None:
    subtitles, log = decode(srt(flight, BEGAN_AT)), decode_tlog(tlog(flight, BEGAN_AT))
    assert subtitles.refusals == log.refusals == ()
    for one in log.poses[:: len(log.poses) // 7]:
        other = subtitles.poses[round(one.time_s * 30)]
        assert one.instant is not None
        assert other.instant is not None
        assert abs((one.instant - other.instant).total_seconds()) < 0.02
        assert one.lon_lat == pytest.approx(other.lon_lat, abs=2e-6)
        assert one.yaw_deg is not None
        assert other.yaw_deg is not None
        turned = (one.yaw_deg.value - other.yaw_deg.value + 180) % 360 - 180
        assert abs(turned) < 0.6


def test_a_thing_seen_straight_down_is_placed_within_a_metre_and_a_half(nadir: Recording) -> None:
    found = errors(nadir, nadir.poses)
    assert found.median_m < 0.3  # the goal is 1.5
    assert found.inside >= 0.95


def test_a_thing_seen_at_45_degrees_is_placed_within_five_metres(oblique: Recording) -> None:
    found = errors(oblique, oblique.poses)
    assert found.median_m < 0.6  # the goal is 5
    assert found.inside >= 0.95


@pytest.mark.parametrize("seed", [1, 2])
def test_an_estimated_offset_and_gimbal_bring_the_error_back(nadir: Recording, seed: int) -> None:
    found = measured_misalignment(nadir, seed)
    assert found["unaligned_m"] > 3
    assert found["aligned_m"] < 0.6
    assert abs(found["offset_missed_s"]) < 0.05


def test_the_same_seed_draws_the_same_ground() -> None:
    one, other = (ground(LINE, 24.0, 20.0, seed=3) for _ in range(2))
    assert np.array_equal(one.banks, other.banks)
