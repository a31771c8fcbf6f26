"""The evidence of an incident as pages and the API show it: what is there, what is gone and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, Field

from xunhe.adapters.store import evidence, verdicts
from xunhe.adapters.store.evidence import Absence, EvidenceRow, Role
from xunhe.web.models import Instant
from xunhe.web.wording import Words, words

ROLES = {
    Role.PICTURE.value: Words("原图", "Picture"),
    Role.ANNOTATED.value: Words("标注图", "Annotated picture"),
    Role.CLIP.value: Words("片段", "Clip"),
    Role.TRACK.value: Words("轨迹与分数", "Track and scores"),
    Role.WINDOW.value: Words("传感器窗口", "Sensor window"),
}
ABSENCES = {
    Absence.BUDGET.value: Words("证据空间已满，未保留", "not kept: the evidence budget is full"),
    Absence.DISK_FULL.value: Words("磁盘已满，未能保存", "not kept: the disk is full"),
    Absence.LOST.value: Words("文件已丢失", "the file is lost"),
}
LABELS = {
    "litter": Words("漂浮垃圾", "Litter"),
    "vegetation_mat": Words("漂浮植物", "Vegetation mat"),
    "discharge": Words("排污", "Discharge"),
    "dumping": Words("倾倒", "Dumping"),
    "other": Words("其他", "Other"),
}
BOXES_LISTED = 24  # on a page: more are kept as they are

LabelledBox = tuple[float, float, float, float, str]


class EvidenceView(BaseModel):
    """One file of an incident."""

    sha256: str
    role: str = Field(description="picture, annotated, clip, track or window")
    media_type: str
    size_bytes: int
    camera: str
    camera_at: Instant
    gateway_at: Instant
    detail: dict[str, Any] = Field(description="Scores, boxes in fractions, models' SHA-256")
    removed_at: Instant | None = Field(description="When the file went; its row stays")
    url: str | None = Field(description="None where the file is gone")


class VerdictView(BaseModel):
    """What a person said of an incident."""

    at: Instant
    actor: str
    is_true: bool
    note: str
    label: str | None
    boxes: list[LabelledBox] | None = Field(description="x0, y0, x1, y1 in fractions, label")


class EvidencePage(BaseModel):
    """An incident's evidence and verdicts, the newest first."""

    items: list[EvidenceView]
    verdicts: list[VerdictView]


@dataclass(frozen=True, slots=True)
class Shot:
    """What was taken at one moment by one camera; None for what there is not."""

    camera: str
    camera_at: datetime
    gateway_at: datetime
    picture: EvidenceRow | None
    annotated: EvidenceRow | None
    clip: EvidenceRow | None
    track: EvidenceRow | None
    absent: tuple[EvidenceRow, ...]
    detail: dict[str, Any]

    @property
    def boxes(self) -> list[list[float]]:
        """x0, y0, x1, y1 in fractions, score; as many as a page lists."""
        found: list[list[float]] = self.detail.get("boxes", [])[:BOXES_LISTED]
        return found

    @property
    def models(self) -> dict[str, str]:
        """Name → SHA-256 of the models that judged."""
        found: dict[str, str] = self.detail.get("models", {})
        return found


@dataclass(frozen=True, slots=True)
class Shown:
    """All of an incident, the newest shot first."""

    shots: tuple[Shot, ...]
    verdicts: tuple[verdicts.Verdict, ...]

    @property
    def is_partly_at_gateways(self) -> bool:
        """Some of its files have not come here."""
        return any(row.is_at_gateway for shot in self.shots for row in shot.absent)

    @property
    def newest_picture(self) -> EvidenceRow | None:
        """What a verdict is about."""
        return next((shot.picture for shot in self.shots if shot.picture), None)


def absence(row: EvidenceRow) -> Words:
    """Why a row has no file here, or where the file is."""
    why = row.detail.get("absent", "")
    if why == Absence.GATEWAY:
        gateway = row.detail["gateway"]
        return Words(f"文件在网关 {gateway}", f"the file lies at gateway {gateway}")
    return words(ABSENCES, why)


def shown(connection: sa.Connection, incidents: Iterable[int]) -> Shown:
    """What a ticket's page shows of its incidents."""
    moments: dict[tuple[str, datetime], list[EvidenceRow]] = {}
    said: list[verdicts.Verdict] = []
    for incident_id in incidents:
        for row in evidence.of_incident(connection, incident_id):
            moments.setdefault((row.camera, row.camera_at), []).append(row)
        said += verdicts.of_incident(connection, incident_id)
    shots = sorted(map(_shot, moments.values()), key=lambda shot: shot.camera_at, reverse=True)
    return Shown(tuple(shots), tuple(sorted(said, key=lambda one: one.at, reverse=True)))


def page(connection: sa.Connection, incident_id: int) -> EvidencePage:
    """What the API answers."""
    return EvidencePage(
        items=[_view(row) for row in evidence.of_incident(connection, incident_id)],
        verdicts=[verdict(said) for said in verdicts.of_incident(connection, incident_id)],
    )


def verdict(said: verdicts.Verdict) -> VerdictView:
    """A verdict."""
    boxes = None if said.boxes is None else list(said.boxes)
    return VerdictView(
        at=said.at,
        actor=said.actor,
        is_true=said.is_true,
        note=said.note,
        label=said.label,
        boxes=boxes,
    )


def _shot(rows: list[EvidenceRow]) -> Shot:
    here = {row.role: row for row in rows if row.removed_at is None}
    return Shot(
        camera=rows[0].camera,
        camera_at=rows[0].camera_at,
        gateway_at=rows[0].gateway_at,
        picture=here.get(Role.PICTURE),
        annotated=here.get(Role.ANNOTATED),
        clip=here.get(Role.CLIP),
        track=here.get(Role.TRACK),
        absent=tuple(row for row in rows if row.removed_at is not None),
        detail=rows[0].detail,
    )


def _view(row: EvidenceRow) -> EvidenceView:
    return EvidenceView(
        sha256=row.sha256,
        role=row.role,
        media_type=row.media_type,
        size_bytes=row.size,
        camera=row.camera,
        camera_at=row.camera_at,
        gateway_at=row.gateway_at,
        detail=row.detail,
        removed_at=row.removed_at,
        url=f"/evidence/{row.sha256}" if row.removed_at is None else None,
    )
