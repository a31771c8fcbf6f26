"""Poses between poses."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunhe.domain.pose import Measured, Pose
from xunhe.domain.pose_track import PoseTrack

BEGIN = datetime(2026, 5, 1, 2, 0, tzinfo=UTC)


def pose(time_s: float, yaw_deg: float = 0.0, lon: float = 119.0, height_m: float = 60.0) -> Pose:
    return Pose(
        time_s,
        BEGIN + timedelta(seconds=time_s),
        30.0,
        lon,
        1.5,
        height_above_ground_m=Measured(height_m, 0.5),
        yaw_deg=Measured(yaw_deg, 3.0),
    )


def test_a_pose_of_the_track_is_given_as_it_is() -> None:
    track = PoseTrack.of([pose(1.0), pose(0.0)])
    assert track.at(1.0) == pose(1.0)


def test_between_two_poses_lies_the_line() -> None:
    found = PoseTrack.of([pose(0.0), pose(1.0, lon=119.001, height_m=62.0)]).at(0.25)
    assert found is not None
    assert found.longitude_deg == pytest.approx(119.00025)
    assert found.instant == BEGIN + timedelta(seconds=0.25)
    assert found.height_above_ground_m is not None
    assert found.height_above_ground_m.value == pytest.approx(60.5)


@pytest.mark.parametrize(
    ("before", "after", "half"), [(350, 10, 0), (10, 350, 0), (170, -170, -180)]
)
def test_angles_take_the_short_way_round(before: float, after: float, half: float) -> None:
    found = PoseTrack.of([pose(0.0, before), pose(1.0, after)]).at(0.5)
    assert found is not None
    assert found.yaw_deg is not None
    assert found.yaw_deg.value == pytest.approx(half)


def test_a_pose_between_is_less_sure_than_its_neighbours() -> None:
    near, far = (PoseTrack.of([pose(0.0), pose(gap_s)]).at(gap_s / 2) for gap_s in (0.04, 2.0))
    assert near is not None
    assert far is not None
    assert near.position_sd_m == pytest.approx(1.5, abs=0.01)
    assert far.position_sd_m == pytest.approx(1.8, abs=0.01)


@pytest.mark.parametrize(("gap_s", "is_bridged"), [(2.9, True), (3.0, True), (3.1, False)])
def test_a_gap_is_bridged_up_to_three_seconds(gap_s: float, is_bridged: bool) -> None:
    assert (PoseTrack.of([pose(0.0), pose(gap_s)]).at(1.0) is not None) is is_bridged


@pytest.mark.parametrize("time_s", [-0.01, 1.01])
def test_there_is_no_pose_outside_the_track(time_s: float) -> None:
    assert PoseTrack.of([pose(0.0), pose(1.0)]).at(time_s) is None


@given(st.lists(st.floats(0, 100), min_size=1, max_size=20), st.floats(-1, 101))
def test_any_track_gives_a_pose_of_the_time_or_none(times: list[float], time_s: float) -> None:
    found = PoseTrack.of([pose(one) for one in times]).at(time_s)
    assert found is None or found.time_s == pytest.approx(time_s)


@pytest.mark.parametrize(
    "wrong",
    [{"latitude_deg": 90.1}, {"longitude_deg": -180.1}, {"position_sd_m": float("nan")}],
)
def test_an_impossible_pose_cannot_be(wrong: dict[str, float]) -> None:
    usual = {"latitude_deg": 30.0, "longitude_deg": 119.0, "position_sd_m": 1.0}
    with pytest.raises(ValueError, match="not"):
        Pose(0.0, None, **{**usual, **wrong})
