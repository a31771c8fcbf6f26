"""May somebody whose sight ends at his reaches see the one thing that a path names?

A ticket is also his who handles it or answers for it, and so is what belongs to such a ticket.
"""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from xunhe.adapters.store import documents, evidence, flights, handovers, queries, tickets
from xunhe.web.console import Console
from xunhe.web.route_rules import Thing
from xunhe.web.scope import Person


def lies_within(
    console: Console, connection: sa.Connection, person: Person, thing: Thing, key: str
) -> bool:
    """False where there is such a thing and it is not this person's to see.

    A number that is written in another way, such as `2.0`, names nothing here.
    """
    if person.reaches is None:
        return True
    if thing in _NUMBERED and not (key.isdecimal() and len(key) <= _MOST_DIGITS):
        return False
    return _SEES[thing](_Sight(console, connection, person, person.reaches), key)


@dataclass(frozen=True, slots=True)
class _Sight:
    console: Console
    connection: sa.Connection
    person: Person
    reaches: frozenset[str]

    def ticket(self, key: str) -> bool:
        found = tickets.find(self.connection, int(key))
        if found is None or found.reach in self.reaches:
            return True
        return bool({found.handler, found.post} & self.person.offices)

    def incident(self, key: str) -> bool:
        found = queries.incident(self.connection, int(key))
        if found is None or found.reach in self.reaches:
            return True
        ticket = tickets.of_incident(self.connection, int(key))
        return ticket is not None and self.ticket(str(ticket.id))

    def evidence(self, key: str) -> bool:
        shown = flights.reaches_of_picture(self.connection, key)
        if not self.reaches.isdisjoint(shown):
            return True
        owners = evidence.owners(self.connection, key)
        return not owners or any(
            (incident is not None and self.incident(str(incident)))
            or (ticket is not None and self.ticket(str(ticket)))
            for incident, ticket in owners
        )

    def document(self, key: str) -> bool:
        found = documents.find(self.connection, int(key))
        return found is None or self.subject(found.issued.paper.subject)

    def handover(self, key: str) -> bool:
        found = handovers.find(self.connection, int(key))
        if found is None or self.person.person in (found.leaver, found.successor):
            return True
        return self.post(found.post)

    def subject(self, key: str) -> bool:
        """Such as ticket:5, post:VILLAGE-1, unit:U-1; what is of no place is everybody's."""
        kind, _, code = key.partition(":")
        sees = {"ticket": self.ticket, "post": self.post, "unit": self.unit}.get(kind)
        if sees is None or (kind == "ticket" and not code.isdecimal()):
            return True
        return sees(code[:_MOST_DIGITS] if kind == "ticket" else code)

    def post(self, key: str) -> bool:
        post = self.console.registry.posts.get(key)
        return post is None or key in self.person.posts or self.reaches.issuperset(post.reaches)

    def unit(self, key: str) -> bool:
        return key not in self.console.registry.units or key in self.person.units

    def flight(self, key: str) -> bool:
        found = flights.find(self.connection, int(key))
        return found is None or found.reach in self.reaches

    def place(self, key: str) -> bool:
        reach = self._reach_of_place(key)
        return reach is None or reach in self.reaches

    def reach(self, key: str) -> bool:
        return key not in self.console.registry.reaches or key in self.reaches

    def _reach_of_place(self, code: str) -> str | None:
        if self.console.registry.knows(code):
            return self.console.registry.place(code).reach
        cameras = self.console.cameras
        statuses = cameras.statuses() if cameras else []
        return next((s.camera.reach for s in statuses if s.camera.code == code), None)


_MOST_DIGITS = 15
_NUMBERED = frozenset({Thing.TICKET, Thing.INCIDENT, Thing.DOCUMENT, Thing.HANDOVER, Thing.FLIGHT})
_SEES: dict[Thing, Callable[[_Sight, str], bool]] = {
    Thing.TICKET: _Sight.ticket,
    Thing.INCIDENT: _Sight.incident,
    Thing.EVIDENCE: _Sight.evidence,
    Thing.DOCUMENT: _Sight.document,
    Thing.HANDOVER: _Sight.handover,
    Thing.SUBJECT: _Sight.subject,
    Thing.POST: _Sight.post,
    Thing.UNIT: _Sight.unit,
    Thing.STATION: _Sight.place,
    Thing.CAMERA: _Sight.place,
    Thing.BOARD: _Sight.place,
    Thing.REACH: _Sight.reach,
    Thing.FLIGHT: _Sight.flight,
}
