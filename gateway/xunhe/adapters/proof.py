"""What shows an incident, kept: files first, then rows in the caller's transaction.

    kept = keeper.put(proof, now)            # fsynced files; never raises for a full disk
    with database.write() as connection:     # incident, alert, ticket …
        keep(connection, kept, incident_id, alert_id, now)

An incident opens without its evidence rather than not at all: a piece that found no room has a row
without a file, which says why.
"""

import json
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.annotate import annotated_jpeg
from xunhe.adapters.evidence import JPEG, JSON, MP4, NoRoomError
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.store import evidence as rows
from xunhe.adapters.store.events import emit
from xunhe.adapters.store.evidence import Absence, Role
from xunhe.adapters.store.records import count
from xunhe.domain.sight import Corners

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a camera has to show for one sight.

    `label` is what the boxes hold (a sight's kind); `clean_jpeg` the picture of `camera_at`, empty
    where a blind camera has none; `clip_mp4` may follow in a proof of its own, once it is over;
    `models` name → SHA-256 of the files that judged.
    """

    camera: str
    zone: str
    label: str
    score: float
    camera_at: datetime
    clean_jpeg: bytes
    boxes: tuple[Corners, ...]
    clip_mp4: bytes | None
    track: dict[str, Any]
    models: dict[str, str]


@dataclass(frozen=True, slots=True)
class KeptPiece:
    """One file; not kept where `absent` says why."""

    role: Role
    media_type: str
    sha256: str
    size: int
    absent: Absence | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A proof whose files lie on the disk; no row names them yet."""

    proof: Proof
    pieces: tuple[KeptPiece, ...]


class Keeper:
    """Puts proofs into the store, within its budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    def put(self, proof: Proof, now: datetime) -> Kept:
        """Write the files. What finds no room is told in the result, never raised."""
        pieces: list[KeptPiece] = []
        for role, media_type, data in _pieces(proof, now):
            pieces.append(self._put(role, media_type, data, pieces, now))
        return Kept(proof, tuple(pieces))

    def _put(
        self, role: Role, media_type: str, data: bytes, before: list[KeptPiece], now: datetime
    ) -> KeptPiece:
        pending = {piece.sha256: piece.size for piece in before if piece.absent is None}
        sha256 = self._budget.store.digest(data)
        absent = None
        if not self._budget.make_room(len(data), role, pending, now):
            absent = Absence.BUDGET
        else:
            try:
                self._budget.store.put(data, media_type)
            except NoRoomError as error:
                log.error("camera evidence lost: %s", error)
                absent = Absence.DISK_FULL
        return KeptPiece(role, media_type, sha256, len(data), absent)


def keep(
    connection: sa.Connection, kept: Kept, incident_id: int, alert_id: int | None, now: datetime
) -> None:
    """Name the files in the caller's transaction; what found no room is told to the operator."""
    rows.add(connection, evidence_rows(kept, incident_id, alert_id, now))
    for piece in kept.pieces:
        if piece.absent is not None:
            count(connection, f"evidence.refused.{piece.role.value}", 1)
            told = {
                "incident_id": incident_id,
                "role": piece.role.value,
                "camera": kept.proof.camera,
            }
            emit(connection, "evidence", {**told, "refused": piece.absent.value}, now)


def passed_on(kept: Kept, rule: str, started_at: datetime, now: datetime) -> dict[str, Any]:
    """Whose evidence this is and what files it has, for a desk that does not have them."""
    proof = kept.proof
    return {
        "station": proof.camera,
        "zone": proof.zone,
        "rule": rule,
        "started_at": started_at,
        "camera_at": proof.camera_at,
        "gateway_at": now,
        "detail": _detail(proof),
        "pieces": [
            {
                "role": piece.role.value,
                "media_type": piece.media_type,
                "sha256": piece.sha256,
                "size": piece.size,
                "absent": piece.absent and piece.absent.value,
            }
            for piece in kept.pieces
        ],
    }


def evidence_rows(
    kept: Kept, incident_id: int | None, alert_id: int | None, now: datetime
) -> list[dict[str, Any]]:
    """A row for each piece."""
    proof = kept.proof
    shared = {
        "incident_id": incident_id,
        "alert_id": alert_id,
        "camera": proof.camera,
        "camera_at": proof.camera_at,
        "gateway_at": now,
    }
    return [
        {
            **shared,
            "sha256": piece.sha256,
            "role": piece.role.value,
            "media_type": piece.media_type,
            "size": piece.size,
            "detail": _detail(proof) | ({"absent": piece.absent.value} if piece.absent else {}),
            "removed_at": now if piece.absent else None,
        }
        for piece in kept.pieces
    ]


def _pieces(proof: Proof, now: datetime) -> list[tuple[Role, str, bytes]]:
    """The dearest last: it is refused first where there is little room."""
    pieces = []
    if proof.track:
        pieces.append((Role.TRACK, JSON, _track(proof, now)))
    if proof.clean_jpeg:
        pieces.append((Role.PICTURE, JPEG, proof.clean_jpeg))
        boxes = proof.boxes
        drawn = annotated_jpeg(proof.clean_jpeg, boxes, proof.label) if boxes else b""
        pieces.extend([(Role.ANNOTATED, JPEG, drawn)] if drawn else [])
    if proof.clip_mp4:
        pieces.append((Role.CLIP, MP4, proof.clip_mp4))
    return pieces


def _track(proof: Proof, now: datetime) -> bytes:
    track = {
        **_detail(proof),
        "camera": proof.camera,
        "camera_at": proof.camera_at.isoformat(),
        "gateway_at": now.isoformat(),
        "track": proof.track,
    }
    return json.dumps(track, ensure_ascii=False, sort_keys=True, indent=1).encode()


def _detail(proof: Proof) -> dict[str, Any]:
    return {
        "zone": proof.zone,
        "label": proof.label,
        "score": proof.score,
        "boxes": [list(box) for box in proof.boxes],
        "models": proof.models,
    }
