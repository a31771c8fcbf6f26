"""How alike two incidents are, counted by plain points that a person can check.

Only incidents of the same kind on the same river are compared. Points:

    同河段      3   the same reach
    同一见证    2   the same station or camera saw it first, in the same zone
    同时段      1   begun within two hours of the same time of day, Asia/Shanghai
    同季节      1   begun within 45 days of the same day of the year
    同等级      1   the same severity

Nothing is learned and nothing is guessed: what has three points or more is shown, with the points
that it has. It says that things look alike from outside, not that they have one cause.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from xunhe.domain.clock import SHANGHAI

LEAST_POINTS = 3
_HOURS_APART = 2
_DAYS_APART = 45
_DAY_H, _YEAR_DAYS = 24, 365


class Likeness(Enum):
    """What two incidents have in common; the value is the points that it counts."""

    REACH = ("reach", 3)
    WITNESS = ("witness", 2)
    HOUR = ("hour", 1)
    SEASON = ("season", 1)
    SEVERITY = ("severity", 1)

    @property
    def points(self) -> int:
        """How much it counts."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Traits:
    """What is compared of an incident."""

    reach: str
    witness: str
    zone: str
    severity: str
    started_at: datetime


def likeness(one: Traits, other: Traits) -> tuple[Likeness, ...]:
    """What they have in common, the weightiest first."""
    shared = {
        Likeness.REACH: one.reach == other.reach,
        Likeness.WITNESS: (one.witness, one.zone) == (other.witness, other.zone),
        Likeness.HOUR: _hours_apart(one.started_at, other.started_at) <= _HOURS_APART,
        Likeness.SEASON: _days_apart(one.started_at, other.started_at) <= _DAYS_APART,
        Likeness.SEVERITY: one.severity == other.severity,
    }
    return tuple(each for each, is_shared in shared.items() if is_shared)


def points(shared: tuple[Likeness, ...]) -> int:
    """The sum."""
    return sum(each.points for each in shared)


def _hours_apart(one: datetime, other: datetime) -> float:
    """On the clock's face: 23:00 and 1:00 are two hours apart."""
    return _around(_hour(one) - _hour(other), _DAY_H)


def _days_apart(one: datetime, other: datetime) -> float:
    """Around the year: 31 December and 1 January are a day apart."""
    days = [at.astimezone(SHANGHAI).timetuple().tm_yday for at in (one, other)]
    return _around(days[0] - days[1], _YEAR_DAYS)


def _hour(at: datetime) -> float:
    there = at.astimezone(SHANGHAI)
    return timedelta(hours=there.hour, minutes=there.minute).total_seconds() / 3600


def _around(difference: float, whole: float) -> float:
    forward = difference % whole
    return min(forward, whole - forward)
