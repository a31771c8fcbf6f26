"""跨界联防: two desks, each with its own log; what travels between them is one entry."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.desk.books import at
from tests.gateway.web.river_rows import REGISTRY
from tests.stores import migrated_file
from xunhe.adapters.desk_tickets import Desk
from xunhe.adapters.store import desk_log, tickets
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.tickets import Opening
from xunhe.adapters.supervision import offers as kept
from xunhe.adapters.supervision.offers import Border, Decision
from xunhe.desk import offers
from xunhe.desk.log import Entry, chained
from xunhe.desk.machine import Action, ForbiddenTransitionError, Move
from xunhe.desk.offers import OfferError
from xunhe.desk.roles import Actor, Role
from xunhe.desk.rules import DeskRules
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Deadline, Source, State, Ticket

NOW = at("2026-03-02 10:00:00")
HOUR = timedelta(hours=1)
OFFICE = Actor(Role.OFFICE, "office", 1)


ACCEPTED = Move(Action.ACCEPT, OFFICE, NOW - HOUR, "属实")
RECALLED = Move(Action.RECALL, OFFICE, NOW + HOUR, "自行办理")


def sealed(kind: str, data: dict[str, Any]) -> Entry:
    """An entry of somebody's log that holds together; NaN has no hash."""
    try:
        return chained(None, NOW, "office", kind, "ticket:1", data)
    except ValueError:
        return Entry(1, NOW, "office", kind, "ticket:1", data, "0" * 64, "0" * 64)


@dataclass
class Side:
    """One of the two desks."""

    database: Database
    border: Border

    def ticket(self, ticket_id: int = 1) -> Ticket | None:
        with self.database.read() as connection:
            return tickets.find(connection, ticket_id)

    def take_in(self, travelling: dict[str, Any]) -> Entry | None:
        with self.database.write() as connection:
            entry = offers.read(json.loads(json.dumps(travelling)))
            return self.border.take_in(connection, entry, OFFICE, NOW + HOUR)

    def answer(self, name: str, reach: str | None) -> dict[str, Any]:
        with self.database.write() as connection:
            entry = self.border.answer(
                connection, name, Decision(reach, "按职责办理"), OFFICE, NOW + HOUR
            )
        return dict(offers.written(entry))

    def offer(self) -> dict[str, Any]:
        with self.database.write() as connection:
            entry = self.border.offer(connection, 1, "乙区", "下游属乙区", (OFFICE,), NOW)
        return dict(offers.written(entry))


def side(folder: Path, office: str) -> Side:
    return Side(
        Database(migrated_file(folder / f"{office}.db")),
        Border(Desk(REGISTRY, DeskRules()), office),
    )


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Side]:
    made = side(tmp_path, "甲区")
    with made.database.write() as connection:
        opening = Opening(
            key="chief:1",
            source=Source.CHIEF,
            category="floating.litter",
            severity=Severity.SEVERE,
            reach="YX-1",
            post="VILLAGE-1",
            at=NOW - HOUR,
            deadline=Deadline(NOW + 48 * HOUR),
            reason="漂浮垃圾",
            lon_lat=(119.42, 30.32),
        )
        tickets.open_ticket(connection, opening)
        made.border.desk.act(connection, 1, ACCEPTED)
    yield made
    made.database.close()


@pytest.fixture
def theirs(tmp_path: Path) -> Iterator[Side]:
    made = side(tmp_path, "乙区")
    yield made
    made.database.close()


def test_an_offer_stops_the_clock_and_tells_the_problem_in_open_fields(ours: Side) -> None:
    travelling = ours.offer()
    ticket = ours.ticket()
    assert ticket is not None
    assert (ticket.state, ticket.recipient) == (State.TRANSFERRED, "乙区")
    request = travelling["entry"]["data"]["request"]
    assert request["service_code"] == "floating.litter"
    assert (request["long"], request["lat"]) == (119.42, 30.32)
    assert "云溪" in request["description"]


def test_what_is_accepted_becomes_one_ticket_there_and_stays_handed_over_here(
    ours: Side, theirs: Side
) -> None:
    travelling = ours.offer()
    assert theirs.take_in(travelling) is not None
    assert theirs.take_in(travelling) is None, "twice is once"
    reply = theirs.answer(travelling["entry"]["hash"], "YX-3")
    opened = theirs.ticket()
    assert opened is not None
    assert (opened.source, opened.reach, opened.category) == (
        Source.NEIGHBOUR, "YX-3", "floating.litter"
    )  # fmt: skip
    assert (opened.severity, opened.lon_lat) == (Severity.SEVERE, (119.42, 30.32))
    assert ours.take_in(reply) is not None
    assert ours.take_in(reply) is None
    with ours.database.read() as connection:
        (offer,) = kept.made(connection).values()
        assert desk_log.first_flaw(connection) is None
    assert (offer.is_accepted, offer.taken_as) == (True, opened.number)
    ticket = ours.ticket()
    assert ticket is not None
    assert ticket.state is State.TRANSFERRED


def test_a_refusal_takes_the_ticket_back_with_its_reason_and_it_can_be_offered_again(
    ours: Side, theirs: Side
) -> None:
    travelling = ours.offer()
    theirs.take_in(travelling)
    reply = theirs.answer(travelling["entry"]["hash"], None)
    assert theirs.ticket() is None
    ours.take_in(reply)
    back = ours.ticket()
    assert back is not None
    assert (back.state, back.recipient) == (State.ACCEPTED, None)
    again = ours.offer()
    assert again["entry"]["hash"] != travelling["entry"]["hash"]
    assert ours.take_in(reply) is None, "the old refusal does not take the new offer back"
    still = ours.ticket()
    assert still is not None
    assert still.state is State.TRANSFERRED


def test_an_answer_after_the_ticket_was_taken_back_is_kept_and_moves_nothing(
    ours: Side, theirs: Side
) -> None:
    travelling = ours.offer()
    theirs.take_in(travelling)
    reply = theirs.answer(travelling["entry"]["hash"], None)
    with ours.database.write() as connection:
        ours.border.desk.act(connection, 1, RECALLED)
    assert ours.take_in(reply) is not None
    ticket = ours.ticket()
    assert ticket is not None
    assert ticket.state is State.ACCEPTED


def test_an_offer_is_answered_once_and_only_where_it_came_in(ours: Side, theirs: Side) -> None:
    travelling = ours.offer()
    name = travelling["entry"]["hash"]
    with pytest.raises(OfferError, match="没有收到"):
        theirs.answer(name, "YX-3")
    theirs.take_in(travelling)
    with pytest.raises(OfferError, match="未登记河段"):
        theirs.answer(name, "NOWHERE")
    theirs.answer(name, "YX-3")
    with pytest.raises(OfferError, match="已答复"):
        theirs.answer(name, None)
    with pytest.raises(OfferError, match="本单位发出"):
        ours.take_in(travelling)


def test_an_answer_to_no_offer_of_ours_and_a_second_other_answer_are_refused(
    ours: Side, theirs: Side, tmp_path: Path
) -> None:
    travelling = ours.offer()
    name = travelling["entry"]["hash"]
    theirs.take_in(travelling)
    reply = theirs.answer(name, "YX-3")
    third = side(tmp_path, "丙区")
    with pytest.raises(OfferError, match="没有发出过"):
        third.take_in(reply)
    third.take_in(travelling)
    other = third.answer(name, None)
    third.database.close()
    ours.take_in(reply)
    with pytest.raises(OfferError, match="另一答复"):
        ours.take_in(other)


def test_a_ticket_that_is_over_is_not_offered(ours: Side) -> None:
    ours.offer()
    with pytest.raises(ForbiddenTransitionError):
        ours.offer()


def broken(travelling: dict[str, Any], **changed: object) -> dict[str, Any]:
    return {**travelling, "entry": {**travelling["entry"], **changed}}


def test_one_changed_sign_is_found(ours: Side, theirs: Side) -> None:
    travelling = ours.offer()
    data = {**travelling["entry"]["data"], "ticket": "XH-2026-9999"}
    for wrong in (broken(travelling, data=data), broken(travelling, seq=99)):
        with pytest.raises(OfferError, match="哈希"):
            theirs.take_in(wrong)


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {},
        {"format": "xunhe-offer/2", "entry": {}},
        {"format": offers.FORMAT},
        {"format": offers.FORMAT, "entry": {"at": "2026-01-01"}},
        {"format": offers.FORMAT, "entry": {"kind": "ticket.opened"}},
    ],
)
def test_what_is_no_offer_is_refused_and_said(content: object) -> None:
    with pytest.raises(OfferError):
        offers.read(content)


def test_fields_that_the_desk_reads_must_be_texts() -> None:
    for kind, data in (
        ("offer.made", {"from": "甲区", "to": "乙区", "ticket": "X", "request": {}}),
        ("offer.made", {"from": "甲区", "to": "乙区", "ticket": "X", "request": 1}),
        ("offer.made", {"from": 1, "to": "乙区", "ticket": "X", "request": {"description": ""}}),
        ("offer.answered", {"offer": "1", "from": "乙区", "reason": "", "ticket": None}),
        ("offer.answered", {"offer": float("nan")}),
    ):
        with pytest.raises(OfferError):
            offers.read(offers.written(sealed(kind, data)))


def test_a_place_that_is_not_on_earth_is_none() -> None:
    for lon, lat in ((181, 0), (0, 91), ("x", 0), (None, None)):
        request = {"description": "", "long": lon, "lat": lat}
        assert offers.Offer(sealed("offer.made", {"request": request})).lon_lat is None
