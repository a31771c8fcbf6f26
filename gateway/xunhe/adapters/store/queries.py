"""The read side: what pages and the API ask of the tables. Each function reads one snapshot's part.

Rows come back as frozen values of this module; joining them with the registry is the reader's part.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store import schema
from xunhe.adapters.store.expressions import rows_of
from xunhe.adapters.store.ticket_rows import ticket_of
from xunhe.domain.ticket import State, Ticket

OPEN_STATES = tuple(state.value for state in State if state.is_open)

_REJECTED_PREFIX = "rejected."


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of the whole gateway; `rejected` by reason, `evidence` that is gone by why."""

    readings: int
    duplicates: int
    rejected: dict[str, int]
    evidence: dict[str, int]
    open_incidents: int
    open_tickets: int


@dataclass(frozen=True, slots=True)
class ObservationRow:
    """One value of one property; `value` is None where the probe gave none."""

    time: datetime
    value: float | None
    flag: int


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident; identity is that of its first witness."""

    id: int
    reach: str
    kind: str
    station: str
    zone: str
    severity: str
    started_at: datetime
    opened_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert: a witness of its incident."""

    id: int
    incident_id: int
    station: str
    place: str
    zone: str
    rule: str
    property: str
    severity: str
    started_at: datetime
    raised_at: datetime
    ended_at: datetime | None
    value: float | None
    baseline: float | None
    state: str | None
    count: int | None
    area_m2: float | None
    reason_zh: str
    reason_en: str
    joined: str
    muted_by: int | None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A frame or record that could not be used."""

    id: int
    at: datetime
    reason: str
    detail: str
    topic: str
    station: str | None
    device: str | None
    boot: int | None
    seq: int | None
    size: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """One row of the stream that pages follow."""

    id: int
    at: datetime
    kind: str
    data: dict[str, Any]


def totals(connection: sa.Connection) -> Totals:
    """The counts of the overview."""
    counters = {row.name: row.n for row in connection.execute(sa.select(schema.counter))}
    return Totals(
        readings=counters.get("readings", 0),
        duplicates=counters.get("duplicate", 0),
        rejected={
            name.removeprefix(_REJECTED_PREFIX): n
            for name, n in sorted(counters.items())
            if name.startswith(_REJECTED_PREFIX)
        },
        evidence={name: counters.get(f"evidence.{name}", 0) for name in ("removed", "lost")},
        open_incidents=_count(connection, schema.incident, schema.incident.c.ended_at.is_(None)),
        open_tickets=_count(connection, schema.ticket, schema.ticket.c.state.in_(OPEN_STATES)),
    )


def readings_counter(connection: sa.Connection) -> int:
    """How many readings were stored, ever: changes when something new can be shown."""
    table = schema.counter
    query = sa.select(table.c.n).where(table.c.name == "readings")
    return connection.execute(query).scalar_one_or_none() or 0


def latest(
    connection: sa.Connection, station: str, properties: Iterable[str]
) -> dict[str, ObservationRow]:
    """The newest observation of each property that has one."""
    return latest_by_station(connection, [station], properties).get(station, {})


def latest_by_station(
    connection: sa.Connection, stations: Iterable[str], properties: Iterable[str]
) -> dict[str, dict[str, ObservationRow]]:
    """The newest observation of each property that has one, by station.

    One statement, one short walk of the primary key for each station and property: grouping would
    read the whole table.
    """
    place, wanted = rows_of(stations, "place"), rows_of(properties, "wanted")
    table, later = schema.observation, schema.observation.alias("later")
    newest = sa.select(sa.func.max(later.c.time)).where(
        later.c.station == place.c.value, later.c.property == wanted.c.value
    )
    query = (
        sa.select(table.c.station, table.c.property, table.c.time, table.c.value, table.c.flag)
        .select_from(place.join(wanted, sa.true()))
        .join(table, sa.and_(table.c.station == place.c.value, table.c.property == wanted.c.value))
        .where(table.c.time == newest.scalar_subquery())
    )
    found: dict[str, dict[str, ObservationRow]] = {}
    for station, name, *rest in connection.execute(query):
        found.setdefault(station, {})[name] = ObservationRow(*rest)
    return found


def observations(
    connection: sa.Connection,
    station: str,
    name: str,
    since: datetime,
    until: datetime | None = None,
) -> list[ObservationRow]:
    """A property's observations from `since` on, up to `until` (both inclusive), oldest first."""
    table = schema.observation
    query = _observations(station, name).where(table.c.time >= since).order_by(table.c.time)
    if until is not None:
        query = query.where(table.c.time <= until)
    return [ObservationRow(*row) for row in connection.execute(query)]


Reaches = Collection[str] | None  # those that a list is narrowed to; None: all


def incidents(
    connection: sa.Connection, limit: int, offset: int = 0, reaches: Reaches = None
) -> list[IncidentRow]:
    """Incidents, newest first."""
    table = schema.incident
    query = sa.select(table).where(_within(table.c.reach, reaches))
    query = query.order_by(table.c.id.desc()).limit(limit).offset(offset)
    return [IncidentRow(*row) for row in connection.execute(query)]


def open_incidents_by_kind(connection: sa.Connection) -> dict[str, int]:
    """How many incidents of each kind go on; kinds without one are left out."""
    table = schema.incident
    query = sa.select(table.c.kind, sa.func.count()).where(table.c.ended_at.is_(None))
    return {kind: n for kind, n in connection.execute(query.group_by(table.c.kind))}  # noqa: C416


def incident(connection: sa.Connection, incident_id: int) -> IncidentRow | None:
    """One incident."""
    query = sa.select(schema.incident).where(schema.incident.c.id == incident_id)
    row = connection.execute(query).first()
    return None if row is None else IncidentRow(*row)


def alerts(
    connection: sa.Connection, limit: int, offset: int = 0, reaches: Reaches = None
) -> list[AlertRow]:
    """Alerts, newest first."""
    table = schema.alert
    query = sa.select(table).order_by(table.c.id.desc()).limit(limit).offset(offset)
    if reaches is not None:
        query = query.join(schema.incident).where(_within(schema.incident.c.reach, reaches))
    return [AlertRow(*row) for row in connection.execute(query)]


def witnesses(connection: sa.Connection, incident_id: int) -> list[AlertRow]:
    """The alerts of an incident, the first witness first."""
    table = schema.alert
    query = sa.select(table).where(table.c.incident_id == incident_id)
    query = query.order_by(table.c.started_at, table.c.id)
    return [AlertRow(*row) for row in connection.execute(query)]


def tickets(
    connection: sa.Connection, limit: int, offset: int = 0, reaches: Reaches = None
) -> list[Ticket]:
    """Tickets, open ones first, then the newest first."""
    within = _within(schema.ticket.c.reach, reaches)
    is_open = sa.and_(schema.ticket.c.state.in_(OPEN_STATES), within)
    is_over = sa.and_(schema.ticket.c.state.not_in(OPEN_STATES), within)
    found = _newest(connection, is_open, limit, offset)
    if len(found) < limit:  # two short walks rather than a sort of the whole table
        beyond = offset - _count(connection, schema.ticket, is_open)
        found += _newest(connection, is_over, limit - len(found), max(beyond, 0))
    return found


def _newest(
    connection: sa.Connection, condition: sa.ColumnElement[bool], limit: int, offset: int
) -> list[Ticket]:
    table = schema.ticket
    query = sa.select(table).where(condition).order_by(table.c.id.desc())
    return [ticket_of(row) for row in connection.execute(query.limit(limit).offset(offset))]


def open_tickets_by_reach(connection: sa.Connection) -> dict[str, list[int]]:
    """The ids of the open tickets of each reach that has any, the newest first."""
    table = schema.ticket
    query = sa.select(table.c.reach, table.c.id).where(table.c.state.in_(OPEN_STATES))
    found: dict[str, list[int]] = {}
    for reach, ticket_id in connection.execute(query.order_by(table.c.id.desc())):
        found.setdefault(reach, []).append(ticket_id)
    return found


def rejected(connection: sa.Connection, limit: int, offset: int = 0) -> list[RejectedRow]:
    """Rejected frames without their payload, newest first."""
    table = schema.rejected
    columns = [column for column in table.c if column.name != "payload"]
    query = sa.select(*columns).order_by(table.c.id.desc()).limit(limit).offset(offset)
    return [RejectedRow(*row) for row in connection.execute(query)]


def rejected_count(connection: sa.Connection) -> int:
    """How many rejected frames are kept (older ones are trimmed, the counters stay)."""
    return _count(connection, schema.rejected, sa.true())


def events_after(connection: sa.Connection, event_id: int, limit: int) -> list[EventRow]:
    """Events with a greater id, in order. Writers are serialised, so ids are in commit order."""
    table = schema.event
    query = sa.select(table).where(table.c.id > event_id).order_by(table.c.id).limit(limit)
    return [EventRow(*row) for row in connection.execute(query)]


def last_event_id(connection: sa.Connection) -> int:
    """The greatest id of an event; 0 before the first."""
    return connection.execute(sa.select(sa.func.max(schema.event.c.id))).scalar_one() or 0


def last_event_at(connection: sa.Connection) -> datetime | None:
    """When the newest event was written."""
    table = schema.event
    query = sa.select(table.c.at).order_by(table.c.id.desc()).limit(1)
    return connection.execute(query).scalar_one_or_none()


def _within(reach: sa.Column[str], reaches: Reaches) -> sa.ColumnElement[bool]:
    return sa.true() if reaches is None else reach.in_(reaches)


def _observations(station: str, name: str) -> sa.Select[Any]:
    table = schema.observation
    query = sa.select(table.c.time, table.c.value, table.c.flag)
    return query.where(table.c.station == station, table.c.property == name)


def _count(connection: sa.Connection, table: sa.Table, condition: sa.ColumnElement[bool]) -> int:
    return connection.execute(
        sa.select(sa.func.count()).select_from(table).where(condition)
    ).scalar_one()
