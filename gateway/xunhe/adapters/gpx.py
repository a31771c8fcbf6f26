"""Tracks of other recorders (GPX 1.0, 1.1): for telephones that sleep, and watches that do not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import gpxpy
from gpxpy.gpx import GPX, GPXException, GPXRoutePoint, GPXTrackPoint

from xunhe.desk.track import MAX_FIXES, Fix
from xunhe.domain.position import LonLat

Point = TypeVar("Point", GPXTrackPoint, LonLat)

MAX_BYTES = 8 * 2**20
_AHEAD = timedelta(minutes=2)  # as much as a receiver's clock and ours may differ


class GpxError(ValueError):
    """The file is no track that can be used; the sentence says what to do, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        super().__init__(en)


def read_gpx(data: bytes, now: datetime) -> list[Fix]:
    """The positions of a file, in the order of time.

    GpxError where it is no GPX, has no track, lacks a time, or lies in the future (`now`).
    """
    points = _usable(list(_points(_parsed(data))))
    without = sum(point.time is None for point in points)
    if without:
        raise GpxError(
            f"{len(points)} 个点中有 {without} 个没有时间：请导出带时间的轨迹",
            f"{without} of {len(points)} points have no time: export the track with times",
        )
    fixes = sorted((_fix(point) for point in points), key=lambda fix: fix.at)
    if fixes[-1].at > now + _AHEAD:
        raise GpxError("轨迹的时间在未来：请核对记录设备的时钟", "the track lies in the future")
    return fixes


def read_line(data: bytes) -> list[LonLat]:
    """The line of a file, which needs no times: its track, else its route. GpxError for neither."""
    gpx = _parsed(data)
    tracked = [_lon_lat(point) for point in _points(gpx)]
    drawn = [_lon_lat(point) for route in gpx.routes for point in route.points]
    return _usable(tracked or drawn)


def _usable(points: list[Point]) -> list[Point]:
    if len(points) < 2:
        raise GpxError("文件中没有轨迹", "there is no track in the file")
    if len(points) > MAX_FIXES:
        raise GpxError(f"轨迹超过 {MAX_FIXES} 个点", f"the track has more than {MAX_FIXES} points")
    return points


def _parsed(data: bytes) -> GPX:
    if len(data) > MAX_BYTES:
        raise GpxError(f"文件超过 {MAX_BYTES // 2**20} MiB", f"more than {MAX_BYTES // 2**20} MiB")
    if b"<!DOCTYPE" in data[:4096].upper() or b"<!ENTITY" in data.upper():
        raise GpxError("文件含有不允许的声明", "the file declares entities, which no track needs")
    try:
        return gpxpy.parse(data.decode("utf-8-sig"))
    except (GPXException, UnicodeDecodeError, ValueError) as error:
        raise GpxError("不是可读的 GPX 文件", f"no readable GPX file: {error}") from error


def _points(gpx: GPX) -> Iterator[GPXTrackPoint]:
    for track in gpx.tracks:
        for segment in track.segments:
            yield from segment.points


def _fix(point: GPXTrackPoint) -> Fix:
    at = point.time
    if at is None:
        raise ValueError("a point without a time")
    aware = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return Fix(aware, _lon_lat(point))


def _lon_lat(point: GPXTrackPoint | GPXRoutePoint) -> LonLat:
    if not (-180 <= point.longitude <= 180 and -90 <= point.latitude <= 90):
        raise GpxError("轨迹中有不可能的位置", "a position of the track cannot be")
    return point.longitude, point.latitude
