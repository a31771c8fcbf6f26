"""An incident gets its one ticket, or opens again the one that was closed over it."""

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import tickets
from xunhe.adapters.store.schema import Instant, incident, ticket
from xunhe.adapters.store.tickets import Opening
from xunhe.desk import deadline
from xunhe.desk.categories import of_incident
from xunhe.desk.machine import RULES, Action, Move
from xunhe.desk.recurrence import ClosedTicket, Place, reopened_by
from xunhe.desk.roles import SYSTEM, Relation
from xunhe.desk.routing import owner
from xunhe.desk.rules import DeskRules
from xunhe.desk.steps import step
from xunhe.domain.incident import Finding
from xunhe.domain.registry import Registry
from xunhe.domain.ticket import Deadline, Source, State, Ticket

_MAY_REOPEN = RULES[Action.REOPEN].before
# What comes back while the river is still watched shows that the work has not helped.
_WORKED_ON = _MAY_REOPEN | {State.HANDLED}


@dataclass(frozen=True, slots=True)
class TicketOpener:
    """Writes in the transaction of the alert. `hours`: what an incident's ticket may take."""

    registry: Registry
    rules: DeskRules
    hours: float

    def witness(
        self, connection: sa.Connection, incident_id: int, finding: Finding, now: datetime
    ) -> None:
        """A finding belongs to an incident: see to it that somebody has the duty.

        However often and in whatever order this is told, an incident has one ticket.
        """
        if self.rules.is_elsewhere:
            return
        known = tickets.of_incident(connection, incident_id)
        if known is None:
            known = self._recurred(connection, incident_id, finding, now)
        if known is None:
            self._open(connection, incident_id, finding, now)
        elif known.state in _MAY_REOPEN and finding.at > _handled_at(known):
            self._reopen(connection, known, finding, now)

    def _open(
        self, connection: sa.Connection, incident_id: int, finding: Finding, now: datetime
    ) -> None:
        reach = finding.reach_in(self.registry)
        category = of_incident(finding.kind.value, str(finding.rule)).code
        opening = Opening(
            key=f"incident:{incident_id}",
            source=self._source(finding),
            category=category,
            severity=finding.severity,
            reach=reach,
            post=owner(self.registry, reach),
            at=now,
            deadline=self._deadline(category, now),
            reason=f"{finding.reason_zh} / {finding.reason_en}",
            incident_id=incident_id,
            lon_lat=finding.spot.lon_lat if finding.spot else None,
        )
        tickets.open_ticket(connection, opening)

    def _source(self, finding: Finding) -> Source:
        if finding.spot is not None:
            return Source.DRONE
        return Source.CAMERA if finding.station in self.registry.cameras else Source.BUOY

    def _recurred(
        self, connection: sa.Connection, incident_id: int, finding: Finding, now: datetime
    ) -> Ticket | None:
        """The ticket whose work was in vain; the new incident is its own from now on."""
        place = _place_of(connection, incident_id)
        since = finding.at - self.rules.recurrence
        worked_on = _worked_on_since(connection, place.reach, since)
        ticket_id = reopened_by(place, finding.at, worked_on, self.rules.recurrence)
        found = None if ticket_id is None else tickets.find(connection, ticket_id)
        if found is not None:
            tickets.link(connection, found, incident_id, now)
        return found

    def _reopen(
        self, connection: sa.Connection, known: Ticket, finding: Finding, now: datetime
    ) -> None:
        reason = f"问题再次出现：{finding.reason_zh} / it has come back: {finding.reason_en}"
        again = self._deadline(known.category, max(now, known.changed_at))
        move = Move(Action.REOPEN, SYSTEM, now, reason, deadline=again)
        after = step(known, move, frozenset({Relation.SYSTEM}), self.rules.calendar)
        tickets.record(connection, known, after, move)

    def _deadline(self, category: str, at: datetime) -> Deadline:
        terms = replace(self.rules.terms, hours=self.hours)
        return deadline.opened(category, at, terms, self.rules.calendar)


def _handled_at(closed: Ticket) -> datetime:
    """What was seen before it is what the work was about, however late it becomes known."""
    return closed.handled_at or closed.changed_at


def _place_of(connection: sa.Connection, incident_id: int) -> Place:
    query = sa.select(incident.c.reach, incident.c.kind, incident.c.zone)
    return Place(*connection.execute(query.where(incident.c.id == incident_id)).one())


def _worked_on_since(connection: sa.Connection, reach: str, since: datetime) -> list[ClosedTicket]:
    ended_at = sa.func.coalesce(ticket.c.closed_at, ticket.c.handled_at, type_=Instant)
    handled_at = sa.func.coalesce(ticket.c.handled_at, ticket.c.closed_at, type_=Instant)
    query = (
        sa.select(ticket.c.id, handled_at, ended_at, incident.c.kind, incident.c.zone)
        .join(incident, incident.c.id == ticket.c.incident_id)
        .where(
            ticket.c.reach == reach,
            ticket.c.state.in_([state.value for state in _WORKED_ON]),
            ended_at >= since,
        )
    )
    return [
        ClosedTicket(ticket_id, Place(reach, kind, zone), handled_at, ended_at)
        for ticket_id, handled_at, ended_at, kind, zone in connection.execute(query)
    ]
