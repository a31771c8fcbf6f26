"""Months of the river's clock, and what a month's readings come to."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Self

import numpy as np
from numpy.typing import NDArray

_DAY_S = 86400.0
_WRITTEN = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month by the river's clock; ValueError for a month outside 1 to 12."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not 1 <= self.month <= 12:
            raise ValueError(f"a month is 1 to 12, not {self.month}")

    @classmethod
    def of(cls, at: datetime, utc_offset_s: float) -> Self:
        """The month that an instant lies in."""
        local = at.astimezone(timezone(timedelta(seconds=utc_offset_s)))
        return cls(local.year, local.month)

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `2026-06`; ValueError for anything else."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is not a month such as 2026-06")
        return cls(int(found[1]), int(found[2]))

    @property
    def before(self) -> "Month":
        """The month before: what 环比 compares with."""
        return Month(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    @property
    def year_before(self) -> "Month":
        """The same month of the year before: what 同比 compares with."""
        return Month(self.year - 1, self.month)

    def span(self, utc_offset_s: float) -> tuple[datetime, datetime]:
        """The first instant of the month, and the first after it."""
        zone = timezone(timedelta(seconds=utc_offset_s))
        after = Month(self.year + (self.month == 12), self.month % 12 + 1)
        first = datetime(self.year, self.month, 1, tzinfo=zone)
        return first, datetime(after.year, after.month, 1, tzinfo=zone)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@dataclass(frozen=True, slots=True)
class Mean:
    """A month's mean of one property, over `days` days that had a usable value."""

    value: float
    days: int


def mean_of(
    times_s: NDArray[np.float64], values: NDArray[np.float64], utc_offset_s: float
) -> Mean | None:
    """Mean of the daily means, by days of the river's clock; None where no value is finite.

    Both arrays have shape (n,), in any order. A day counts as one, however often its buoy spoke.
    """
    is_there = np.isfinite(values)
    if not is_there.any():
        return None
    days = np.floor((times_s[is_there] + utc_offset_s) / _DAY_S)
    _, index = np.unique(days, return_inverse=True)
    daily = np.bincount(index, values[is_there]) / np.bincount(index)
    return Mean(float(daily.mean()), len(daily))
