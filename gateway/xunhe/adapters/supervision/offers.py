"""Tickets that go to a neighbour and come from one: each step with its entry, all in one write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.desk_tickets import Desk
from xunhe.adapters.documents.cases import case_of
from xunhe.adapters.store import desk_log
from xunhe.adapters.store.tickets import Opening, open_ticket
from xunhe.desk import offers
from xunhe.desk.categories import CATEGORIES
from xunhe.desk.log import JSON, Entry, iso
from xunhe.desk.machine import Action, Move
from xunhe.desk.offers import ANSWERED, KINDS, MADE, RECEIVED, SETTLED, Offer, OfferError
from xunhe.desk.roles import Actor
from xunhe.desk.routing import owner
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Source, State, Ticket

_UNKNOWN = "other.other"  # a neighbour's category that this desk does not have


@dataclass(frozen=True, slots=True)
class Decision:
    """What a desk answers: `reach` is where the ticket is opened, None: it is refused."""

    reach: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Border:
    """A desk's side of it. `office`: the name under which it writes to neighbours."""

    desk: Desk
    office: str

    def offer(
        self,
        connection: sa.Connection,
        ticket_id: int,
        to: str,
        reason: str,
        offices: Sequence[Actor],
        at: datetime,
    ) -> Entry:
        """Hand a ticket over (移送) and offer it. Raises what `Desk.act` does."""
        move = Move(Action.TRANSFER, offices[0], at, reason, recipient=to)
        ticket = self.desk.act(connection, ticket_id, move, offices=offices)
        told: dict[str, JSON] = {
            "from": self.office,
            "to": to,
            "ticket": ticket.number,
            "reason": reason,
            "request": self._request(connection, ticket),
        }
        return desk_log.append(connection, at, offices[0].code, MADE, f"ticket:{ticket.id}", told)

    def take_in(
        self, connection: sa.Connection, entry: Entry, actor: Actor, at: datetime
    ) -> Entry | None:
        """Keep an offer or an answer that `offers.read` has read; None where it is known."""
        if entry.kind == MADE:
            return self._receive(connection, entry, actor, at)
        return self._settle(connection, entry, actor, at)

    def answer(
        self,
        connection: sa.Connection,
        name: str,
        decision: Decision,
        actor: Actor,
        at: datetime,
    ) -> Entry:
        """Accept a neighbour's offer, which opens a ticket, or refuse it. OfferError."""
        offer = received(connection).get(name)
        if offer is None:
            raise OfferError(f"没有收到移交 {name} / no offer {name} has come in")
        if offer.answer is not None:
            raise OfferError("此移交已答复 / this offer has been answered")
        opened = self._open(connection, offer, decision, actor, at)
        told: dict[str, JSON] = {
            "offer": name,
            "from": self.office,
            "accepted": opened is not None,
            "ticket": "" if opened is None else opened.number,
            "reason": decision.reason,
        }
        return desk_log.append(connection, at, actor.code, ANSWERED, f"offer:{name}", told)

    def _receive(
        self, connection: sa.Connection, entry: Entry, actor: Actor, at: datetime
    ) -> Entry | None:
        if entry.hash in received(connection):
            return None
        if entry.hash in made(connection):
            raise OfferError("这是本单位发出的移交 / this offer is our own")
        told = {"entry": offers.written(entry)["entry"]}
        return desk_log.append(connection, at, actor.code, RECEIVED, f"offer:{entry.hash}", told)

    def _settle(
        self, connection: sa.Connection, entry: Entry, actor: Actor, at: datetime
    ) -> Entry | None:
        """The answer to an offer of ours; a refusal takes the ticket back."""
        offer = made(connection).get(str(entry.data["offer"]))
        if offer is None:
            raise OfferError("没有发出过这件移交 / no such offer was made here")
        if offer.answer is not None and offer.answer.hash == entry.hash:
            return None
        if offer.answer is not None:
            raise OfferError("此移交已有另一答复 / this offer has another answer already")
        subject = offer.entry.subject
        told = {"entry": offers.written(entry)["entry"]}
        kept = desk_log.append(connection, at, actor.code, SETTLED, subject, told)
        ticket = self.desk.find(connection, int(subject.removeprefix("ticket:")))
        is_waiting = _newest(connection, subject) == offer.name
        if is_waiting and ticket.state is State.TRANSFERRED and not entry.data.get("accepted"):
            reason = f"{entry.data['from']}：{entry.data['reason']}"
            self.desk.act(connection, ticket.id, Move(Action.RECALL, actor, at, reason))
        return kept

    def _open(
        self,
        connection: sa.Connection,
        offer: Offer,
        decision: Decision,
        actor: Actor,
        at: datetime,
    ) -> Ticket | None:
        if decision.reach is None:
            return None
        if decision.reach not in self.desk.registry.reaches:
            raise OfferError(f"未登记河段 {decision.reach} / no reach {decision.reach}")
        category = str(offer.request.get("service_code"))
        category = category if category in CATEGORIES else _UNKNOWN
        opening = Opening(
            key=f"offer:{offer.name}",
            source=Source.NEIGHBOUR,
            category=category,
            severity=_severity(offer.request),
            reach=decision.reach,
            post=owner(self.desk.registry, decision.reach),
            at=at,
            deadline=self.desk.deadline(category, at),
            reason=f"{offer.sender} {offer.ticket}：{offer.description}",
            actor=actor,
            lon_lat=offer.lon_lat,
        )
        return open_ticket(connection, opening)

    def _request(self, connection: sa.Connection, ticket: Ticket) -> dict[str, JSON]:
        """The problem in GeoReport's fields; no person and no citizen's words are in it."""
        case = case_of(connection, self.desk.registry, ticket.id)
        lines = [case.problem, case.place, *(f"{f.label} {f.text}" for f in case.evidence)]
        lon, lat = ticket.lon_lat or self._middle(ticket.reach)
        return {
            "service_request_id": ticket.number,
            "service_code": ticket.category,
            "service_name": case.category,
            "description": "；".join(lines)[:2000],
            "severity": ticket.severity.value,
            "requested_datetime": iso(case.found_at),
            "address": f"{case.river} {case.reach}",
            "long": lon,
            "lat": lat,
        }

    def _middle(self, reach: str) -> tuple[float, float]:
        line = self.desk.registry.reaches[reach].line
        return line[len(line) // 2]


def made(connection: sa.Connection) -> dict[str, Offer]:
    """Our offers by name."""
    return offers.made(desk_log.entries(connection, kinds=KINDS))


def received(connection: sa.Connection) -> dict[str, Offer]:
    """The neighbours' offers by name."""
    return offers.received(desk_log.entries(connection, kinds=KINDS))


def _newest(connection: sa.Connection, subject: str) -> str:
    """The name of a ticket's last offer."""
    return [entry.hash for entry in desk_log.entries(connection, 0, [MADE], subject)][-1]


def _severity(request: Mapping[str, object]) -> Severity:
    said = str(request.get("severity"))
    return Severity(said) if said in set(Severity) else Severity.MAJOR
