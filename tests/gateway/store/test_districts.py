"""Districts of a province see only their own; a reach that moves takes its history along.

Nothing that is stored names a district: it names its reach, and the registry says whose that is.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.gateway.conftest import START, StandingClock
from xunhe.adapters.rules_file import shipped
from xunhe.adapters.store import accounts, members, queries, stream
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.incidents import IncidentBook
from xunhe.desk.routing import superiors
from xunhe.domain.incident import Finding, Rule, Severity
from xunhe.domain.network import Network
from xunhe.domain.offices import Level
from xunhe.domain.registry import Person as Holder
from xunhe.domain.registry import Post, Registry, Tenure
from xunhe.web.route_rules import Thing
from xunhe.web.scope import identify
from xunhe.web.sight import lies_within

pytestmark = pytest.mark.on_both_engines

WEST, EAST = "DISTRICT", "DISTRICT-EAST"
CHIEFS = {WEST: "P2", EAST: "P-EAST"}
WORDS = ("失联", "silent")


@dataclass(frozen=True)
class Desk:
    """What of a console says whose a request is."""

    registry: Registry
    clock: StandingClock


@pytest.fixture
def province(registry: Registry) -> Registry:
    """The demo's river, its lower town (YX-2, YX-3) in a district of its own."""
    unit = replace(registry.units["U-DISTRICT"], code="U-EAST", name="东区", name_en="East")
    lower = replace(registry.units["U-TOWN-LOWER"], parent="U-EAST")
    west, lakes = registry.posts[WEST], registry.posts[WEST].lakes
    east = Post(EAST, "区级河长", "East's chief", Level.DISTRICT, ("YX-2", "YX-3"), lakes, "U-EAST")
    since = datetime(2024, 1, 1, tzinfo=UTC)
    return replace(
        registry,
        units={**registry.units, unit.code: unit, lower.code: lower},
        posts={
            **registry.posts,
            WEST: replace(west, reaches=("YX-1", "BJ-1"), lakes=()),
            EAST: east,
        },
        persons={**registry.persons, CHIEFS[EAST]: Holder(CHIEFS[EAST], "东")},
        tenures=(*registry.tenures, Tenure(EAST, CHIEFS[EAST], since)),
    )


def moved(province: Registry, reach: str, to: Collection[str], away: Collection[str]) -> Registry:
    """The same after a reach went from some posts to others."""
    posts = dict(province.posts)
    for code in to:
        posts[code] = replace(posts[code], reaches=(*posts[code].reaches, reach))
    for code in away:
        left = tuple(each for each in posts[code].reaches if each != reach)
        posts[code] = replace(posts[code], reaches=left)
    return replace(province, posts=posts)


@pytest.fixture
def filled(database: Database, province: Registry) -> Database:
    """An incident with its ticket at every station."""
    book = IncidentBook(Network(province), shipped())
    with database.write() as connection:
        for n, station in enumerate(province.stations):
            at = START + timedelta(days=10 * n)
            found = Finding(Rule.SILENT, station, "", at, Severity.MINOR, None, None, *WORDS)
            book.raise_finding(connection, found, at)
        for district, person in CHIEFS.items():
            accounts.add_user(connection, district, "no password", START)
            members.add(connection, district, START, person=person)
    return database


def seen(database: Database, province: Registry, district: str) -> set[str]:
    """The reaches of what a district's chief gets to see, whichever way he looks."""
    desk = Desk(province, StandingClock(START))
    with database.read() as connection:
        chief = identify(desk, connection, district)  # type: ignore[arg-type]
        assert chief.reaches is not None
        listed = {one.reach for one in queries.tickets(connection, 100, 0, chief.reaches)}
        of_incidents = {one.reach for one in queries.incidents(connection, 100, 0, chief.reaches)}
        told = stream.newest(connection, stream.Narrowed(reaches=chief.reaches), 100)
        assert listed == of_incidents == {one.incident.reach for one in told}
        for ticket in queries.tickets(connection, 100):
            sees = lies_within(desk, connection, chief, Thing.TICKET, str(ticket.id))  # type: ignore[arg-type]
            assert sees == (ticket.reach in listed)
        for station in province.stations.values():
            sees = lies_within(desk, connection, chief, Thing.STATION, station.code)  # type: ignore[arg-type]
            assert sees == (station.reach in listed)
        return listed


def test_a_district_sees_its_own_and_nothing_else(filled: Database, province: Registry) -> None:
    assert seen(filled, province, WEST) == {"YX-1"}
    assert seen(filled, province, EAST) == {"YX-2", "YX-3"}


def test_a_reach_that_moves_to_another_district_moves_with_its_history(
    filled: Database, province: Registry
) -> None:
    lower, upper = (EAST, "TOWN-LOWER", "VILLAGE-2"), (WEST, "TOWN-UPPER", "VILLAGE-1")
    after = moved(province, "YX-2", to=upper, away=lower)
    with filled.read() as connection:
        before = list(connection.execute(sa.text("SELECT * FROM ticket ORDER BY id")))
    assert seen(filled, after, WEST) == {"YX-1", "YX-2"}
    assert seen(filled, after, EAST) == {"YX-3"}
    with filled.read() as connection:  # and not a row was touched
        assert list(connection.execute(sa.text("SELECT * FROM ticket ORDER BY id"))) == before


def test_who_has_taken_a_reach_over_may_act_on_what_was_open_there(
    filled: Database, province: Registry
) -> None:
    after = moved(province, "YX-2", to=(WEST, "VILLAGE-1"), away=(EAST, "VILLAGE-2"))
    with filled.read() as connection:
        (ticket,) = queries.tickets(connection, 100, 0, {"YX-2"})
    assert ticket.post == "VILLAGE-2"
    assert {WEST, "VILLAGE-1"} <= set(superiors(after, "YX-2", ticket.post))
    assert EAST not in superiors(after, "YX-2", ticket.post)
