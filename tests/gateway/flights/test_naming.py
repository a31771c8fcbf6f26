"""A person names a change on the bank; nothing follows from it before."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.gateway.conftest import START
from tests.gateway.flights.conftest import Hangar
from tests.gateway.flights.reported import AT, BEGAN, flight, found
from xunhe.adapters.desk_tickets import Desk
from xunhe.adapters.flights.naming import NAMES, NOTHING, Named, name_candidate
from xunhe.adapters.flights.refused import FlightError
from xunhe.adapters.store import flights
from xunhe.desk.roles import Actor, Role
from xunhe.desk.rules import DeskRules
from xunhe.domain.finding import FindingKind
from xunhe.domain.ticket import Ticket

OFFICE = Actor(Role.OFFICE, "office", 1)


def named(hangar: Hangar, word: str, finding: str = "F01", note: str = "") -> Ticket | None:
    with hangar.database.write() as connection:
        return _named(hangar, connection, word, finding, note)


def _named(
    hangar: Hangar, connection: sa.Connection, word: str, finding: str, note: str
) -> Ticket | None:
    row = flights.of_key(connection, "9f2c000000000001")
    assert row is not None
    desk = Desk(hangar.book.registry, DeskRules())
    return name_candidate(connection, desk, row, finding, Named(word, OFFICE, START, note))


@pytest.mark.parametrize("word", NAMES)
def test_each_of_the_four_disorders_opens_its_ticket_with_the_picture(
    hangar: Hangar, word: str
) -> None:
    hangar.take(flight([found(kind=FindingKind.BANK_CHANGE)]))
    named(hangar, word, note="新建棚屋")
    (ticket,) = hangar.rows("ticket")
    assert (ticket.category, ticket.source, ticket.post) == (word, "drone", "VILLAGE-2")
    assert (ticket.lon, ticket.lat) == AT
    brought = [row for row in hangar.rows("evidence") if row.ticket_id == ticket.id]
    assert [row.role for row in brought] == ["found"]
    assert brought[0].camera_at == BEGAN + timedelta(seconds=20)
    (row,) = hangar.rows("flight_finding")
    assert (row.named, row.named_by, row.ticket_id) == (word, "office", ticket.id)
    with hangar.database.read() as connection:
        assert flights.on_map(connection) == []


def test_nothing_to_worry_about_opens_none(hangar: Hangar) -> None:
    hangar.take(flight([found(kind=FindingKind.BANK_CHANGE)]))
    assert named(hangar, NOTHING) is None
    assert hangar.rows("ticket") == []
    (row,) = hangar.rows("flight_finding")
    assert row.named == ""


def test_the_first_word_counts(hangar: Hangar) -> None:
    hangar.take(flight([found(kind=FindingKind.BANK_CHANGE)]))
    named(hangar, NOTHING)
    with pytest.raises(FlightError, match="already"):
        named(hangar, NAMES[0])
    assert hangar.rows("ticket") == []


@pytest.mark.parametrize(
    ("finding", "word", "said"),
    [("F01", NAMES[0], "no candidate"), ("F9", NAMES[0], "no candidate"), ("F02", "x", "none of")],
)
def test_what_cannot_be_named_is_refused(
    hangar: Hangar, finding: str, word: str, said: str
) -> None:
    hangar.take(flight([found(), found("F02", FindingKind.BANK_CHANGE)]))
    with pytest.raises(FlightError, match=said):
        named(hangar, word, finding)


def test_what_lies_on_no_reach_opens_no_ticket(hangar: Hangar) -> None:
    hangar.take(flight([found(kind=FindingKind.BANK_CHANGE, at=None, reach=None)]))
    with pytest.raises(FlightError, match="no registered reach"):
        named(hangar, NAMES[0])
