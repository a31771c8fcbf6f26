"""The yearly comparison of sections (row 52): entered once a year is over, and again when asked.

What is entered last for a section's factor counts: laboratories' values that come in late are taken
up by asking again, and only what differs is written. Kind `water.judged`, subject `year:2025`,
{entered}: the desk has looked at the year by itself.
"""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters import month_report
from xunhe.adapters.store import desk_log
from xunhe.desk import fields, water_year
from xunhe.desk.log import JSON
from xunhe.desk.periods import Period, Span, period_at
from xunhe.desk.roles import SYSTEM
from xunhe.domain.boundary import answering_unit
from xunhe.domain.offices import Level
from xunhe.domain.registry import Registry
from xunhe.domain.riverside import Section
from xunhe.settings import SupervisionSettings

JUDGED = "water.judged"

_DIGITS = 4  # of a rate


def enter_due(
    connection: sa.Connection, registry: Registry, rules: SupervisionSettings, now: datetime
) -> int:
    """Enter last year's comparison from the circular's day of January on, once; how many."""
    year = period_at(now, Span.YEAR).before
    if now < Period(year.year + 1, 1, Span.MONTH).day(rules.circular_day):
        return 0
    subject = f"year:{year.label}"
    if next(desk_log.entries(connection, kinds=[JUDGED], subject=subject), None) is not None:
        return 0
    entered = enter(connection, registry, rules, year.year, SYSTEM.code, now)
    desk_log.append(connection, now, SYSTEM.code, JUDGED, subject, {"entered": entered})
    return entered


def enter(
    connection: sa.Connection,
    registry: Registry,
    rules: SupervisionSettings,
    year: int,
    actor: str,
    at: datetime,
) -> int:
    """Enter the comparison of a year with the one before, where it is not what stands there."""
    known = {
        (entry.subject, fields.text(entry, "factor")): fields.number(entry, "improvement")
        for entry in desk_log.entries(connection, kinds=[water_year.KIND])
        if fields.number(entry, "year") == year
    }
    count = 0
    for subject, told in _compared(connection, registry, rules, year):
        if known.get((subject, str(told["factor"]))) != told["improvement"]:
            desk_log.append(connection, at, actor, water_year.KIND, subject, told)
            count += 1
    return count


def _compared(
    connection: sa.Connection, registry: Registry, rules: SupervisionSettings, year: int
) -> Iterator[tuple[str, dict[str, JSON]]]:
    points = {point.code: point for point in month_report.points_of(registry)}
    for section in registry.sections.values():
        unit = unit_of(registry, section)
        if unit is None:
            continue
        before, now = (
            month_report.monthly_means(connection, points[section.code], of)
            for of in (year - 1, year)
        )
        for factor in rules.water_factors:
            rate = water_year.improvement(
                before.get(factor, {}), now.get(factor, {}), rules.water_least_months
            )
            if rate is not None:
                told: dict[str, JSON] = {
                    "unit": unit,
                    "year": year,
                    "factor": factor,
                    "improvement": round(rate, _DIGITS),
                }
                yield f"section:{section.code}", told


def unit_of(registry: Registry, section: Section) -> str | None:
    """Whose water it is: at a boundary the unit upstream; else the township's of its reach, or the
    nearest unit above it.
    """
    at_boundary = answering_unit(section)
    if at_boundary is not None:
        return at_boundary
    posts = [post for post in registry.posts_of(section.reach) if post.level <= Level.TOWNSHIP]
    return next((post.unit for post in posts if post.unit is not None), None)
