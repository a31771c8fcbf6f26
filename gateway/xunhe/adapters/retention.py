"""Forgets what has had its time, a little at a time, so that no reading ever waits for it.

Where observations lie in a table a month, a month goes whole, once all of it has had its time.

What is evidence of a duty has no time: tickets, the desk's log, incidents, alerts, papers, points,
calibrations, refused readings that were proved genuine.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters.store import months, schema
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.records import count
from xunhe.domain.clock import Clock
from xunhe.settings import RetentionSettings

log = logging.getLogger(__name__)

BATCH = 2000  # rows of a transaction: some tens of milliseconds
_COUNTER = "retention."


@dataclass(frozen=True, slots=True)
class Ageing:
    """Rows that go once `at` is so many days old."""

    table: sa.Table
    at: sa.Column[datetime]
    days: int


@dataclass(frozen=True, slots=True)
class Retention:
    """What ages in one store, and the river's clock."""

    database: Database
    settings: RetentionSettings
    clock: Clock

    def sweep(self) -> int:
        """Remove one batch of everything that is past its time; how many rows went."""
        now = self.clock.now()
        return sum(self._remove(each, now) for each in self.ageing())

    def ageing(self) -> Iterator[Ageing]:
        """The tables that age, and for how long each is kept."""
        days = self.settings
        yield Ageing(schema.event, schema.event.c.at, days.events_days)
        yield Ageing(schema.decision, schema.decision.c.last_at, days.decisions_days)
        yield Ageing(schema.report, schema.report.c.received_at, days.reports_days)
        yield Ageing(schema.look, schema.look.c.at, days.looks_days)
        if days.readings_days is not None:
            yield Ageing(schema.observation, schema.observation.c.time, days.readings_days)
            yield Ageing(schema.record, schema.record.c.received_at, days.readings_days)

    def _remove(self, old: Ageing, now: datetime) -> int:
        before = now - timedelta(days=old.days)
        with self.database.append() as connection:  # what has had its time is in nobody's way
            if old.table is schema.observation and months.are_kept_apart(connection):
                gone = months.drop_oldest(connection, before)
            else:
                gone = _delete(connection, old, before)
            if gone:
                count(connection, _COUNTER + old.table.name, gone)
        if gone:
            log.info("retention: %d rows of %s older than %d days", gone, old.table.name, old.days)
        return gone


def removed(connection: sa.Connection) -> dict[str, int]:
    """How many rows of each table have had their time."""
    counter = schema.counter
    query = sa.select(counter).where(counter.c.name.startswith(_COUNTER))
    return {row.name.removeprefix(_COUNTER): row.n for row in connection.execute(query)}


def _delete(connection: sa.Connection, old: Ageing, before: datetime) -> int:
    key = sa.tuple_(*old.table.primary_key.columns)
    past = sa.select(*old.table.primary_key.columns).where(old.at < before, *_spared(old.table))
    return connection.execute(old.table.delete().where(key.in_(past.limit(BATCH)))).rowcount


def _spared(table: sa.Table) -> Iterator[sa.ColumnElement[bool]]:
    """The newest event stays: pages resume by its number."""
    if table is schema.event:
        newest = sa.select(sa.func.max(schema.event.c.id)).scalar_subquery()
        yield schema.event.c.id < newest
