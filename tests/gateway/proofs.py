"""Incidents with tickets, and proofs of them, for tests of evidence."""

from datetime import timedelta
from typing import Any

import cv2
import numpy as np
import sqlalchemy as sa

from tests.gateway.conftest import START
from xunhe.adapters.proof import Proof
from xunhe.adapters.store import schema, tickets
from xunhe.adapters.store.tickets import Opening
from xunhe.desk.categories import of_incident
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Deadline, Source

BOXES = ((0.1, 0.2, 0.3, 0.4, 0.81), (0.5, 0.5, 0.6, 0.7, 0.62))
MODELS = {"debris": "d" * 64}


def jpeg(seed: int = 1, height: int = 90, width: int = 160) -> bytes:
    """A small picture that differs by its seed."""
    coarse = np.random.default_rng(seed).integers(40, 200, (4, 6, 3), np.uint8)
    bgr = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return bytes(cv2.imencode(".jpg", bgr)[1].tobytes())


def proof(**changes: Any) -> Proof:
    """What a camera shows of two floating things."""
    usual: dict[str, Any] = {
        "camera": "YX-C1",
        "zone": "主河道",
        "label": "litter",
        "score": 0.81,
        "camera_at": START,
        "clean_jpeg": jpeg(),
        "boxes": BOXES,
        "clip_mp4": None,
        "track": {"count": 2},
        "models": MODELS,
    }
    return Proof(**{**usual, **changes})


def add_incident(
    connection: sa.Connection,
    n: int,
    *,
    severity: str = "minor",
    state: str | None = "unverified",
    kind: str = "floating_litter",
) -> int:
    """The n-th incident, a minute after the one before; without a ticket where `state` is None."""
    at = START + timedelta(minutes=n)
    row = {"reach": "YX-1", "kind": kind, "station": "YX-C1", "severity": severity}
    connection.execute(schema.incident.insert().values(id=n, started_at=at, opened_at=at, **row))
    if state is not None:
        opening = Opening(
            key=f"incident:{n}",
            source=Source.CAMERA,
            category=of_incident(kind).code,
            severity=Severity(severity),
            reach="YX-1",
            post="VILLAGE-1",
            at=at,
            deadline=Deadline(at + timedelta(hours=24)),
            reason="漂浮垃圾 / floating litter",
            incident_id=n,
        )
        opened = tickets.open_ticket(connection, opening)
        moved = schema.ticket.update().where(schema.ticket.c.id == opened.id).values(state=state)
        connection.execute(moved)
    return n
