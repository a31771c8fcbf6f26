"""Flights as pages and programs see them: what each saw, what it found, what became of that."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters.flights.naming import NAMES
from xunhe.adapters.store import evidence, flights, patrols, tickets
from xunhe.adapters.store.flights import FindingRow, FlightRow
from xunhe.desk.categories import CATEGORIES
from xunhe.desk.patrols import Check
from xunhe.domain.finding import FlightFinding
from xunhe.domain.flight import Flight
from xunhe.domain.ticket import Ticket
from xunhe.web.console import Console
from xunhe.web.phone.walk_views import checks_of
from xunhe.web.wording import Words

CANDIDATE_NAMES = {code: Words(CATEGORIES[code].zh, CATEGORIES[code].en) for code in NAMES}
_NOTHING = Words("不是问题", "nothing to worry about")


@dataclass(frozen=True, slots=True)
class FoundView:
    """One finding: as reported, and what became of it. `at` is by the gateway's clock."""

    number: int
    found: FlightFinding
    row: FindingRow
    at: datetime
    picture: str | None
    ticket: Ticket | None

    @property
    def named(self) -> Words | None:
        """What a person called it."""
        if self.row.named is None:
            return None
        return CANDIDATE_NAMES.get(self.row.named, _NOTHING)


@dataclass(frozen=True, slots=True)
class FlightView:
    """One flight. `checks` decide whether it counts as a patrol; empty where it is none."""

    row: FlightRow
    flight: Flight
    found: tuple[FoundView, ...]
    checks: tuple[Check, ...]

    @property
    def counts(self) -> bool:
        """It is a valid patrol (有效巡河)."""
        return bool(self.checks) and all(check.holds for check in self.checks)


@dataclass(frozen=True, slots=True)
class Line:
    """One flight of the list."""

    row: FlightRow
    film: str
    drone: str | None
    seen: float | None
    counts: Counter[str]
    waiting: int

    @property
    def minutes(self) -> float:
        """How long it took."""
        return (self.row.ended_at - self.row.started_at) / timedelta(minutes=1)


def lines(connection: sa.Connection, reaches: Collection[str] | None, limit: int) -> list[Line]:
    """The last flights, the newest first."""
    rows = flights.newest(connection, reaches, limit)
    found: dict[int, list[FindingRow]] = {row.id: [] for row in rows}
    for one in flights.findings(connection, found.keys()):
        found[one.flight_id].append(one)
    return [_line(row, found[row.id]) for row in rows]


def _line(row: FlightRow, found: Sequence[FindingRow]) -> Line:
    flight = row.flight
    there = Counter(one.kind.value for one in flight.findings if one.is_there)
    coverage = flight.coverage
    seen = None if coverage is None else coverage.share
    waiting = sum(one.waits for one in found)
    return Line(row, flight.film, flight.drone, seen, there, waiting)


def view(console: Console, connection: sa.Connection, row: FlightRow) -> FlightView:
    """Everything of one flight, findings in the order of the film."""
    flight = row.flight
    kept = {one.finding: one for one in flights.findings(connection, [row.id])}
    in_order = sorted(flight.findings, key=lambda one: (one.first_s, one.id))
    found = [
        _found(connection, row, number, one, kept[one.id]) for number, one in enumerate(in_order, 1)
    ]
    return FlightView(row, flight, tuple(found), _checks(console, connection, row))


def _found(
    connection: sa.Connection, flight: FlightRow, number: int, one: FlightFinding, row: FindingRow
) -> FoundView:
    at = flight.started_at + timedelta(seconds=one.first_s)
    picture = row.picture and evidence.find(connection, row.picture)
    is_kept = picture and picture.removed_at is None
    return FoundView(
        number, one, row, at, row.picture if is_kept else None, _ticket(connection, row)
    )


def _ticket(connection: sa.Connection, row: FindingRow) -> Ticket | None:
    if row.ticket_id is not None:
        return tickets.find(connection, row.ticket_id)
    return None if row.incident_id is None else tickets.of_incident(connection, row.incident_id)


def _checks(console: Console, connection: sa.Connection, row: FlightRow) -> tuple[Check, ...]:
    if row.patrol_id is None:
        return ()
    made = patrols.find(connection, row.patrol_id)
    if made is None:
        return ()
    (checks,) = checks_of(console, connection, [made.patrol]).values()
    return checks
