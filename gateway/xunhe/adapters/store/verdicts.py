"""What people said of incidents: 属实 or 误报. Every word stays; the newest counts."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store.events import emit
from xunhe.adapters.store.schema import incident, verdict

LabelledBox = tuple[float, float, float, float, str]  # x0, y0, x1, y1 in fractions, label


@dataclass(frozen=True, slots=True)
class Verdict:
    """One person's word. `boxes` are the right ones, None where nobody corrected any."""

    incident_id: int
    at: datetime
    actor: str
    is_true: bool
    note: str = ""
    label: str | None = None
    boxes: tuple[LabelledBox, ...] | None = None


def add(connection: sa.Connection, said: Verdict) -> None:
    """Keep it and tell the pages, in the caller's transaction."""
    boxes = None if said.boxes is None else [list(box) for box in said.boxes]
    row = {
        "incident_id": said.incident_id,
        "at": said.at,
        "actor": said.actor,
        "is_true": said.is_true,
        "note": said.note,
        "label": said.label,
        "boxes": sa.null() if boxes is None else boxes,
    }
    connection.execute(verdict.insert().values(**row))
    data = {"incident_id": said.incident_id, "is_true": said.is_true, "actor": said.actor}
    emit(connection, "verdict", data, said.at)


def of_incident(connection: sa.Connection, incident_id: int) -> list[Verdict]:
    """All that was said of an incident, the newest first."""
    query = sa.select(verdict).where(verdict.c.incident_id == incident_id)
    return [_verdict(row) for row in connection.execute(query.order_by(verdict.c.id.desc()))]


def newest(connection: sa.Connection) -> list[tuple[str, Verdict]]:
    """(kind of the incident, the verdict that counts) of every judged incident, oldest first."""
    last = sa.select(sa.func.max(verdict.c.id)).group_by(verdict.c.incident_id)
    query = sa.select(verdict, incident.c.kind).join(incident).where(verdict.c.id.in_(last))
    rows = connection.execute(query.order_by(verdict.c.incident_id))
    return [(row.kind, _verdict(row)) for row in rows]


def _verdict(row: sa.Row[tuple[object, ...]]) -> Verdict:
    boxes = None if row.boxes is None else tuple((*box[:4], box[4]) for box in row.boxes)
    return Verdict(row.incident_id, row.at, row.actor, row.is_true, row.note, row.label, boxes)
