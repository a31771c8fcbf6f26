"""Where messages come from: rows that were written in the transaction that raised them.

A source is read from a position that grows, so that a destination which was added, switched off or
unreachable misses nothing from then on.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import sqlalchemy as sa

from xunhe.adapters.store.schema import arrival, bulletin, event, outbox
from xunhe.domain.outward import Message


class Source(Protocol):
    """A table that grows."""

    @property
    def name(self) -> str:
        """What it is called in the store."""
        ...

    def newest(self, connection: sa.Connection) -> int:
        """The position of its last row; 0 where it has none."""
        ...

    def after(
        self, connection: sa.Connection, position: int, limit: int
    ) -> Sequence[tuple[int, Message]]:
        """The next rows as messages, each with its position."""
        ...


class Raised:
    """Messages of the desk to offices: tickets, supervision, heads of the log."""

    name = "outbox"

    def newest(self, connection: sa.Connection) -> int:
        """The position of its last row."""
        return _newest(connection, outbox)

    def after(
        self, connection: sa.Connection, position: int, limit: int
    ) -> Sequence[tuple[int, Message]]:
        """`body` is {"topic", "payload"}; `kind` the topic's last level."""
        return [
            (
                row.id,
                Message(
                    row.key,
                    row.topic.rpartition("/")[2],
                    row.created_at,
                    {"topic": row.topic, "payload": row.payload},
                ),
            )
            for row in _after(connection, outbox, position, limit)
        ]


class Events:
    """The stream that pages follow: alerts, incidents, tickets, what was rejected."""

    name = "event"

    def newest(self, connection: sa.Connection) -> int:
        """The position of its last row."""
        return _newest(connection, event)

    def after(
        self, connection: sa.Connection, position: int, limit: int
    ) -> Sequence[tuple[int, Message]]:
        """`body` is the event's data, `kind` its kind."""
        return [
            (row.id, Message(f"event:{row.id}", row.kind, row.at, row.data))
            for row in _after(connection, event, position, limit)
        ]


class Bulletins:
    """What the world is told of incidents; a lane an incident."""

    name = "bulletin"

    def newest(self, connection: sa.Connection) -> int:
        """The position of its last row."""
        return _newest(connection, bulletin)

    def after(
        self, connection: sa.Connection, position: int, limit: int
    ) -> Sequence[tuple[int, Message]]:
        """`body` as adapters/upstream/bulletins.py writes it."""
        return [
            (
                row.id,
                Message(
                    f"bulletin:{row.id}",
                    "incident",
                    row.at,
                    {"bulletin": row.id, **row.body},
                    f"incident:{row.incident_id}",
                ),
            )
            for row in _after(connection, bulletin, position, limit)
        ]


class Readings:
    """Samples in the order in which the gateway took them in; a lane a station."""

    name = "arrival"

    def newest(self, connection: sa.Connection) -> int:
        """The position of its last row."""
        return _newest(connection, arrival)

    def after(
        self, connection: sa.Connection, position: int, limit: int
    ) -> Sequence[tuple[int, Message]]:
        """`body` is {"station", "values": {property: [value, QARTOD flag]}}, `at` when measured."""
        return [
            (
                row.id,
                Message(
                    row.key,
                    "readings",
                    row.time,
                    {"station": row.station, "values": row.sample},
                    row.station,
                ),
            )
            for row in _after(connection, arrival, position, limit)
        ]


def _newest(connection: sa.Connection, table: sa.Table) -> int:
    return connection.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0


def _after(
    connection: sa.Connection, table: sa.Table, position: int, limit: int
) -> Sequence[sa.Row[Any]]:
    query = sa.select(table).where(table.c.id > position).order_by(table.c.id).limit(limit)
    return connection.execute(query).all()
