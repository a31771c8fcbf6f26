"""Rows of evidence: what was kept of an incident, what is gone, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.expressions import total
from xunhe.adapters.store.queries import OPEN_STATES
from xunhe.adapters.store.schema import evidence, incident, ticket, ticket_incident
from xunhe.adapters.store.upsert import insert
from xunhe.domain.incident import Severity


class Role(StrEnum):
    """What a file shows of its incident."""

    PICTURE = "picture"  # as the camera gave it
    ANNOTATED = "annotated"  # with boxes and words on it
    CLIP = "clip"
    TRACK = "track"  # where the thing went, with scores
    WINDOW = "window"  # readings of a buoy around the time
    HANDLING = "handling"  # what a handler brought
    FOUND = "found"  # what a chief photographed where he found it
    REPORT = "report"  # what a citizen sent


class Absence(StrEnum):
    """Why there is a row without a file; kept in `detail["absent"]`."""

    BUDGET = "budget"  # removed, or refused, to keep within the budget
    DISK_FULL = "disk_full"
    LOST = "lost"  # the file is gone and nobody removed it
    GATEWAY = "gateway"  # it lies at the gateway that `detail["gateway"]` names


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One file of an incident; without a file where `removed_at` is set."""

    id: int
    sha256: str
    role: str
    media_type: str
    size: int
    incident_id: int | None
    alert_id: int | None
    camera: str
    camera_at: datetime
    gateway_at: datetime
    detail: dict[str, Any]
    removed_at: datetime | None
    ticket_id: int | None = None  # where a person brought it

    @property
    def is_at_gateway(self) -> bool:
        """Only its list came to this desk."""
        return self.detail.get("absent") == Absence.GATEWAY


@dataclass(frozen=True, slots=True)
class Removable:
    """A file that may go: no row of it belongs to an open ticket."""

    sha256: str
    size: int


def of_incident(connection: sa.Connection, incident_id: int) -> list[EvidenceRow]:
    """All evidence of an incident, the newest first, what is gone too."""
    query = sa.select(evidence).where(evidence.c.incident_id == incident_id)
    query = query.order_by(evidence.c.camera_at.desc(), evidence.c.id)
    return [EvidenceRow(*row) for row in connection.execute(query)]


def of_ticket(
    connection: sa.Connection, ticket_id: int, incidents: Iterable[int]
) -> list[EvidenceRow]:
    """What people brought to a ticket and all evidence of its incidents, the oldest first."""
    belongs = evidence.c.incident_id.in_(list(incidents)) | (evidence.c.ticket_id == ticket_id)
    query = sa.select(evidence).where(belongs).order_by(evidence.c.camera_at, evidence.c.id)
    return [EvidenceRow(*row) for row in connection.execute(query)]


def find(connection: sa.Connection, sha256: str) -> EvidenceRow | None:
    """A row of that file, one that is still there if any is."""
    query = sa.select(evidence).where(evidence.c.sha256 == sha256)
    row = connection.execute(query.order_by(evidence.c.removed_at.is_not(None)).limit(1)).first()
    return None if row is None else EvidenceRow(*row)


def owners(connection: sa.Connection, sha256: str) -> list[tuple[int | None, int | None]]:
    """The (incident, ticket) of every row of a file; one of the two is None."""
    query = sa.select(evidence.c.incident_id, evidence.c.ticket_id)
    return [
        (row[0], row[1]) for row in connection.execute(query.where(evidence.c.sha256 == sha256))
    ]


def of_picture(connection: sa.Connection, incident_id: int, sha256: str) -> EvidenceRow | None:
    """The row of a clean picture of an incident."""
    query = sa.select(evidence).where(
        evidence.c.incident_id == incident_id,
        evidence.c.sha256 == sha256,
        evidence.c.role == Role.PICTURE.value,
    )
    row = connection.execute(query).first()
    return None if row is None else EvidenceRow(*row)


def add(connection: sa.Connection, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows; one that is there already (file, role, incident) stays as it is."""
    for row in rows:
        connection.execute(insert(evidence).values(**row).on_conflict_do_nothing())


def awaited(connection: sa.Connection, sha256: str) -> EvidenceRow | None:
    """A row of a file that lies at a gateway; None where no row waits for it."""
    return next(iter(_at_gateways(connection, sha256)), None)


def arrived(connection: sa.Connection, sha256: str) -> None:
    """The file has come from its gateway: its rows have it now."""
    for row in _at_gateways(connection, sha256):
        detail = {name: value for name, value in row.detail.items() if name != "absent"}
        here = evidence.update().where(evidence.c.id == row.id)
        connection.execute(here.values(removed_at=None, detail=detail))


def kept_bytes(connection: sa.Connection) -> int:
    """What the files take that rows name, each file once."""
    files = _files().subquery()
    return connection.execute(sa.select(total(files.c.size))).scalar_one()


def claimed(connection: sa.Connection) -> set[str]:
    """The SHA-256 of every file that should be there."""
    return {row.sha256 for row in connection.execute(_files())}


def removable(connection: sa.Connection) -> list[Removable]:
    """Files that may go, in the order in which they should: least severe, then oldest."""
    is_open = ticket.c.state.in_(OPEN_STATES)  # 移送 is: its evidence is frozen
    belongs = sa.or_(
        evidence.c.ticket_id == ticket.c.id, evidence.c.incident_id == ticket_incident.c.incident_id
    )
    of_open_tickets = (
        sa.select(evidence.c.sha256)
        .select_from(ticket)
        .outerjoin(ticket_incident, ticket_incident.c.ticket_id == ticket.c.id)
        .join(evidence, belongs)
        .where(is_open, evidence.c.removed_at.is_(None))
    )
    worst = sa.func.max(sa.func.coalesce(_severity(), 0))
    query = (
        sa.select(evidence.c.sha256, sa.func.max(evidence.c.size).label("size"))
        .outerjoin(incident, incident.c.id == evidence.c.incident_id)
        .where(evidence.c.removed_at.is_(None), evidence.c.sha256.not_in(of_open_tickets))
        .group_by(evidence.c.sha256)
        .order_by(worst, sa.func.max(evidence.c.gateway_at), sa.func.max(evidence.c.size).desc())
    )
    return [Removable(row.sha256, row.size) for row in connection.execute(query)]


def mark_removed(
    connection: sa.Connection, files: Iterable[str], why: Absence, at: datetime
) -> None:
    """Say of every row of these files that the file is gone; the rows stay."""
    for sha256 in files:
        where = (evidence.c.sha256 == sha256, evidence.c.removed_at.is_(None))
        rows = connection.execute(sa.select(evidence.c.id, evidence.c.detail).where(*where)).all()
        for row in rows:
            changed = {"removed_at": at, "detail": {**row.detail, "absent": why.value}}
            connection.execute(evidence.update().where(evidence.c.id == row.id).values(**changed))


def _at_gateways(connection: sa.Connection, sha256: str) -> list[EvidenceRow]:
    rows = connection.execute(sa.select(evidence).where(evidence.c.sha256 == sha256))
    return [found for row in rows if (found := EvidenceRow(*row)).is_at_gateway]


def _files() -> sa.Select[Any]:
    query = sa.select(evidence.c.sha256, sa.func.max(evidence.c.size).label("size"))
    return query.where(evidence.c.removed_at.is_(None)).group_by(evidence.c.sha256)


def _severity() -> sa.ColumnElement[int]:
    ranks = {severity.value: rank for rank, severity in enumerate(Severity)}
    return sa.case(ranks, value=incident.c.severity, else_=0)
