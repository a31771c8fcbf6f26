"""The estimated offset: from motions that are computed, not rendered."""

from dataclasses import replace

import numpy as np
import pytest

from tests.gateway.drone.test_georeference import looking
from xunhe.domain.pose import Measured, Pose
from xunhe.domain.pose_track import PoseTrack
from xunhe.vision.georeference.aligned_track import AlignedTrack
from xunhe.vision.georeference.alignment import Alignment, align
from xunhe.vision.georeference.earth import moved, offset_m
from xunhe.vision.georeference.image_motion import Motion, motions
from xunhe.vision.georeference.lens import Lens
from xunhe.vision.georeference.placing import View, WaterPlane

LENS = Lens.of_view(960, 540, Measured(70.0, 0.5))
WATER = WaterPlane(Measured(0.0, 0.0))


def flown(is_steady: bool) -> list[Pose]:
    """Twenty seconds; at one speed, or slower and faster with a turn."""
    poses = []
    for i in range(201):
        time_s = i / 10
        way_m = 5 * time_s if is_steady else 5 * time_s + 8 * np.sin(time_s)
        yaw_deg = 0.0 if is_steady else 20 * np.sin(time_s / 2)
        lon, lat = moved((119.0, 30.0), 0.0, float(way_m))
        poses.append(
            replace(
                looking(-70.0, yaw_deg=float(yaw_deg)),
                time_s=time_s,
                instant=None,
                longitude_deg=lon,
                latitude_deg=lat,
            )
        )
    return poses


def seen_by(poses: list[Pose]) -> list[Motion]:
    """What a grid of fixed points does between poses half a second apart."""
    grid = np.stack(np.meshgrid(np.arange(60, 960, 120), np.arange(60, 540, 120)), -1)
    pixels = grid.reshape(-1, 2).astype(np.float64)
    found = []
    for one, other in zip(poses[:-5:5], poses[5::5], strict=True):
        first, second = View.of(one, LENS, WATER), View.of(other, LENS, WATER)
        assert isinstance(first, View)
        assert isinstance(second, View)
        ground = first.ground_m(pixels) - offset_m(other.lon_lat, one.lon_lat)
        found.append(Motion(one.time_s, other.time_s, pixels, second.pixels(ground)))
    return found


def aligned(
    poses: list[Pose], seen: list[Motion], offset_s: float = 0.0, pitch_deg: float = 0.0
) -> Alignment:
    """With telemetry that is late by an offset and a gimbal that tells the pitch too high."""
    wrong = [
        replace(
            pose,
            time_s=pose.time_s + offset_s,
            pitch_deg=Measured(-70.0 + pitch_deg, 0.5),
        )
        for pose in poses
    ]
    found = align(wrong, seen, LENS, WATER)
    assert found is not None
    return found


@pytest.mark.parametrize("offset_s", [-2.0, -0.3, 0.0, 1.0, 3.0])
def test_an_offset_is_found(offset_s: float) -> None:
    poses = flown(is_steady=False)
    found = aligned(poses, seen_by(poses), offset_s)
    assert found.offset_s.value == pytest.approx(offset_s, abs=0.02)
    assert found.offset_s.sd < 0.1
    assert found.residual_px[1] <= found.residual_px[0]


def test_an_offset_and_a_wrong_pitch_are_found_together() -> None:
    poses = flown(is_steady=False)
    found = aligned(poses, seen_by(poses), 1.0, 2.0)
    assert found.offset_s.value == pytest.approx(1.0, abs=0.03)
    assert found.pitch_deg.value == pytest.approx(-2.0, abs=0.1)
    pitch = found.corrected(replace(poses[0], pitch_deg=Measured(-68.0, 0.5))).pitch_deg
    assert pitch is not None
    assert pitch.value == pytest.approx(-70.0, abs=0.1)


def test_at_a_steady_speed_an_offset_cannot_be_seen_and_that_is_told() -> None:
    poses = flown(is_steady=True)
    found = aligned(poses, seen_by(poses), 1.0)
    assert found.offset_s.sd > 1.0


def test_a_third_of_points_that_drift_with_the_water_changes_little() -> None:
    poses = flown(is_steady=False)
    seen = seen_by(poses)
    for motion in seen:
        motion.after[::3] += (6.0, -3.0)
    found = aligned(poses, seen, 1.0)
    assert found.offset_s.value == pytest.approx(1.0, abs=0.1)


def test_a_picture_finds_its_pose_by_the_offset_and_an_unsure_one_costs_position() -> None:
    track = PoseTrack.of(flown(is_steady=True))  # 5 m/s
    nothing = Measured(0.0, 0.1)
    late = Alignment(Measured(1.0, 0.4), nothing, nothing, nothing, nothing, (1.0, 0.1), 500)
    pose = AlignedTrack(track, late).at(2.0)
    assert pose is not None
    assert pose.lon_lat == track.poses[30].lon_lat
    assert pose.position_sd_m == pytest.approx(2.5, abs=0.01)  # 1.5 and 0.4 s of 5 m/s
    assert AlignedTrack(track, late).at(19.5) is None
    assert AlignedTrack(track).at(2.0) == track.poses[20]


def test_too_few_points_or_no_attitude_give_no_alignment() -> None:
    poses = flown(is_steady=False)
    seen = seen_by(poses)
    assert align(poses, seen[:2], LENS, WATER) is None
    assert align(poses, [], LENS, WATER) is None
    assert align([replace(pose, yaw_deg=None) for pose in poses], seen, LENS, WATER) is None


def test_a_picture_that_is_shifted_moves_by_its_shift() -> None:
    draw = np.random.default_rng(1)
    noise = draw.integers(0, 255, (150, 200), np.uint8)
    scene = np.kron(noise, np.ones((3, 3), np.uint8))
    (motion,) = motions([(0.0, scene[20:380, 20:520]), (0.5, scene[15:375, 8:508])])
    apart = motion.after - motion.before
    assert np.median(apart, axis=0).tolist() == pytest.approx([12.0, 5.0], abs=0.1)


def test_a_picture_without_a_corner_has_no_motion() -> None:
    blank = np.full((100, 100), 128, np.uint8)
    assert list(motions([(0.0, blank), (0.5, blank)])) == []
