"""How much a discharge matters: by what it is, by the hours its outfall may flow, and by rain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from xunhe.domain.clock import SHANGHAI
from xunhe.domain.incident import Severity
from xunhe.domain.zones import Hours, OutfallZone

_RAINS_MM_H = 0.1  # what a tipping bucket can tell from nothing
_DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True)
class Ruling:
    """A severity and why."""

    severity: Severity
    reason_zh: str
    reason_en: str


def ruling(outfall: OutfallZone, state: str, time_s: float, rain_mm_h: float | None) -> Ruling:
    """The severity of `state` at an outfall; `rain_mm_h` is None where nobody measures it.

    A permit to discharge is none for colour, foam or oil, and rain excuses clear water only.
    """
    if state != "flowing":
        return Ruling(Severity.SEVERE, "水质感官异常", "the water looks wrong")
    if is_permitted(outfall.permitted_hours, time_s):
        return Ruling(Severity.MINOR, "允许时段内", "within its permitted hours")
    if outfall.rain_expected == "lower" and rain_mm_h is not None and rain_mm_h >= _RAINS_MM_H:
        return Ruling(
            Severity.MINOR, f"有雨（{rain_mm_h:.1f} mm/h）", f"rain, {rain_mm_h:.1f} mm/h"
        )
    if outfall.permitted_hours:
        return Ruling(Severity.MAJOR, "非允许时段", "outside its permitted hours")
    return Ruling(Severity.MAJOR, "该口不应有水流出", "nothing should come out of it")


def is_permitted(hours: Sequence[Hours], time_s: float) -> bool:
    """Does Unix `time_s` lie in one of the ranges of China's local time?

    The first minute belongs to a range, the last does not. A range that ends before it begins
    passes midnight; one that ends where it begins is the whole day.
    """
    local = datetime.fromtimestamp(time_s, SHANGHAI)
    now_min = local.hour * 60 + local.minute
    return any(_holds(_minutes(start), _minutes(end), now_min) for start, end in hours)


def _holds(start_min: int, end_min: int, now_min: int) -> bool:
    length_min = (end_min - start_min) % _DAY_MIN or _DAY_MIN
    return (now_min - start_min) % _DAY_MIN < length_min


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
