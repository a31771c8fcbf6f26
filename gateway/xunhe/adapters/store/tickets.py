"""Moves of tickets."""

from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import schema
from xunhe.adapters.store.incidents import emit
from xunhe.adapters.store.queries import TicketRow
from xunhe.domain.ticket import State


def move(
    connection: sa.Connection, row: TicketRow, to: State, reason: str, actor: str, at: datetime
) -> None:
    """Write a checked transition in the caller's transaction: ticket, log and event."""
    connection.execute(
        sa.update(schema.ticket)
        .where(schema.ticket.c.id == row.id)
        .values(state=to.value, revision=row.revision + 1)
    )
    connection.execute(
        sa.insert(schema.ticket_log).values(
            ticket_id=row.id,
            at=at,
            actor=actor,
            from_state=row.state.value,
            to_state=to.value,
            reason=reason,
        )
    )
    data = {
        "ticket_id": row.id,
        "number": row.number,
        "incident_id": row.incident_id,
        "post": row.post,
        "reach": row.reach,
        "state": to.value,
    }
    emit(connection, "ticket", data, at)
