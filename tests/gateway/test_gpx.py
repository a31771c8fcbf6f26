"""Tracks of other recorders: what can be used, and what is refused with what to do."""

from datetime import UTC, datetime, timedelta

import gpxpy
import gpxpy.gpx
import pytest

from xunhe.adapters.gpx import MAX_BYTES, GpxError, read_gpx

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def gpx(points: str, version: str = "1.1") -> bytes:
    space = f"http://www.topografix.com/GPX/{version.replace('.', '/')}"
    body = f"<trk><trkseg>{points}</trkseg></trk>"
    return f'{HEAD}<gpx version="{version}" creator="t" xmlns="{space}">{body}</gpx>'.encode()


def point(time: str = "2026-07-01T08:00:00Z", lat: str = "30.318", lon: str = "119.42") -> str:
    at = f"<time>{time}</time>" if time else ""
    return f'<trkpt lat="{lat}" lon="{lon}">{at}</trkpt>'


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_points_come_in_the_order_of_time_in_utc(version: str) -> None:
    later = point("2026-07-01T16:00:10+08:00", lon="119.421")
    fixes = read_gpx(gpx(later + point(), version), NOW)
    assert [fix.lon_lat for fix in fixes] == [(119.42, 30.318), (119.421, 30.318)]
    assert fixes[1].at == datetime(2026, 7, 1, 8, 0, 10, tzinfo=UTC)


def test_what_gpxpy_writes_is_read_again() -> None:
    made = gpxpy.gpx.GPX()
    made.tracks.append(gpxpy.gpx.GPXTrack())
    made.tracks[0].segments.append(gpxpy.gpx.GPXTrackSegment())
    for n in range(5):
        at = NOW - timedelta(minutes=30 - n)
        made.tracks[0].segments[0].points.append(
            gpxpy.gpx.GPXTrackPoint(30.3 + n / 1000, 119.4, time=at)
        )
    assert [fix.lon_lat[1] for fix in read_gpx(made.to_xml().encode(), NOW)] == pytest.approx(
        [30.3, 30.301, 30.302, 30.303, 30.304]
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (gpx(point("") + point()), "2 个点中有 1 个没有时间"),
        (gpx(point("") + point("")), "2 个点中有 2 个没有时间"),
        (gpx(point() + point("2026-07-01T12:02:01Z")), "在未来"),
        (gpx(point()), "没有轨迹"),
        (gpx(""), "没有轨迹"),
        (gpx(point(lat="91") + point()), "不可能的位置"),
        (gpx(point(lon="NaN") + point()), "不可能的位置"),
        (b"", "不是可读的"),
        (b"\xff\xd8\xff\xe0 a photograph", "不是可读的"),
        (gpx(point() + point())[:-30], "不是可读的"),
        (b"x" * (MAX_BYTES + 1), "超过"),
        (b'<!DOCTYPE g [<!ENTITY a "aaaa">]>' + gpx(point()), "不允许的声明"),
    ],
)
def test_a_file_of_no_use_is_refused_with_its_reason(data: bytes, said: str) -> None:
    with pytest.raises(GpxError) as refused:
        read_gpx(data, NOW)
    assert said in refused.value.zh


def test_two_minutes_ahead_is_still_no_future() -> None:
    assert len(read_gpx(gpx(point() + point("2026-07-01T12:02:00Z")), NOW)) == 2
