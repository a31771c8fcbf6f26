"""Notices to offices, one for a ticket and an office."""

from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store.schema import notice as table
from xunhe.adapters.store.upsert import insert
from xunhe.desk.notices import Notice
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import State

_KEY = ("ticket_id", "office")


def keep(connection: sa.Connection, notice: Notice) -> None:
    """Write a notice in place of the one that this office had of this ticket."""
    row = asdict(notice)
    changed = {name: value for name, value in row.items() if name not in _KEY}
    new = insert(table).values(row)
    connection.execute(new.on_conflict_do_update(index_elements=_KEY, set_=changed))


def due(connection: sa.Connection, now: datetime, limit: int = 100) -> list[Notice]:
    """Those whose next step is due, the longest due first."""
    query = sa.select(table).where(table.c.next_at <= now).order_by(table.c.next_at).limit(limit)
    return [
        Notice(
            row.ticket_id,
            row.office,
            State(row.state),
            Severity(row.severity),
            row.told_at,
            row.reminded,
            tuple(row.told),
            row.next_at,
        )
        for row in connection.execute(query)
    ]
