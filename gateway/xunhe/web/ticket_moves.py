"""The one write of the pages: a person moves a ticket."""

from xunhe.adapters.store import queries, tickets
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
        tickets.move(connection, row, to, decision.reason, actor, console.clock.now())
    console.live.notify()
