"""The Chinese work calendar: which days count, and which of them are only guessed yet.

A year's holidays are announced by the State Council late in the year before it. Until a year's data
are here, its days count Monday to Friday and whatever was counted over them is provisional.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import chinese_calendar
from chinese_calendar.constants import holidays

from xunhe.domain.clock import SHANGHAI

_YEARS = frozenset(day.year for day in holidays)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Days of work and rest in Asia/Shanghai.

    `overrides` (True: a day of work) win over the published data; `years` are those whose data are
    at hand, either published or told by an override file to be complete. `closes_at` is when the
    office stops on a working day: a term of days ends then (Civil Code article 203).
    """

    overrides: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = _YEARS
    closes_at: time = time(18, 0)

    def is_workday(self, day: date) -> bool:
        """Does this day count?"""
        if day in self.overrides:
            return self.overrides[day]
        if day.year in self.years & _YEARS:
            return bool(chinese_calendar.is_workday(day))
        return day.weekday() < 5

    def is_known(self, day: date) -> bool:
        """Are the data of its year at hand?"""
        return day.year in self.years

    def nth_workday(self, after: date, n: int) -> tuple[date, bool]:
        """The n-th working day after a day that does not count itself (article 201).

        Also whether all days in between are known. n below 1 is the caller's mistake.
        """
        if n < 1:
            raise ValueError(f"{n} working days: a term has at least one")
        day, is_known = after, self.is_known(after)
        while n:
            day += _DAY
            is_known = is_known and self.is_known(day)
            n -= self.is_workday(day)
        return day, is_known

    def workdays_between(self, after: date, until: date) -> int:
        """Working days after one day, up to and including another; 0 where it lies behind."""
        days = (until - after).days
        return sum(self.is_workday(after + i * _DAY) for i in range(1, days + 1))

    def close_of(self, day: date) -> datetime:
        """The instant at which the office closes on a day."""
        return datetime.combine(day, self.closes_at, SHANGHAI)


def day_of(at: datetime) -> date:
    """The day of an instant in Asia/Shanghai."""
    return at.astimezone(SHANGHAI).date()
