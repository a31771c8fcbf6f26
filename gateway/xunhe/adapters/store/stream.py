"""Incidents as an operator reads them: why, how many saw it, its picture, what became of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.evidence import Role
from xunhe.adapters.store.queries import AlertRow, IncidentRow
from xunhe.adapters.store.schema import alert, evidence, incident, ticket, ticket_incident, verdict
from xunhe.domain.incident import Severity

_ALARMS_A_ROW = 12  # alarms looked through for each row of the stream
_SHOWN_BEST = {Role.ANNOTATED.value: 1, Role.PICTURE.value: 0}


@dataclass(frozen=True, slots=True)
class TicketLink:
    """The ticket of an incident."""

    id: int
    number: str
    state: str


@dataclass(frozen=True, slots=True)
class Told:
    """One incident of the stream.

    `leading` is the newest alert of its worst severity; None where its alerts are gone. `picture`
    is the SHA-256 of its newest picture, `is_true` the newest verdict.
    """

    incident: IncidentRow
    leading: AlertRow | None
    witnesses: int
    picture: str | None
    is_true: bool | None
    ticket: TicketLink | None


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the stream is narrowed to; None and empty ask for nothing."""

    severity: str = ""
    kind: str = ""
    reaches: Collection[str] | None = None
    is_open: bool | None = None
    is_judged: bool | None = None

    def conditions(self) -> Iterable[sa.ColumnElement[bool]]:
        """As SQL."""
        if self.severity:
            yield incident.c.severity == self.severity
        if self.kind:
            yield incident.c.kind == self.kind
        if self.reaches is not None:
            yield incident.c.reach.in_(self.reaches)
        if self.is_open is not None:
            yield incident.c.ended_at.is_(None) == sa.literal(self.is_open)
        if self.is_judged is not None:
            judged = sa.exists().where(verdict.c.incident_id == incident.c.id)
            yield judged if self.is_judged else ~judged


def newest(connection: sa.Connection, to: Narrowed, limit: int, offset: int = 0) -> list[Told]:
    """Incidents, the newest first."""
    query = sa.select(incident).where(*to.conditions()).order_by(incident.c.id.desc())
    found = connection.execute(query.limit(limit).offset(offset))
    return told(connection, [IncidentRow(*row) for row in found])


def latest(connection: sa.Connection, to: Narrowed, limit: int) -> list[Told]:
    """Incidents by their newest alarm: an old one that flares up again comes to the top."""
    query = sa.select(alert.c.incident_id).where(alert.c.muted_by.is_(None))
    conditions = list(to.conditions())
    if conditions:
        query = query.join(incident).where(*conditions)
    alarms = connection.execute(query.order_by(alert.c.id.desc()).limit(_ALARMS_A_ROW * limit))
    order = list(dict.fromkeys(alarms.scalars()))[:limit]
    found = {one.incident.id: one for one in of_ids(connection, order, to)}
    return [found[incident_id] for incident_id in order]


def count(connection: sa.Connection, to: Narrowed) -> int:
    """How many incidents pass."""
    query = sa.select(sa.func.count()).select_from(incident).where(*to.conditions())
    return connection.execute(query).scalar_one()


def open_by_severity(connection: sa.Connection, to: Narrowed) -> dict[str, int]:
    """How many incidents pass, by severity; every severity is named."""
    query = sa.select(incident.c.severity, sa.func.count()).where(*to.conditions())
    rows = connection.execute(query.group_by(incident.c.severity))
    counted = {severity: number for severity, number in rows}  # noqa: C416
    return {each.value: counted.get(each.value, 0) for each in Severity}


def of_ids(connection: sa.Connection, ids: Collection[int], to: Narrowed) -> list[Told]:
    """Those of these incidents that pass, the newest first."""
    query = sa.select(incident).where(incident.c.id.in_(ids), *to.conditions())
    query = query.order_by(incident.c.id.desc())
    return told(connection, [IncidentRow(*row) for row in connection.execute(query)])


def told(connection: sa.Connection, rows: list[IncidentRow]) -> list[Told]:
    """Incidents with what belongs to them, in the same order: one query for each table."""
    ids = [row.id for row in rows]
    leading, counts = _alerts(connection, ids)
    pictures = _pictures(connection, ids)
    said = _verdicts(connection, ids)
    tickets = _tickets(connection, ids)
    return [
        Told(
            row,
            leading.get(row.id),
            counts.get(row.id, 0),
            pictures.get(row.id),
            said.get(row.id),
            tickets.get(row.id),
        )
        for row in rows
    ]


def _alerts(
    connection: sa.Connection, ids: list[int]
) -> tuple[dict[int, AlertRow], dict[int, int]]:
    query = sa.select(alert).where(alert.c.incident_id.in_(ids)).order_by(alert.c.id)
    leading: dict[int, AlertRow] = {}
    counts: dict[int, int] = {}
    for row in connection.execute(query):
        one = AlertRow(*row)
        counts[one.incident_id] = counts.get(one.incident_id, 0) + 1
        best = leading.get(one.incident_id)
        if best is None or (one.muted_by is None and _weight(one) >= _weight(best)):
            leading[one.incident_id] = one
    return leading, counts


def _weight(one: AlertRow) -> int:
    return ("minor", "major", "severe").index(one.severity)


def _pictures(connection: sa.Connection, ids: list[int]) -> dict[int, str]:
    columns = (evidence.c.incident_id, evidence.c.role, evidence.c.camera_at, evidence.c.sha256)
    query = sa.select(*columns).where(
        evidence.c.incident_id.in_(ids),
        evidence.c.role.in_(_SHOWN_BEST),
        evidence.c.removed_at.is_(None),
    )
    best: dict[int, tuple[datetime, int, str]] = {}
    for incident_id, role, at, sha256 in connection.execute(query):
        this = (at, _SHOWN_BEST[role], sha256)
        best[incident_id] = max(best.get(incident_id, this), this)
    return {incident_id: sha256 for incident_id, (_, _, sha256) in best.items()}


def _verdicts(connection: sa.Connection, ids: list[int]) -> dict[int, bool]:
    query = sa.select(verdict.c.incident_id, verdict.c.is_true)
    query = query.where(verdict.c.incident_id.in_(ids)).order_by(verdict.c.id)
    return {row.incident_id: row.is_true for row in connection.execute(query)}


def _tickets(connection: sa.Connection, ids: list[int]) -> dict[int, TicketLink]:
    columns: tuple[sa.ColumnElement[Any], ...] = (
        ticket_incident.c.incident_id,
        ticket.c.id,
        ticket.c.number,
        ticket.c.state,
    )
    query = sa.select(*columns).select_from(ticket_incident).join(ticket)
    rows = connection.execute(query.where(ticket_incident.c.incident_id.in_(ids)))
    return {incident_id: TicketLink(*rest) for incident_id, *rest in rows}
