"""Flights of drones and what they found, as rows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store import schema
from xunhe.adapters.store.queries import OPEN_STATES
from xunhe.codecs import flight_json
from xunhe.domain.finding import FindingKind
from xunhe.domain.flight import Flight
from xunhe.domain.position import LonLat

_FLIGHT, _FINDING = schema.flight, schema.flight_finding


@dataclass(frozen=True, slots=True)
class FlightRow:
    """A flight as it is kept; its instants are in the gateway's time, the report's in its own."""

    id: int
    key: str
    reach: str | None
    post: str | None
    patrol_id: int | None
    started_at: datetime
    ended_at: datetime
    is_flying: bool
    received_at: datetime
    actor: str
    report: str

    @property
    def flight(self) -> Flight:
        """What was reported."""
        return flight_json.decode(self.report)


@dataclass(frozen=True, slots=True)
class FindingRow:
    """What became of a finding.

    `named` is the category that a person gave a candidate, empty where he says that it is nothing;
    None while nobody has said anything.
    """

    flight_id: int
    finding: str
    kind: FindingKind
    reach: str | None
    lon_lat: LonLat | None
    picture: str | None
    incident_id: int | None
    ticket_id: int | None = None
    named: str | None = None
    named_by: str | None = None
    named_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """For a person's name."""
        return self.kind.waits_for_a_name and self.named is None


@dataclass(frozen=True, slots=True)
class Marked:
    """A finding on the map: with its incident, or waiting for a name."""

    flight_id: int | None
    incident_id: int | None
    kind: str
    reach: str
    lon_lat: LonLat
    words: tuple[str, str]


def of_key(connection: sa.Connection, key: str) -> FlightRow | None:
    """The flight that came in under this key."""
    return _one(connection, _FLIGHT.c.key == key)


def find(connection: sa.Connection, flight_id: int) -> FlightRow | None:
    """One flight."""
    return _one(connection, _FLIGHT.c.id == flight_id)


def newest(
    connection: sa.Connection, reaches: Collection[str] | None, limit: int
) -> list[FlightRow]:
    """The last flights over some reaches, or over all, the newest first."""
    query = sa.select(_FLIGHT).order_by(_FLIGHT.c.started_at.desc(), _FLIGHT.c.id.desc())
    if reaches is not None:
        query = query.where(_FLIGHT.c.reach.in_(reaches))
    return [FlightRow(*row) for row in connection.execute(query.limit(limit))]


def put(connection: sa.Connection, known: FlightRow | None, row: dict[str, Any]) -> int:
    """Write a flight, over what was known of it while it flew; its id."""
    if known is None:
        key = connection.execute(_FLIGHT.insert().values(**row)).inserted_primary_key
        if key is None:
            raise RuntimeError("no key came back for the new row of flight")
        return int(key[0])
    connection.execute(_FLIGHT.update().where(_FLIGHT.c.id == known.id).values(**row))
    return known.id


def counted(connection: sa.Connection, flight_id: int, patrol_id: int) -> None:
    """It is this patrol."""
    where = _FLIGHT.c.id == flight_id
    connection.execute(_FLIGHT.update().where(where).values(patrol_id=patrol_id))


def findings(connection: sa.Connection, flight_ids: Collection[int]) -> list[FindingRow]:
    """What some flights found, in the order of flight and finding."""
    query = sa.select(_FINDING).where(_FINDING.c.flight_id.in_(flight_ids))
    rows = connection.execute(query.order_by(_FINDING.c.flight_id, _FINDING.c.finding))
    return [_finding(row) for row in rows]


def put_finding(connection: sa.Connection, row: FindingRow) -> None:
    """Keep a finding; one that is known keeps what a person said of it."""
    lon, lat = row.lon_lat or (None, None)
    values = {
        "kind": row.kind.value,
        "reach": row.reach,
        "lon": lon,
        "lat": lat,
        "incident_id": row.incident_id,
    }
    values |= {"picture": row.picture} if row.picture else {}
    where = (_FINDING.c.flight_id == row.flight_id, _FINDING.c.finding == row.finding)
    if connection.execute(_FINDING.update().where(*where).values(**values)).rowcount == 0:
        key = {"flight_id": row.flight_id, "finding": row.finding}
        connection.execute(_FINDING.insert().values(**key, **values))


def name(connection: sa.Connection, row: FindingRow) -> bool:
    """Keep a person's word on a candidate; False where somebody was sooner."""
    written = connection.execute(
        _FINDING.update()
        .where(
            _FINDING.c.flight_id == row.flight_id,
            _FINDING.c.finding == row.finding,
            _FINDING.c.named.is_(None),
        )
        .values(
            named=row.named, named_by=row.named_by, named_at=row.named_at, ticket_id=row.ticket_id
        )
    )
    return written.rowcount == 1


def reaches_of_picture(connection: sa.Connection, sha256: str) -> list[str]:
    """The reaches of the findings that this picture shows."""
    query = sa.select(_FINDING.c.reach).where(
        _FINDING.c.picture == sha256, _FINDING.c.reach.is_not(None)
    )
    return list(connection.execute(query).scalars())


def on_map(connection: sa.Connection) -> list[Marked]:
    """What flights found and is not settled: incidents that go on, candidates without a name."""
    return [*_open_incidents(connection), *_candidates(connection)]


def _open_incidents(connection: sa.Connection) -> Sequence[Marked]:
    """Each once, where it was last seen, unless its ticket is settled."""
    alert, incident, ticket = schema.alert, schema.incident, schema.ticket
    columns = (alert.c.incident_id, alert.c.lon, alert.c.lat, alert.c.reason_zh, alert.c.reason_en)
    query = (
        sa.select(incident.c.kind, incident.c.reach, *columns)
        .select_from(alert)
        .join(incident, incident.c.id == alert.c.incident_id)
        .outerjoin(
            schema.ticket_incident, schema.ticket_incident.c.incident_id == alert.c.incident_id
        )
        .outerjoin(ticket, ticket.c.id == schema.ticket_incident.c.ticket_id)
        .where(
            alert.c.lon.is_not(None),
            alert.c.ended_at.is_(None),
            sa.or_(ticket.c.id.is_(None), ticket.c.state.in_(OPEN_STATES)),
        )
        .order_by(alert.c.started_at)
    )
    marked = {}
    for row in connection.execute(query):
        words = row.reason_zh, row.reason_en
        where = (row.lon, row.lat)
        marked[row.incident_id] = Marked(None, row.incident_id, row.kind, row.reach, where, words)
    return list(marked.values())


def _candidates(connection: sa.Connection) -> Sequence[Marked]:
    waiting = [kind.value for kind in FindingKind if kind.waits_for_a_name]
    query = sa.select(_FINDING).where(
        _FINDING.c.kind.in_(waiting),
        _FINDING.c.named.is_(None),
        _FINDING.c.lon.is_not(None),
        _FINDING.c.reach.is_not(None),
    )
    return [
        Marked(
            row.flight_id,
            None,
            row.kind,
            row.reach,
            (row.lon, row.lat),
            ("岸线变化，待人认定", "a change on the bank waits for a name"),
        )
        for row in connection.execute(query)
    ]


def _one(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> FlightRow | None:
    row = connection.execute(sa.select(_FLIGHT).where(condition)).first()
    return None if row is None else FlightRow(*row)


def _finding(row: sa.Row[Any]) -> FindingRow:
    return FindingRow(
        row.flight_id,
        row.finding,
        FindingKind(row.kind),
        row.reach,
        None if row.lon is None else (row.lon, row.lat),
        row.picture,
        row.incident_id,
        row.ticket_id,
        row.named,
        row.named_by,
        row.named_at,
    )
