"""What the desk does by itself as time goes by; each ticket in a transaction of its own.

A suspension ends, the river is asked and answers, a deadline is counted again, a closed ticket is
archived. Whoever looks twice, or two processes at once, change nothing twice: the second finds
another state.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.desk_tickets import Desk
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.desk_river import testimonies
from xunhe.adapters.store.schema import ticket
from xunhe.desk import agreement, deadline
from xunhe.desk.machine import Action, ForbiddenTransitionError, Move
from xunhe.desk.roles import SYSTEM
from xunhe.domain.ticket import Answer, State, Ticket

log = logging.getLogger(__name__)

_OPEN = [state.value for state in State if state.is_open]


@dataclass(frozen=True, slots=True)
class DeskClock:
    """The desk's own steps."""

    database: Database
    desk: Desk

    def tick(self, now: datetime) -> int:
        """Take every step that is due; how many were taken."""
        with self.database.read() as connection:
            due = list(self._due(connection, now))
        return sum(self._step(ticket_id, now) for ticket_id in due)

    def _due(self, connection: sa.Connection, now: datetime) -> Iterator[int]:
        state, columns = ticket.c.state, ticket.c
        closed_by = now - self.desk.rules.archive
        for condition in (
            sa.and_(state == State.SUSPENDED.value, columns.clock_stopped_until <= now),
            sa.and_(state == State.HANDLED.value, columns.watched_since.is_not(None)),
            sa.and_(state.in_(_OPEN), columns.due_is_provisional),
            sa.and_(state == State.CLOSED.value, columns.closed_at <= closed_by),
        ):
            query = sa.select(columns.id).where(condition).order_by(columns.id)
            yield from connection.execute(query).scalars()

    def _step(self, ticket_id: int, now: datetime) -> bool:
        with self.database.write() as connection:
            found = self.desk.find(connection, ticket_id)
            move = self._move(connection, found, now)
            if move is None:
                return False
            try:
                self.desk.act(connection, ticket_id, move)
            except ForbiddenTransitionError as error:
                log.warning("ticket=%s: %s", found.number, error)
                return False
            return True

    def _move(self, connection: sa.Connection, found: Ticket, now: datetime) -> Move | None:
        if found.pause is not None:
            is_over = found.pause.until is not None and found.pause.until <= now
            reason = "挂起期满 / the suspension is over"
            return Move(Action.RESUME, SYSTEM, now, reason) if is_over else None
        if found.state is State.HANDLED:
            return self._answer(connection, found, now)
        if found.state is State.CLOSED:
            return Move(Action.ARCHIVE, SYSTEM, now, "抽查期已过 / its time for look-back is over")
        return self._recount(found, now)

    def _answer(self, connection: sa.Connection, found: Ticket, now: datetime) -> Move | None:
        """The river's answer, where it is another than the one that is known."""
        watch = found.watch
        if watch is None or watch.answer in (Answer.OVERRULED, Answer.DISAGREES):
            return None
        told = testimonies(connection, found.id, watch.since, now)
        said = agreement.answer(watch, told, now)
        if said is watch.answer or (watch.answer is not Answer.WATCHING and said.lets_pass):
            return None
        detail = {"testimonies": [one.told() for one in told]}
        reason = agreement.in_words(said)
        return Move(Action.ANSWER, SYSTEM, now, reason, answer=said, detail=detail)

    def _recount(self, found: Ticket, now: datetime) -> Move | None:
        counted = deadline.recounted(found.deadline, self.desk.rules.calendar)
        if counted == found.deadline:
            return None
        reason = "节假日安排已公布，重算时限 / the year's holidays are known: counted again"
        return Move(Action.RECOUNT, SYSTEM, now, reason, deadline=counted)


def provisional(connection: sa.Connection) -> int:
    """How many open tickets have a deadline that may still change with the calendar."""
    condition = sa.and_(ticket.c.state.in_(_OPEN), ticket.c.due_is_provisional)
    query = sa.select(sa.func.count()).select_from(ticket).where(condition)
    return connection.execute(query).scalar_one()
