"""Photographs that people bring: cleaned, kept within the evidence's part of the disk, then named.

Files lie on the disk before any row names them; a row is written in the transaction of whatever the
photograph belongs to. What finds no room has a row that says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.desk_photo import clean_jpeg
from xunhe.adapters.evidence import JPEG, NoRoomError
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.store import evidence
from xunhe.adapters.store.evidence import Absence, Role
from xunhe.adapters.store.records import count


@dataclass(frozen=True, slots=True)
class KeptPhoto:
    """A cleaned photograph; `absent` says why its file is not there."""

    sha256: str
    size: int
    absent: Absence | None = None


class PhotoShelf:
    """The store of evidence, as people use it."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    def put(self, photos: Sequence[bytes], role: Role, now: datetime) -> list[KeptPhoto]:
        """Clean and keep them. PhotoError for one that is no picture: then none of them is kept.

        What finds no room is told in the result, never raised.
        """
        kept: list[KeptPhoto] = []
        for picture in [clean_jpeg(photo) for photo in photos]:
            kept.append(self._put(picture, role, kept, now))
        return kept

    def _put(
        self, picture: bytes, role: Role, before: Sequence[KeptPhoto], now: datetime
    ) -> KeptPhoto:
        pending = {photo.sha256: photo.size for photo in before if photo.absent is None}
        sha256, size = self._budget.store.digest(picture), len(picture)
        if not self._budget.make_room(size, role, pending, now):
            return KeptPhoto(sha256, size, Absence.BUDGET)
        try:
            self._budget.store.put(picture, JPEG)
        except NoRoomError:
            return KeptPhoto(sha256, size, Absence.DISK_FULL)
        return KeptPhoto(sha256, size)


@dataclass(frozen=True, slots=True)
class Bringing:
    """Photographs on their way to a ticket: what they are, when taken, when received."""

    photos: Sequence[KeptPhoto]
    role: Role
    taken_at: datetime
    received_at: datetime
    note: str = ""


def name_photos(connection: sa.Connection, brought: Bringing, ticket_id: int) -> None:
    """Write their rows; one that the ticket has already stays as it is."""
    known = {row.sha256 for row in evidence.of_ticket(connection, ticket_id, ())}
    fresh = [photo for photo in brought.photos if photo.sha256 not in known]
    evidence.add(connection, [_row(photo, brought, ticket_id) for photo in fresh])
    refused = sum(photo.absent is not None for photo in fresh)
    if refused:
        count(connection, f"evidence.refused.{brought.role.value}", refused)


def _row(photo: KeptPhoto, brought: Bringing, ticket_id: int) -> dict[str, Any]:
    absent = {} if photo.absent is None else {"absent": photo.absent.value}
    return {
        "sha256": photo.sha256,
        "role": brought.role.value,
        "media_type": JPEG,
        "size": photo.size,
        "camera": "",
        "camera_at": brought.taken_at,
        "gateway_at": brought.received_at,
        "detail": {"note": brought.note, **absent},
        "ticket_id": ticket_id,
        "removed_at": brought.received_at if absent else None,
    }
