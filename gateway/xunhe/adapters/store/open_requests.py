"""Problems that citizens reported, as the public may read of them: one row a ticket."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.schema import citizen_report, ticket
from xunhe.desk.categories import category
from xunhe.desk.citizens import is_verified
from xunhe.domain.ticket import State


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A ticket that a citizen's report opened or joined; time and place are the first report's."""

    number: str
    category: str
    state: State
    post: str
    changed_at: datetime
    due_at: datetime
    requested_at: datetime
    lon: float
    lat: float

    @property
    def is_public(self) -> bool:
        """What accuses somebody is not, until a person has found that it is true."""
        return not category(self.category).accuses or is_verified(self.state)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of them; an empty collection sets no limit."""

    since: datetime
    until: datetime
    categories: Collection[str] = ()
    states: Collection[State] = ()


def numbered(connection: sa.Connection, numbers: Collection[str]) -> list[OpenRequest]:
    """The public ones among these, by the numbers of their tickets."""
    return _found(connection, _query().where(ticket.c.number.in_(numbers)))


def newest(connection: sa.Connection, wanted: Wanted, limit: int) -> list[OpenRequest]:
    """The public ones that were reported in a span, its ends included, the newest first."""
    at = citizen_report.c.received_at
    query = _query().where(at >= wanted.since, at <= wanted.until)
    if wanted.categories:
        query = query.where(ticket.c.category.in_(wanted.categories))
    if wanted.states:
        query = query.where(ticket.c.state.in_([state.value for state in wanted.states]))
    return _found(connection, query.limit(limit))


def _query() -> sa.Select[Any]:
    """One row a ticket; a merged one is told of by the ticket that it was merged into."""
    first = sa.select(sa.func.min(citizen_report.c.id)).group_by(citizen_report.c.ticket_id)
    return (
        sa.select(
            ticket.c.number,
            ticket.c.category,
            ticket.c.state,
            ticket.c.post,
            ticket.c.changed_at,
            ticket.c.due_at,
            citizen_report.c.received_at,
            citizen_report.c.lon,
            citizen_report.c.lat,
        )
        .join(citizen_report, citizen_report.c.ticket_id == ticket.c.id)
        .where(citizen_report.c.id.in_(first), ticket.c.state != State.MERGED.value)
        .order_by(citizen_report.c.received_at.desc(), citizen_report.c.id.desc())
    )


def _found(connection: sa.Connection, query: sa.Select[Any]) -> list[OpenRequest]:
    rows = connection.execute(query)
    found = [OpenRequest(r[0], r[1], State(r[2]), *r[3:]) for r in rows]
    return [each for each in found if each.is_public]
