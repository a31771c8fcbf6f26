"""Bad input that looks like water: each case found, named, and kept apart from judgement.

What is found here is a suspicion with its reason for a person, beside the values, which stay in the
record. `set_apart` takes the concerned span out of a series before anything judges it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from xunhe.domain.observation import FAIL
from xunhe.water.series import Series, worst

DAY_S = 86400.0
LATE_S = 30 * DAY_S
MOVED_M = 200.0  # of a registered place: beyond the error of any receiver

_CLOCK_SLACK_S = 60.0  # a clock that is set back by less has only been corrected
_EARTH_M = 6_371_000.0


class SuspectKind(StrEnum):
    """What seems to be wrong."""

    NOT_A_NUMBER = "not_a_number"
    UNIT_FACTOR = "unit_factor"
    STUCK = "stuck"
    STATION_MOVED = "station_moved"
    CLOCK_BACK = "clock_back"
    LATE = "late"

    @property
    def label_zh(self) -> str:
        """For the operator."""
        return _LABELS_ZH[self]


_LABELS_ZH = {
    SuspectKind.NOT_A_NUMBER: "非数值",
    SuspectKind.UNIT_FACTOR: "单位疑似差千倍",
    SuspectKind.STUCK: "数值卡住不变",
    SuspectKind.STATION_MOVED: "站点疑似移位",
    SuspectKind.CLOCK_BACK: "时钟倒退",
    SuspectKind.LATE: "迟到数据",
}


@dataclass(frozen=True, slots=True)
class Suspect:
    """A span of a property (or of the whole station: prop "") that must not judge water."""

    kind: SuspectKind
    prop: str
    from_s: float
    to_s: float  # inclusive
    detail_zh: str
    detail_en: str


def set_apart(prop: str, series: Series, suspects: Iterable[Suspect]) -> Series:
    """The series with FAIL where a suspicion of this property or of the whole station lies."""
    flags = series.flags.copy()
    for suspect in suspects:
        if suspect.prop in ("", prop):
            is_inside = (series.times_s >= suspect.from_s) & (series.times_s <= suspect.to_s)
            flags = np.where(is_inside, worst(flags, np.full_like(flags, FAIL)), flags)
    return Series(series.times_s, series.values, flags)


def place_moved(
    registered: tuple[float, float], reported: tuple[float, float], at_s: float
) -> Suspect | None:
    """A reported position (lon, lat; WGS-84 degrees) more than 200 m from the registered one."""
    distance_m = _distance_m(registered, reported)
    if distance_m <= MOVED_M:
        return None
    return Suspect(
        SuspectKind.STATION_MOVED,
        "",
        at_s,
        at_s,
        f"报告位置距登记位置 {distance_m:.0f} 米",
        f"{distance_m:.0f} m from the registered place",
    )


def clock_back(previous_s: float, time_s: float) -> Suspect | None:
    """A record that a device wrote after another one and that claims to be earlier.

    Both are instants of consecutive records (by boot and sequence number), not of their arrival.
    """
    back_s = previous_s - time_s
    if back_s <= _CLOCK_SLACK_S:
        return None
    days = back_s / DAY_S
    return Suspect(
        SuspectKind.CLOCK_BACK,
        "",
        time_s,
        time_s,
        f"设备时钟倒退 {days:.2f} 天",
        f"the device's clock went back by {days:.2f} days",
    )


def late(time_s: float, received_s: float) -> Suspect | None:
    """A reading that came 30 days or more after it was made."""
    age_s = received_s - time_s
    if age_s < LATE_S:
        return None
    return Suspect(
        SuspectKind.LATE,
        "",
        time_s,
        time_s,
        f"迟到 {age_s / DAY_S:.1f} 天",
        f"came {age_s / DAY_S:.1f} days late",
    )


def _distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """On a sphere, flat: right to a thousandth within a few kilometres."""
    (from_lon, from_lat), (to_lon, to_lat) = np.radians(one), np.radians(other)
    east = (to_lon - from_lon) * np.cos((from_lat + to_lat) / 2)
    return float(_EARTH_M * np.hypot(east, to_lat - from_lat))
