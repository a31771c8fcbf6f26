"""GPX tracks as poses: a phone's on a walk, a drone's without a camera's attitude.

Read by gpxpy. Points of all tracks and segments in the order of time; those without a time tell
where somebody was, but not when, and are refused.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import gpxpy
from gpxpy.gpx import GPXException, GPXTrackPoint

from xunhe.domain.pose import Measured, Pose
from xunhe.domain.telemetry import Refusal, Telemetry, TelemetryError

_PHONE_SD_M = 5.0  # where the file says nothing
_SD_PER_HDOP_M = 3.0  # of a phone
_ABOVE_SEA_SD_M = 10.0


def decode(text: str) -> Telemetry:
    """The points of a GPX file. TelemetryError where it is none or has no point with a time."""
    try:
        tree = gpxpy.parse(text)
    except (GPXException, ValueError) as error:
        line = getattr(error.__cause__ or error, "lineno", None)
        why = str(error).partition("\n")[0]
        raise TelemetryError([Refusal(f"不是 GPX：{why}", f"no GPX: {why}", line)]) from error
    points = [point for track in tree.tracks for part in track.segments for point in part.points]
    timed = sorted((point for point in points if point.time), key=_instant)
    without = len(points) - len(timed)
    refusals = [] if without == 0 else [_untimed(without)]
    if not timed:
        raise TelemetryError(refusals or [Refusal("没有轨迹点", "no track point")])
    poses = tuple(_poses(timed, refusals))
    if not poses:
        raise TelemetryError(refusals)
    return Telemetry("gpx", poses, tuple(refusals))


def _poses(points: list[GPXTrackPoint], refusals: list[Refusal]) -> Iterator[Pose]:
    begin = _instant(points[0])
    for point in points:
        try:
            yield _pose(point, begin)
        except ValueError as error:
            refusals.append(Refusal("数值不可能", str(error)))


def _pose(point: GPXTrackPoint, begin: datetime) -> Pose:
    instant = _instant(point)
    hdop = point.horizontal_dilution
    above_sea = point.elevation
    return Pose(
        time_s=(instant - begin).total_seconds(),
        instant=instant,
        latitude_deg=point.latitude,
        longitude_deg=point.longitude,
        position_sd_m=_PHONE_SD_M if not hdop else _SD_PER_HDOP_M * hdop,
        height_above_sea_m=None if above_sea is None else Measured(above_sea, _ABOVE_SEA_SD_M),
    )


def _instant(point: GPXTrackPoint) -> datetime:
    """GPX 1.1: times are UTC, also where they do not say so."""
    time = point.time
    if time is None:
        raise ValueError("a point without a time")
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _untimed(count: int) -> Refusal:
    return Refusal(f"{count} 个点没有时间", f"{count} points have no time")
