"""Tickets as rows: opening one, once a key, and writing a step that the machine has allowed.

State, log, event and outbox of a step are written in the caller's one transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import desk_log
from xunhe.adapters.store.schema import ticket, ticket_incident
from xunhe.adapters.store.ticket_rows import row_of, ticket_of
from xunhe.adapters.store.ticket_told import brought, send, tell, told
from xunhe.desk.log import JSON, iso
from xunhe.desk.machine import Action, Move
from xunhe.desk.roles import SYSTEM, Actor
from xunhe.desk.routing import number
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Deadline, Source, State, Ticket


class StaleTicketError(RuntimeError):
    """Somebody else has changed the ticket since it was read."""

    def __init__(self, ticket: Ticket, seen: int, stored: int) -> None:
        self.ticket_id, self.number, self.seen, self.stored = ticket.id, ticket.number, seen, stored
        super().__init__(f"ticket {ticket.number} has revision {stored}, not {seen}")


@dataclass(frozen=True, slots=True)
class Opening:
    """What a ticket begins with. The same `key` twice is one ticket.

    `told` goes into the log with the opening: for what a citizen wrote, the `Kept` of personal
    data, never the words.
    """

    key: str  # incident:4, report:17, chief:…
    source: Source
    category: str
    severity: Severity
    reach: str
    post: str
    at: datetime
    deadline: Deadline
    reason: str
    actor: Actor = SYSTEM
    incident_id: int | None = None
    lon_lat: tuple[float, float] | None = None
    campaign: str = ""
    is_difficult: bool = False
    owes_feedback: bool = False
    told: Mapping[str, JSON] = field(default_factory=dict)


def open_ticket(connection: sa.Connection, opening: Opening) -> Ticket:
    """The ticket of this opening: the one that there is, or a new one."""
    known = of_key(connection, opening.key)
    if known is not None:
        return known
    draft = _draft(opening)
    row = {**row_of(draft), "number": opening.key, "opening_key": opening.key}
    key = connection.execute(ticket.insert().values(**row)).inserted_primary_key
    if key is None:
        raise RuntimeError("no key came back for the new row of ticket")
    opened = _numbered(draft, int(key[0]))
    connection.execute(ticket.update().where(ticket.c.id == opened.id).values(number=opened.number))
    if opened.incident_id is not None:
        _own(connection, opened, opened.incident_id)
    _tell_opened(connection, opened, opening)
    return opened


def find(connection: sa.Connection, ticket_id: int) -> Ticket | None:
    """One ticket."""
    return _one(connection, ticket.c.id == ticket_id)


def of_key(connection: sa.Connection, key: str) -> Ticket | None:
    """The ticket that was opened under this key."""
    return _one(connection, ticket.c.opening_key == key)


def of_incident(connection: sa.Connection, incident_id: int) -> Ticket | None:
    """The ticket that an incident belongs to."""
    owner = sa.select(ticket_incident.c.ticket_id).where(
        ticket_incident.c.incident_id == incident_id
    )
    return _one(connection, ticket.c.id == owner.scalar_subquery())


def incidents_of(connection: sa.Connection, ticket_id: int) -> list[int]:
    """The incidents of a ticket, its first one first."""
    query = sa.select(ticket_incident.c.incident_id).order_by(ticket_incident.c.incident_id)
    return list(connection.execute(query.where(ticket_incident.c.ticket_id == ticket_id)).scalars())


def link(connection: sa.Connection, known: Ticket, incident_id: int, at: datetime) -> None:
    """Another incident becomes this ticket's."""
    _own(connection, known, incident_id)
    data = {**told(known), "incident_id": incident_id}
    _log(connection, at, SYSTEM, "ticket.linked", known, data)


def record(connection: sa.Connection, before: Ticket, after: Ticket, move: Move) -> None:
    """Write a step: row, log, event and outbox. StaleTicketError where `before` is an older one."""
    written = connection.execute(
        ticket.update()
        .where(ticket.c.id == before.id, ticket.c.revision == before.revision)
        .values(**row_of(after))
    )
    if written.rowcount != 1:
        query = sa.select(ticket.c.revision).where(ticket.c.id == before.id)
        stored = connection.execute(query).scalar_one()
        raise StaleTicketError(before, before.revision, stored)
    data: dict[str, JSON] = {
        **told(after),
        "action": move.action.value,
        "from": before.state.value,
        "to": after.state.value,
        "before": iso(before.deadline.due_at),
        "reason": move.reason,
        "by": move.actor.person,
        **brought(move),
    }
    _log(connection, after.changed_at, move.actor, kind_of(before, after, move), after, data)
    tell(connection, after, after.changed_at)
    if before.state is not after.state:
        send(
            connection, after, f"ticket:{after.id}:{after.revision}", move.reason, after.changed_at
        )


def kind_of(before: Ticket, after: Ticket, move: Move) -> str:
    """The kind under which a step stands in the log."""
    if before.state is not after.state:
        return "ticket.moved"
    if before.deadline != after.deadline:
        return "ticket.due"
    return "ticket.reported" if move.action is Action.REPORT else "ticket.noted"


def _draft(opening: Opening) -> Ticket:
    return Ticket(
        id=0,
        number="",
        source=opening.source,
        category=opening.category,
        severity=opening.severity,
        reach=opening.reach,
        post=opening.post,
        state=State.UNVERIFIED,
        opened_at=opening.at,
        changed_at=opening.at,
        deadline=opening.deadline,
        incident_id=opening.incident_id,
        lon_lat=opening.lon_lat,
        campaign=opening.campaign,
        is_difficult=opening.is_difficult,
        owes_feedback=opening.owes_feedback,
    )


def _tell_opened(connection: sa.Connection, opened: Ticket, opening: Opening) -> None:
    data: dict[str, JSON] = {
        **told(opened),
        "reach": opened.reach,
        "source": opened.source.value,
        "category": opened.category,
        "severity": opened.severity.value,
        "campaign": opened.campaign,
        "is_difficult": opened.is_difficult,
        "incident_id": opened.incident_id,
        "reason": opening.reason,
        "by": opening.actor.person,
        **opening.told,
    }
    _log(connection, opened.opened_at, opening.actor, "ticket.opened", opened, data)
    tell(connection, opened, opened.opened_at)
    send(connection, opened, f"ticket:{opened.id}:opened", data["reason"], opened.opened_at)


def _log(
    connection: sa.Connection,
    at: datetime,
    actor: Actor,
    kind: str,
    of: Ticket,
    data: Mapping[str, JSON],
) -> None:
    desk_log.append(connection, at, actor.code, kind, f"ticket:{of.id}", data)


def _own(connection: sa.Connection, owner: Ticket, incident_id: int) -> None:
    row = {"incident_id": incident_id, "ticket_id": owner.id}
    connection.execute(ticket_incident.insert().values(**row))


def _numbered(draft: Ticket, ticket_id: int) -> Ticket:
    return replace(draft, id=ticket_id, number=number(ticket_id, draft.opened_at))


def _one(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> Ticket | None:
    row = connection.execute(sa.select(ticket).where(condition)).first()
    return None if row is None else ticket_of(row)
