"""Tickets as one person asks for them: his own with its light, those of his month, the public's."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store.evidence import EvidenceRow, Role
from xunhe.adapters.store.problems import Lamp
from xunhe.adapters.store.schema import evidence, ticket
from xunhe.adapters.store.ticket_rows import ticket_of
from xunhe.desk.lights import Light
from xunhe.domain.ticket import State, Ticket

_VERIFIED = tuple(s.value for s in State if s.is_open and s is not State.UNVERIFIED)
_BY_PEOPLE = (Role.REPORT.value, Role.FOUND.value)


def light_of(connection: sa.Connection, ticket_id: int, lamp: Lamp) -> Light | None:
    """The light of a ticket now; None where there is no such ticket."""
    query = sa.select(lamp.light()).where(ticket.c.id == ticket_id)
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else Light(found)


def of_month(connection: sa.Connection, post: str, start: datetime, end: datetime) -> list[Ticket]:
    """The tickets of a post that were opened or closed in [start, end), in order of their ids."""
    opened = sa.and_(ticket.c.opened_at >= start, ticket.c.opened_at < end)
    closed = sa.and_(ticket.c.closed_at >= start, ticket.c.closed_at < end)
    query = sa.select(ticket).where(ticket.c.post == post, sa.or_(opened, closed))
    return [ticket_of(row) for row in connection.execute(query.order_by(ticket.c.id))]


def verified(connection: sa.Connection, limit: int) -> list[Ticket]:
    """Open tickets that a person has found to be true, the newest first."""
    query = sa.select(ticket).where(ticket.c.state.in_(_VERIFIED))
    rows = connection.execute(query.order_by(ticket.c.id.desc()).limit(limit))
    return [ticket_of(row) for row in rows]


def pictures(connection: sa.Connection, tickets: Collection[int]) -> Sequence[EvidenceRow]:
    """What people photographed where they found these problems, the oldest first."""
    query = sa.select(evidence).where(
        evidence.c.ticket_id.in_(tickets),
        evidence.c.role.in_(_BY_PEOPLE),
        evidence.c.removed_at.is_(None),
    )
    return [EvidenceRow(*row) for row in connection.execute(query.order_by(evidence.c.id))]
