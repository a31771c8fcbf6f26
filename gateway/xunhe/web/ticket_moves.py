"""The one write of the pages: a person moves a ticket. Ticket, log and event in one transaction."""

from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import queries, schema
from xunhe.adapters.store.queries import TicketRow
from xunhe.domain.ticket import State, check_transition
from xunhe.web.console import Console
from xunhe.web.failures import NotFoundError, StaleRevisionError
from xunhe.web.models import Decision


def move(console: Console, ticket_id: int, to: State, decision: Decision, actor: str) -> None:
    """Move a ticket and wake the streams.

    Raises NotFoundError, StaleRevisionError, or the domain's ForbiddenTransitionError.
    """
    with console.database.write() as connection:
        row = queries.ticket(connection, ticket_id)
        if row is None:
            raise NotFoundError("ticket", "工单", ticket_id)
        if row.revision != decision.revision:
            raise StaleRevisionError(row.number, decision.revision, row.revision)
        check_transition(row.state, to)
        _write(connection, row, to, decision.reason, actor, console.clock.now())
    console.live.notify()


def _write(
    connection: sa.Connection, row: TicketRow, to: State, reason: str, actor: str, at: datetime
) -> None:
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
    connection.execute(sa.insert(schema.event).values(at=at, kind="ticket", data=data))
