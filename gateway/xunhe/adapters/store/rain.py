"""When it rained, by the gauges among the external values: `rain_mm` fell in the hour before.

The rain of any gauge counts for the whole district: a storm drain does not ask where the gauge is.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters.store.schema import external_sample as table

PROPERTY = "rain_mm"
HOUR = timedelta(hours=1)
REMEMBERED = timedelta(hours=37)  # what a rule may ask about, and the hour before it
_FRESH = timedelta(minutes=75)  # an hourly gauge and the time that its value takes
_LEAST_MM = 0.1  # what a tipping bucket tells from nothing

Span = tuple[float, float]


def spans(connection: sa.Connection, at: datetime) -> tuple[Span, ...] | None:
    """The hours of rain before `at`, Unix seconds; None where no gauge has said anything."""
    query = sa.select(table.c.time, table.c.value).where(*_between(at - REMEMBERED, at + HOUR))
    rows = connection.execute(query.order_by(table.c.time)).all()
    if not rows:
        return None
    return tuple(
        ((row.time - HOUR).timestamp(), row.time.timestamp())
        for row in rows
        if row.value >= _LEAST_MM and row.time - HOUR <= at
    )


def now_mm_h(connection: sa.Connection, now: datetime) -> float | None:
    """How hard it rained in the last hour that a gauge has told of; None where none has lately."""
    query = sa.select(sa.func.max(table.c.value)).where(*_between(now - _FRESH, now))
    found: float | None = connection.execute(query).scalar()
    return found


def _between(since: datetime, until: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (table.c.property == PROPERTY, table.c.time > since, table.c.time <= until)
