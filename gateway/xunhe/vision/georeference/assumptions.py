"""What telemetry does not say, filled in by what somebody assumes, as unsure as assumptions are.

Many subtitles have no attitude: the drone then most likely looked where it flew.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import atan2, degrees, hypot

from xunhe.domain.pose import Measured, Pose
from xunhe.vision.georeference.earth import offset_m

_MOVES_M = 3.0  # below this way, rounding and noise hide the course
_COURSE_SD_DEG = 15.0


_LEVEL = Measured(0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Assumed:
    """For what the telemetry lacks; None leaves it unknown."""

    pitch_deg: Measured | None = None
    roll_deg: Measured | None = _LEVEL
    height_above_ground_m: Measured | None = None
    yaw_is_course: bool = True


def completed(poses: Sequence[Pose], assumed: Assumed) -> tuple[Pose, ...]:
    """The poses in ascending time, each gap filled; what the telemetry says stays."""
    courses = _courses(poses) if assumed.yaw_is_course else [None] * len(poses)
    return tuple(
        replace(
            pose,
            yaw_deg=pose.yaw_deg or course,
            pitch_deg=pose.pitch_deg or assumed.pitch_deg,
            roll_deg=pose.roll_deg or assumed.roll_deg,
            height_above_ground_m=pose.height_above_ground_m or assumed.height_above_ground_m,
        )
        for pose, course in zip(poses, courses, strict=True)
    )


def _courses(poses: Sequence[Pose]) -> list[Measured | None]:
    """The way on which each pose was reached; while it stands still, the last one."""
    courses: list[Measured | None] = []
    since, course = 0, None
    for pose in poses:
        east_m, north_m = offset_m(pose.lon_lat, poses[since].lon_lat)
        if hypot(east_m, north_m) >= _MOVES_M:
            course = Measured(degrees(atan2(east_m, north_m)) % 360, _COURSE_SD_DEG)
            since = len(courses)
        courses.append(course)
    return courses
