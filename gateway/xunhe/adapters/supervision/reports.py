"""The report of a period from the tables and the log, and its scores from the log alone."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters import month_report
from xunhe.adapters.store import desk_log, patrols, problems
from xunhe.adapters.supervision import circulars, lookbacks, tasks
from xunhe.desk import escalation, fields, returns
from xunhe.desk.log import Entry
from xunhe.desk.patrols import Patrol, rule_of, turns
from xunhe.desk.periods import Period, Span
from xunhe.desk.reports import Material, Report, report
from xunhe.desk.seats import Seats, seats_of
from xunhe.desk.tally import RATED
from xunhe.domain.offices import Level
from xunhe.domain.registry import Registry
from xunhe.settings import PatrolSettings, SupervisionSettings
from xunhe.water.months import Month


def of_period(
    connection: sa.Connection,
    registry: Registry,
    rules: SupervisionSettings,
    period: Period,
    now: datetime,
) -> Report:
    """The report of a period as of its end, or as of now while it goes on."""
    return report(_material(connection, registry, rules, period, now), rules.patrols)


def _material(
    connection: sa.Connection,
    registry: Registry,
    rules: SupervisionSettings,
    period: Period,
    now: datetime,
) -> Material:
    seats, as_of = seats_of(registry), min(period.end, now)
    submitted = returns.submissions(desk_log.entries(connection, kinds=[returns.SUBMITTED]), period)
    late = [unit for unit, entry in submitted.items() if fields.flag(entry, "is_late")]
    owing = _owing(seats, period) if now >= returns.deadline(period, rules) else set()
    return Material(
        period=period,
        as_of=as_of,
        seats=seats,
        problems=problems.of_period(connection, period),
        still_open=problems.open_count(connection, as_of),
        patrols=patrols_of(connection, seats, rules.patrols, period),
        exposure=tasks.exposed(connection, period.year, as_of),
        circulars=[
            made
            for month in period.parts(Span.MONTH)
            if (made := circulars.of_month(connection, month)) is not None
        ],
        tasks=list(tasks.tasks(connection, period.year).values()),
        steps=escalation.counts(_within(connection, period, escalation.KINDS)),
        lookbacks=[
            drawn
            for drawn in lookbacks.all_of(connection).values()
            if _is_in(drawn.quarter, period)
        ],
        ratings=[
            int(fields.number(entry, "rating")) for entry in _within(connection, period, (RATED,))
        ],
        meets_target=month_report.targets_met(connection, registry, _months(period, now)),
        late_returns=sorted(late),
        missing_returns=sorted(owing - submitted.keys()),
    )


def patrols_of(
    connection: sa.Connection, seats: Seats, rules: PatrolSettings, period: Period
) -> list[Patrol]:
    """The patrols that count in a period: of each level, from the turn on that ends first in it."""
    found = []
    for level in Level:
        posts = [code for code, post in seats.posts.items() if post.level is level]
        ending = turns(rule_of(level, rules).every, period)
        first = min((start for start, _ in ending), default=period.start)
        since = min(first, period.start - timedelta(days=rules.missed_days))
        found += patrols.began(connection, since, period.end, posts)
    return found


def _months(period: Period, now: datetime) -> list[Month]:
    """The months of a period that have begun, as the water's report names them."""
    begun = (part for part in period.parts(Span.MONTH) if part.start < now)
    return [Month(part.year, part.first_month) for part in begun]


def _owing(seats: Seats, period: Period) -> set[str]:
    """The units that hand a period in: villages every month, townships every year (82, 83)."""
    level = {Span.MONTH: Level.VILLAGE, Span.YEAR: Level.TOWNSHIP}.get(period.span)
    return {unit for unit, of in seats.units.items() if of is level}


def _is_in(quarter: Period, period: Period) -> bool:
    """Is a quarter's look-back told in this report: that of the month or year it lies in?"""
    return period.start <= quarter.end - timedelta(days=1) < period.end


def _within(connection: sa.Connection, period: Period, kinds: tuple[str, ...]) -> Iterator[Entry]:
    entries = desk_log.entries(connection, kinds=kinds)
    return (entry for entry in entries if period.contains(entry.at))
