"""Evidence: the same bytes once, whole or not at all, and an incident never waits for it."""

import errno
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.gateway.conftest import START
from tests.gateway.proofs import BOXES, MODELS, add_incident, jpeg, proof
from xunhe.adapters.annotate import decoded
from xunhe.adapters.evidence import (
    JPEG,
    MP4,
    DamagedError,
    EvidenceStore,
    MissingError,
    NoRoomError,
)
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.proof import Keeper, keep
from xunhe.adapters.store import evidence, schema
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.evidence import Role

MIB = 2**20


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence")


@pytest.fixture
def keeper(database: Database, store: EvidenceStore) -> Keeper:
    return Keeper(Budget(database, store, 100 * MIB))


def full_disk(*_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_the_same_bytes_are_one_file_named_by_their_digest(store: EvidenceStore) -> None:
    first, again = store.put(b"river", JPEG), store.put(b"river", JPEG)
    assert first == again == hashlib.sha256(b"river").hexdigest()
    assert [p.name for p in store.files()] == [f"{first}.jpg"]
    assert store.find(first).parent.name == first[:2]
    assert store.read(first) == b"river"


def test_a_changed_file_is_not_given_as_evidence(store: EvidenceStore) -> None:
    sha256 = store.put(b"river", JPEG)
    store.find(sha256).write_bytes(b"ditch")
    with pytest.raises(DamagedError):
        store.read(sha256)
    store.find(sha256).unlink()
    with pytest.raises(MissingError):
        store.open(sha256)


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64])
def test_only_a_digest_leads_to_a_file(store: EvidenceStore, name: str) -> None:
    with pytest.raises(MissingError):
        store.find(name)


def test_a_full_disk_leaves_no_part_of_a_file(
    store: EvidenceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(NoRoomError, match="磁盘已满"):
        store.put(b"river", JPEG)
    assert not [p for p in store.folder.rglob("*") if p.is_file()]


def test_a_file_is_on_the_disk_before_it_has_its_name(
    store: EvidenceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    sync, rename = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (order.append("sync"), sync(fd))[1])
    monkeypatch.setattr(
        Path, "replace", lambda self, to: (order.append("name"), rename(self, to))[1]
    )
    store.put(b"river", JPEG)
    assert order == ["sync", "name", "sync", "sync"]  # the file; its name; the folders


def test_a_proof_becomes_a_picture_its_annotated_copy_a_clip_and_a_track(
    database: Database, store: EvidenceStore, keeper: Keeper
) -> None:
    kept = keeper.put(proof(clip_mp4=b"clip"), START)
    with database.write() as connection:
        keep(connection, kept, add_incident(connection, 1), None, START)
    with database.read() as connection:
        rows = {row.role: row for row in evidence.of_incident(connection, 1)}
    assert set(rows) == {Role.PICTURE, Role.ANNOTATED, Role.CLIP, Role.TRACK}
    assert store.read(rows[Role.PICTURE].sha256) == jpeg()
    assert rows[Role.CLIP].media_type == MP4
    assert rows[Role.PICTURE].detail["models"] == MODELS
    track = json.loads(store.read(rows[Role.TRACK].sha256))
    assert track["camera_at"] == START.isoformat()
    assert track["boxes"] == [list(box) for box in BOXES]
    drawn, clean = (decoded(store.read(rows[r].sha256)) for r in (Role.ANNOTATED, Role.PICTURE))
    assert drawn is not None
    assert clean is not None
    assert drawn.shape == clean.shape
    assert (abs(drawn.astype(int) - clean) > 60).any()


def test_the_same_proof_twice_changes_nothing(database: Database, keeper: Keeper) -> None:
    with database.write() as connection:
        add_incident(connection, 1)
    for _ in range(2):
        kept = keeper.put(proof(), START)
        with database.write() as connection:
            keep(connection, kept, 1, None, START)
    with database.read() as connection:
        assert len(evidence.of_incident(connection, 1)) == 3


def test_an_incident_opens_without_evidence_on_a_full_disk_and_says_so(
    database: Database, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full_disk)
        kept = keeper.put(proof(), START)
    with database.write() as connection:
        keep(connection, kept, add_incident(connection, 1), None, START)
    with database.read() as connection:
        rows = evidence.of_incident(connection, 1)
        events = connection.execute(sa.select(schema.event)).all()
        counters = {r.name: r.n for r in connection.execute(sa.select(schema.counter))}
    assert {row.detail["absent"] for row in rows} == {"disk_full"}
    assert all(row.removed_at == START for row in rows)
    assert {e.data["refused"] for e in events if e.kind == "evidence"} == {"disk_full"}
    assert counters["evidence.refused.picture"] == 1


def test_bytes_that_are_no_picture_are_kept_without_an_annotated_copy(keeper: Keeper) -> None:
    kept = keeper.put(proof(clean_jpeg=b"not a picture"), START)
    assert {piece.role for piece in kept.pieces} == {Role.TRACK, Role.PICTURE}


def test_a_blind_camera_has_a_track_and_no_picture(keeper: Keeper) -> None:
    kept = keeper.put(proof(clean_jpeg=b"", boxes=()), START)
    assert [piece.role for piece in kept.pieces] == [Role.TRACK]
