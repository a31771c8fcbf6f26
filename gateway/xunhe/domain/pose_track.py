"""Poses over time, and the pose between two of them."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import hypot

from xunhe.domain.pose import Measured, Pose

_LONGEST_GAP_S = 3.0  # slow loggers write one pose a second; two may be missing
_ACCELERATION_M_S2 = 2.0  # of a drone that films: what a straight line between poses may miss
_TURN_DEG_S2 = 30.0  # the same of a gimbal


@dataclass(frozen=True, slots=True)
class PoseTrack:
    """Poses in strictly ascending `time_s`; `longest_gap_s` is the longest that is bridged."""

    poses: tuple[Pose, ...]
    longest_gap_s: float = _LONGEST_GAP_S

    @classmethod
    def of(cls, poses: Sequence[Pose]) -> "PoseTrack":
        """A track of poses in any order; of those at one time the first counts."""
        kept: list[Pose] = []
        for pose in sorted(poses, key=lambda one: one.time_s):
            if not kept or pose.time_s > kept[-1].time_s:
                kept.append(pose)
        if not kept:
            raise ValueError("a track has at least one pose")
        return cls(tuple(kept))

    def at(self, time_s: float) -> Pose | None:
        """The pose at a time; None outside the track and in gaps that are too long."""
        after = bisect_right(self.poses, time_s, key=lambda pose: pose.time_s)
        if after and self.poses[after - 1].time_s == time_s:
            return self.poses[after - 1]
        if after in (0, len(self.poses)):
            return None
        before, later = self.poses[after - 1], self.poses[after]
        if later.time_s - before.time_s > self.longest_gap_s:
            return None
        return _between(before, later, time_s)


def _between(before: Pose, later: Pose, time_s: float) -> Pose:
    gap_s = later.time_s - before.time_s
    since_s, left_s = time_s - before.time_s, later.time_s - time_s
    share = since_s / gap_s
    # A parabola leaves its chord by a t (T - t) / 2.
    missed_m = _ACCELERATION_M_S2 * since_s * left_s / 2
    missed_deg = _TURN_DEG_S2 * since_s * left_s / 2
    east_turn = _turned(later.longitude_deg - before.longitude_deg)
    sd_m = _mixed(before.position_sd_m, later.position_sd_m, share)

    def line(name: str, missed: float) -> Measured | None:
        return _blend(getattr(before, name), getattr(later, name), share, missed)

    return replace(
        before,
        time_s=time_s,
        instant=before.instant and before.instant + timedelta(seconds=since_s),
        latitude_deg=before.latitude_deg + share * (later.latitude_deg - before.latitude_deg),
        longitude_deg=_turned(before.longitude_deg + share * east_turn),
        position_sd_m=hypot(sd_m, missed_m),
        height_above_ground_m=line("height_above_ground_m", missed_m),
        height_above_sea_m=line("height_above_sea_m", missed_m),
        yaw_deg=_blend_angles(before.yaw_deg, later.yaw_deg, share, missed_deg),
        pitch_deg=line("pitch_deg", missed_deg),
        roll_deg=_blend_angles(before.roll_deg, later.roll_deg, share, missed_deg),
        horizontal_fov_deg=line("horizontal_fov_deg", 0.0),
    )


def _blend(
    before: Measured | None, later: Measured | None, share: float, missed: float
) -> Measured | None:
    if before is None or later is None:
        return None
    value = before.value + share * (later.value - before.value)
    return Measured(value, hypot(_mixed(before.sd, later.sd, share), missed))


def _blend_angles(
    before: Measured | None, later: Measured | None, share: float, missed: float
) -> Measured | None:
    """The short way round: from 359 to 1 lies 0 in the middle."""
    if before is None or later is None:
        return None
    value = before.value + share * _turned(later.value - before.value)
    return Measured(_turned(value), hypot(_mixed(before.sd, later.sd, share), missed))


def _mixed(before: float, later: float, share: float) -> float:
    """Of neighbouring poses errors are mostly the same: they do not average out."""
    return before + share * (later - before)


def _turned(angle_deg: float) -> float:
    """The same angle from -180 up to, not including, 180."""
    return (angle_deg + 180.0) % 360.0 - 180.0
