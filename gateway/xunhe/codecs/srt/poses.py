"""The poses of an SRT file.

Standard deviations are those of `xunhe.codecs.dji`, with the rounding of the digits added: four
decimals of a degree are 11 m.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import hypot, sqrt

from xunhe.codecs import dji
from xunhe.codecs.srt.blocks import blocks
from xunhe.codecs.srt.fields import Entry, FieldError, Pair, entry
from xunhe.codecs.srt.order import Order, decide
from xunhe.domain.pose import Measured, Pose
from xunhe.domain.telemetry import Refusal, Telemetry, TelemetryError

_METRES_PER_DEGREE = 111_320.0


def decode(text: str, utc_offset: timedelta = timedelta(hours=8)) -> Telemetry:
    """The poses of a file. TelemetryError where there are none.

    `text` may begin with a byte order mark. `utc_offset` is that of the drone's clock.
    """
    entries: list[Entry] = []
    refusals: list[Refusal] = []
    for found in _entries(text.removeprefix("\ufeff")):
        if isinstance(found, Entry):
            entries.append(found)
        else:
            refusals.append(found)
    if not entries:
        raise TelemetryError(refusals or [Refusal("文件是空的", "the file is empty", 1)])
    order = decide(entries)
    poses = list(_poses(entries, order, utc_offset, refusals))
    if not poses:
        raise TelemetryError([*refusals, _no_position(entries)])
    return Telemetry(
        dialect=f"srt/{entries[0].dialect}",
        poses=tuple(poses),
        refusals=tuple(sorted(refusals, key=lambda one: one.line or 0)),
        without_position=sum(one.place is None for one in entries),
        notes=(str(order),),
    )


def _entries(text: str) -> Iterator[Entry | Refusal]:
    for block in blocks(text):
        if isinstance(block, Refusal):
            yield block
            continue
        try:
            yield entry(block)
        except FieldError as error:
            yield Refusal(error.zh, error.en, block.text_line)


def _no_position(entries: list[Entry]) -> Refusal:
    return Refusal(
        f"{len(entries)} 条字幕里没有一条有坐标",
        f"none of the {len(entries)} subtitles has a position",
        entries[0].line,
    )


def _poses(
    entries: list[Entry], order: Order, utc_offset: timedelta, refusals: list[Refusal]
) -> Iterator[Pose]:
    """Poses in ascending time; what goes back in time or lies off the earth joins `refusals`."""
    first, before_s = entries[0], -1.0
    for one in entries:
        if one.place is None:
            continue
        time_s = _time_s(one, first)
        if time_s is None or time_s < before_s:
            refusals.append(Refusal("时间倒退或缺失", "the time goes back or is missing", one.line))
            continue
        try:
            yield _pose(one, one.place, time_s, order, utc_offset)
        except ValueError as error:
            refusals.append(Refusal("数值不可能", str(error), one.line))
        else:
            before_s = time_s


def _time_s(one: Entry, first: Entry) -> float | None:
    """Of the video: as the subtitle's own times say, else by the drone's clock."""
    if one.times_s is not None:
        return one.times_s[0]
    if one.local_time is None or first.local_time is None:
        return None
    return (one.local_time - first.local_time).total_seconds()


def _pose(one: Entry, place: Pair, time_s: float, order: Order, utc_offset: timedelta) -> Pose:
    latitude, longitude = reversed(place) if order.is_longitude_first else place
    yaw, pitch, roll = one.gimbal_deg or (None, None, None)
    return Pose(
        time_s=time_s,
        instant=_instant(one.local_time, utc_offset),
        latitude_deg=float(latitude),
        longitude_deg=float(longitude),
        position_sd_m=hypot(dji.GNSS_SD_M, _rounding_m(latitude)),
        height_above_ground_m=Measured.known(one.relative_m, dji.BAROMETER_SD_M),
        height_above_sea_m=Measured.known(one.above_sea_m, dji.ABOVE_SEA_SD_M),
        yaw_deg=Measured.known(yaw, dji.YAW_SD_DEG),
        pitch_deg=Measured.known(pitch, dji.GIMBAL_SD_DEG),
        roll_deg=Measured.known(roll, dji.GIMBAL_SD_DEG),
        horizontal_fov_deg=_fov(one),
    )


def _instant(local: datetime | None, utc_offset: timedelta) -> datetime | None:
    if local is None:
        return None
    try:
        return local.replace(tzinfo=UTC) - utc_offset
    except OverflowError:
        raise ValueError(f"{local}: no such year") from None


def _rounding_m(degrees_text: str) -> float:
    """Standard deviation of what the digits leave out: a step over √12."""
    decimals = len(degrees_text.partition(".")[2])
    return float(_METRES_PER_DEGREE * 10.0**-decimals / sqrt(12))


def _fov(one: Entry) -> Measured | None:
    if one.focal_35mm is None:
        return None
    return dji.horizontal_fov(one.focal_35mm * one.zoom)
