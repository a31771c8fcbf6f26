"""External values in the store, each with its source."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

import sqlalchemy as sa

from xunhe.adapters.store.schema import external_sample
from xunhe.domain.external import ExternalValue

_USUAL_OF = 100  # the newest values that a median is taken of


@dataclass(frozen=True, slots=True)
class Origin:
    """Where values come from: who measured, who brought them in, in which file."""

    source: str
    actor: str
    origin: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A value with its source."""

    value: ExternalValue
    source: str


def insert(
    connection: sa.Connection, values: Iterable[ExternalValue], by: Origin, at: datetime
) -> None:
    """Keep values; none of them may be there already from this source."""
    rows = [
        {
            "source": by.source,
            "place": value.place,
            "property": value.prop,
            "time": value.time,
            "value": value.value,
            "is_below_limit": value.is_below_limit,
            "received_at": at,
            "actor": by.actor,
            "origin": by.origin,
        }
        for value in values
    ]
    if rows:
        connection.execute(external_sample.insert(), rows)


def known(
    connection: sa.Connection, source: str, values: Sequence[ExternalValue]
) -> dict[tuple[str, str, datetime], ExternalValue]:
    """By (place, property, time): what a source has said before in the span of these values."""
    if not values:
        return {}
    since, until = min(v.time for v in values), max(v.time for v in values)
    query = sa.select(external_sample).where(
        external_sample.c.source == source, external_sample.c.time.between(since, until)
    )
    found = [_value(row) for row in connection.execute(query)]
    return {(value.place, value.prop, value.time): value for value in found}


def between(
    connection: sa.Connection, place: str, since: datetime, until: datetime
) -> list[Stored]:
    """The values at a place with since ≤ time < until, in the order of time."""
    query = (
        sa.select(external_sample)
        .where(
            external_sample.c.place == place,
            external_sample.c.time >= since,
            external_sample.c.time < until,
        )
        .order_by(external_sample.c.time, external_sample.c.id)
    )
    return [Stored(_value(row), row.source) for row in connection.execute(query)]


def newest(connection: sa.Connection, place: str | None, limit: int) -> list[Stored]:
    """The newest values, at one place or at all."""
    query = sa.select(external_sample)
    if place is not None:
        query = query.where(external_sample.c.place == place)
    query = query.order_by(external_sample.c.time.desc(), external_sample.c.id.desc())
    return [Stored(_value(row), row.source) for row in connection.execute(query.limit(limit))]


def usual(
    connection: sa.Connection, keys: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], float]:
    """By (place, property): the median of the newest detected values, where there are any."""
    found = {}
    for place, prop in keys:
        query = (
            sa.select(external_sample.c.value)
            .where(
                external_sample.c.place == place,
                external_sample.c.property == prop,
                external_sample.c.is_below_limit.is_(False),
            )
            .order_by(external_sample.c.time.desc())
            .limit(_USUAL_OF)
        )
        if values := list(connection.execute(query).scalars()):
            found[place, prop] = median(values)
    return found


def _value(row: sa.Row[tuple[object, ...]]) -> ExternalValue:
    return ExternalValue(row.place, row.property, row.time, row.value, row.is_below_limit)
