"""Months, quarters and years of the desk's calendar, Asia/Shanghai, and what is due within them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from xunhe.domain.clock import SHANGHAI


class Span(IntEnum):
    """How long a period is, in months."""

    MONTH = 1
    QUARTER = 3
    YEAR = 12


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A calendar month, quarter or year: `start` is in it, `end` is the first instant after it."""

    year: int
    first_month: int
    span: Span

    def __post_init__(self) -> None:
        if not 1 <= self.first_month <= 12 or (self.first_month - 1) % self.span:
            raise ValueError(f"no {self.span.name.lower()} begins in month {self.first_month}")

    @property
    def start(self) -> datetime:
        """00:00 of its first day, as UTC."""
        return datetime(self.year, self.first_month, 1, tzinfo=SHANGHAI).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """00:00 of the day after its last, as UTC."""
        return self.after.start

    @property
    def after(self) -> "Period":
        """The period of this length that follows."""
        return self._moved(self.span)

    @property
    def before(self) -> "Period":
        """The period of this length that precedes."""
        return self._moved(-self.span)

    @property
    def label(self) -> str:
        """2026-07, 2026Q3 or 2026: what addresses and the log say."""
        if self.span is Span.MONTH:
            return f"{self.year}-{self.first_month:02d}"
        quarter = f"Q{self.first_month // 3 + 1}" if self.span is Span.QUARTER else ""
        return f"{self.year}{quarter}"

    @property
    def label_zh(self) -> str:
        """2026年7月, 2026年第3季度 or 2026年."""
        if self.span is Span.MONTH:
            return f"{self.year}年{self.first_month}月"
        return f"{self.year}年" + (
            f"第{self.first_month // 3 + 1}季度" if self.span is Span.QUARTER else ""
        )

    def contains(self, at: datetime) -> bool:
        """Is the instant within it?"""
        return self.start <= at < self.end

    def parts(self, span: Span) -> list["Period"]:
        """The shorter periods that it consists of, in order."""
        first = self.first_month
        return [Period(self.year, month, span) for month in range(first, first + self.span, span)]

    def day(self, day: int, hour: int = 0) -> datetime:
        """An hour of a day of its first month, as UTC."""
        local = datetime(self.year, self.first_month, day, hour, tzinfo=SHANGHAI)
        return local.astimezone(UTC)

    def _moved(self, months: int) -> "Period":
        since_zero = self.year * 12 + self.first_month - 1 + months
        return Period(since_zero // 12, since_zero % 12 + 1, self.span)


def period_at(at: datetime, span: Span) -> Period:
    """The period of this length that an instant lies in."""
    local = at.astimezone(SHANGHAI)
    return Period(local.year, (local.month - 1) // span * span + 1, span)


def parse(label: str) -> Period:
    """2026-07, 2026Q3 or 2026. Raises ValueError with the forms that are known."""
    found = re.fullmatch(r"(2\d{3})(?:-(0[1-9]|1[0-2])|Q([1-4]))?", label)
    if found is None:
        raise ValueError(f"{label!r} is no period: write 2026-07, 2026Q3 or 2026")
    year, month, quarter = found.groups()
    if month:
        return Period(int(year), int(month), Span.MONTH)
    if quarter:
        return Period(int(year), 3 * int(quarter) - 2, Span.QUARTER)
    return Period(int(year), 1, Span.YEAR)


def weeks_ending_in(period: Period) -> Iterator[tuple[datetime, datetime]]:
    """(start, end) of each week, Monday 00:00 to Monday 00:00, whose end is after `start` and not
    after `end` of the period: every week ends in one month.
    """
    local = period.start.astimezone(SHANGHAI)
    end = period.start + timedelta(days=7 - local.weekday())
    while end <= period.end:
        yield end - timedelta(days=7), end
        end += timedelta(days=7)
