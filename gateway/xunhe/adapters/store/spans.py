"""Rows of a span of time, batch by batch: each batch is read in a transaction of its own.

An export may take minutes; a snapshot held that long would keep SQLite's log from shrinking.
`since` is included, `until` is not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.observed import Observed

_BATCH = 500
_WINDOW = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when."""

    since: datetime
    until: datetime


def observations(
    database: Database, station: str, props: Sequence[str], span: Span
) -> Iterator[list[Observed]]:
    """What a station measured, a day a batch, ordered by time."""
    since = span.since
    while since < span.until:
        until = min(since + _WINDOW, span.until)
        with database.read() as connection:
            found = [
                Observed(*row)
                for prop in props
                for row in connection.execute(_observations(station, prop, since, until))
            ]
        yield sorted(found, key=lambda each: (each.time, each.device, each.boot, each.seq))
        since = until


def incidents(database: Database, span: Span) -> Iterator[Sequence[sa.Row[Any]]]:
    """Incidents that started in the span, by their ids."""
    return _batches(database, schema.incident, schema.incident.c.started_at, span)


def tickets(database: Database, span: Span) -> Iterator[Sequence[sa.Row[Any]]]:
    """Tickets that were opened in the span, by their ids."""
    return _batches(database, schema.ticket, schema.ticket.c.opened_at, span)


def external(database: Database, span: Span) -> Iterator[Sequence[sa.Row[Any]]]:
    """Values of others of the span, by their ids."""
    return _batches(database, schema.external_sample, schema.external_sample.c.time, span)


def _batches(
    database: Database, table: sa.Table, at: sa.ColumnElement[datetime], span: Span
) -> Iterator[Sequence[sa.Row[Any]]]:
    last = 0
    while True:
        query = sa.select(table).where(table.c.id > last, at >= span.since, at < span.until)
        with database.read() as connection:
            rows = connection.execute(query.order_by(table.c.id).limit(_BATCH)).all()
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _observations(station: str, prop: str, since: datetime, until: datetime) -> sa.Select[Any]:
    table = schema.observation
    query = sa.select(table).where(table.c.station == station, table.c.property == prop)
    return query.where(table.c.time >= since, table.c.time < until)
