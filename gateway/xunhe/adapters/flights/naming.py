"""A person names a change on the bank: 乱占, 乱采, 乱堆 or 乱建, or says that it is nothing."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters.desk_tickets import Desk
from xunhe.adapters.flights.refused import FlightError
from xunhe.adapters.photo_shelf import Bringing, KeptPhoto, name_photos
from xunhe.adapters.store import evidence, flights, tickets
from xunhe.adapters.store.events import emit
from xunhe.adapters.store.evidence import Role
from xunhe.adapters.store.flights import FindingRow, FlightRow
from xunhe.adapters.store.tickets import Opening
from xunhe.desk.log import iso
from xunhe.desk.roles import Actor
from xunhe.desk.routing import owner
from xunhe.domain.finding import FlightFinding
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Source, Ticket

NAMES = ("disorder.occupation", "disorder.mining", "disorder.dumping", "disorder.building")
NOTHING = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A person's word: one of `NAMES`, or `NOTHING`."""

    name: str
    actor: Actor
    at: datetime
    note: str = ""


def name_candidate(
    connection: sa.Connection, desk: Desk, flight: FlightRow, finding: str, said: Named
) -> Ticket | None:
    """Keep it, and open the ticket that it asks for.

    FlightError where it is no candidate, has no reach, or somebody has named it before.
    """
    row = _candidate(connection, flight, finding)
    if said.name not in (*NAMES, NOTHING):
        raise FlightError(f"没有类别 {said.name} / {said.name} is none of {', '.join(NAMES)}")
    opened = None if said.name == NOTHING else _open(connection, desk, flight, row, said)
    named = replace(
        row,
        named=said.name,
        named_by=said.actor.code,
        named_at=said.at,
        ticket_id=opened.id if opened else None,
    )
    flights.name(connection, named)
    emit(connection, "flight", {"flight_id": flight.id, "named": finding}, said.at)
    return opened


def _candidate(connection: sa.Connection, flight: FlightRow, finding: str) -> FindingRow:
    rows = {row.finding: row for row in flights.findings(connection, [flight.id])}
    row = rows.get(finding)
    if row is None or not row.kind.waits_for_a_name:
        raise FlightError(f"{finding} 不是待认定的岸线变化 / {finding} is no candidate")
    if row.named is not None:
        raise FlightError("已有人认定 / somebody has named it already")
    return row


def _open(
    connection: sa.Connection, desk: Desk, flight: FlightRow, row: FindingRow, said: Named
) -> Ticket:
    if row.reach is None:
        raise FlightError("位置不明，无法开单 / it lies on no registered reach")
    found = next(one for one in flight.flight.findings if one.id == row.finding)
    found_at = flight.started_at + timedelta(seconds=found.first_s)
    opening = Opening(
        key=f"flight:{flight.key}:{row.finding}",
        source=Source.DRONE,
        category=said.name,
        severity=Severity.MAJOR,
        reach=row.reach,
        post=owner(desk.registry, row.reach),
        at=said.at,
        deadline=desk.deadline(said.name, said.at),
        reason=_reason(found, said),
        actor=said.actor,
        lon_lat=row.lon_lat,
        told={"found_at": iso(found_at), "flight": flight.key, "finding": row.finding},
    )
    opened = tickets.open_ticket(connection, opening)
    _show(connection, row, opened, found_at, said.at)
    return opened


def _reason(found: FlightFinding, said: Named) -> str:
    reason = f"{found.reason_zh} / {found.reason_en}"
    return f"{said.note}（{reason}）" if said.note else reason


def _show(
    connection: sa.Connection, row: FindingRow, opened: Ticket, taken_at: datetime, now: datetime
) -> None:
    """Its picture becomes the ticket's."""
    picture = None if row.picture is None else evidence.find(connection, row.picture)
    if picture is not None:
        photo = KeptPhoto(picture.sha256, picture.size)
        name_photos(connection, Bringing([photo], Role.FOUND, taken_at, now), opened.id)
