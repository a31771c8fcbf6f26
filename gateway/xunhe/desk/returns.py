"""Reports that units owe (月报送), and the meetings that they hold (调度): when due, when late.

    monthly return     for a month, by 18:00 of the set day of the next one (row 82); drafted from
                       00:00 of the month's last day on
    yearly return      of townships, before the set day of November (row 83)
    dispatch meeting   of the district's office every quarter, of the township's every month (84)

At the very instant of its deadline a return is late. Kinds, subject unit:CODE:

    report.submitted  {period, is_late, by}
    meeting.held      {period, held_at, proof}
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from xunhe.desk import fields
from xunhe.desk.circular import Matter
from xunhe.desk.lights import Standing
from xunhe.desk.log import Entry
from xunhe.desk.periods import Period, Span, parse
from xunhe.desk.refused import RefusedError
from xunhe.domain.offices import Level
from xunhe.settings import SupervisionSettings

SUBMITTED = "report.submitted"
HELD = "meeting.held"

# How often each level's office meets to dispatch (row 84).
MEETINGS: Mapping[Level, Span] = {Level.DISTRICT: Span.QUARTER, Level.TOWNSHIP: Span.MONTH}


class ReturnError(RefusedError):
    """Something that cannot be handed in."""


_DRAFTED_BEFORE = timedelta(days=1)
_YEARLY_MONTH = 11


def drafted_from(month: Period) -> datetime:
    """From when on a month's report stands as a draft: its last day, 00:00."""
    return month.end - _DRAFTED_BEFORE


def deadline(period: Period, rules: SupervisionSettings) -> datetime:
    """The first instant at which the return of a month or a year is late."""
    if period.span is Span.YEAR:
        november = Period(period.year, _YEARLY_MONTH, Span.MONTH)
        return november.day(rules.yearly_report_day)
    return period.after.day(rules.report_day, rules.report_hour)


def is_late(period: Period, at: datetime, rules: SupervisionSettings) -> bool:
    """Would a return handed in at this instant be late?"""
    return at >= deadline(period, rules)


def submissions(entries: Iterable[Entry], period: Period) -> dict[str, Entry]:
    """The first return of each unit for a period."""
    found: dict[str, Entry] = {}
    for entry in entries:
        if entry.kind == SUBMITTED and fields.text(entry, "period") == period.label:
            found.setdefault(entry.subject.removeprefix("unit:"), entry)
    return found


def held(entries: Iterable[Entry]) -> set[tuple[str, Period]]:
    """(unit, period) of every dispatch meeting that has a proof."""
    return {
        (entry.subject.removeprefix("unit:"), parse(fields.text(entry, "period")))
        for entry in entries
        if entry.kind == HELD
    }


def missing_meetings(
    units: Mapping[str, Level], meetings: set[tuple[str, Period]], month: Period
) -> Iterator[Matter]:
    """A yellow matter for each meeting whose period ends with the month and that was not held."""
    for unit, level in sorted(units.items()):
        span = MEETINGS.get(level)
        if span is None or month.first_month % span:
            continue
        period = Period(month.year, month.first_month - span + 1, span)
        if (unit, period) not in meetings:
            behind = Standing(month.end, False, 0.0, 1.0)
            yield Matter(f"meeting:{unit}:{period.label}", unit, "", False, (), behind)
