"""The budget: the least severe and oldest goes first, of an open ticket nothing ever goes."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.gateway.conftest import START
from tests.gateway.proofs import add_incident, proof
from xunhe.adapters.evidence import JPEG, EvidenceStore
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.proof import Keeper, keep
from xunhe.adapters.store import evidence, schema
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.evidence import Role

CLOSED = "false_alarm"
LIMIT = 10_000


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence")


@pytest.fixture
def budget(database: Database, store: EvidenceStore) -> Budget:
    return Budget(database, store, LIMIT)


def fill(  # a file of an incident of its own
    database: Database, store: EvidenceStore, n: int, size: int, state: str | None, severity: str
) -> str:
    sha256 = store.put(bytes([n]) * size, JPEG)
    at = START + timedelta(minutes=n)
    with database.write() as connection:
        add_incident(connection, n, severity=severity, state=state)
        row = {"sha256": sha256, "role": "picture", "media_type": JPEG, "size": size}
        row |= {"incident_id": n, "camera": "YX-C1", "detail": {"boxes": []}}
        evidence.add(connection, [{**row, "camera_at": at, "gateway_at": at}])
    return sha256


def gone(database: Database) -> set[int | None]:
    with database.read() as connection:
        query = sa.select(schema.evidence).where(schema.evidence.c.removed_at.is_not(None))
        return {row.incident_id for row in connection.execute(query)}


def test_the_least_severe_goes_first_and_of_that_the_oldest(
    database: Database, store: EvidenceStore, budget: Budget
) -> None:
    files = {
        1: fill(database, store, 1, 2000, CLOSED, "severe"),
        2: fill(database, store, 2, 2000, CLOSED, "minor"),
        3: fill(database, store, 3, 2000, None, "minor"),
        4: fill(database, store, 4, 2000, CLOSED, "major"),
    }
    assert budget.make_room(2000, Role.PICTURE, {}, START)
    assert gone(database) == set()
    assert budget.make_room(2001, Role.PICTURE, {}, START)
    assert gone(database) == {2}
    assert budget.make_room(6001, Role.PICTURE, {}, START)
    assert gone(database) == {2, 3, 4}
    assert {path.stem for path in store.files()} == {files[1]}


def test_evidence_of_an_open_ticket_never_goes_and_new_evidence_is_refused(
    database: Database, store: EvidenceStore, budget: Budget
) -> None:
    for n, state in enumerate(("unverified", "accepted"), 1):
        fill(database, store, n, 4000, state, "minor")
    fill(database, store, 3, 1000, CLOSED, "severe")
    assert not budget.make_room(2001, Role.PICTURE, {}, START)
    assert gone(database) == set()  # nothing in vain
    assert budget.make_room(2000, Role.PICTURE, {}, START)
    assert gone(database) == {3}


def test_a_file_that_an_open_ticket_shares_stays(
    database: Database, store: EvidenceStore, budget: Budget
) -> None:
    sha256 = fill(database, store, 1, 6000, CLOSED, "minor")
    with database.write() as connection:
        row = connection.execute(sa.select(schema.evidence)).one()._asdict()
        add_incident(connection, 2)
        evidence.add(connection, [{**row, "id": 2, "incident_id": 2}])
        assert evidence.kept_bytes(connection) == 6000
    assert not budget.make_room(5000, Role.PICTURE, {}, START)
    assert store.find(sha256).exists()


def test_clips_are_refused_before_pictures_and_the_operator_is_told(
    database: Database, store: EvidenceStore
) -> None:
    fill(database, store, 1, 6000, "accepted", "minor")
    keeper = Keeper(Budget(database, store, LIMIT))
    kept = keeper.put(proof(clean_jpeg=b"j" * 1000, clip_mp4=b"c" * 2000), START)
    refused = {piece.role: piece.absent for piece in kept.pieces}
    assert refused == {Role.TRACK: None, Role.PICTURE: None, Role.CLIP: "budget"}
    with database.write() as connection:
        keep(connection, kept, add_incident(connection, 2), None, START)
        names = {row.name for row in connection.execute(sa.select(schema.counter))}
        told = connection.execute(sa.select(schema.event.c.data)).scalars().all()
    assert "evidence.refused.clip" in names
    assert {"incident_id": 2, "role": "clip", "camera": "YX-C1", "refused": "budget"} in told


def test_a_removal_is_told_and_counted(
    database: Database, store: EvidenceStore, budget: Budget
) -> None:
    fill(database, store, 1, 9000, CLOSED, "minor")
    budget.make_room(5000, Role.CLIP, {}, START)
    with database.read() as connection:
        assert connection.execute(sa.select(schema.counter.c.n)).scalar_one() == 1
        told = sa.select(schema.event.c.data).where(schema.event.c.kind == "evidence")
        assert connection.execute(told).scalar_one() == {"removed": 1}
        row = evidence.of_incident(connection, 1)[0]
    assert row.removed_at == START
    assert row.detail["absent"] == "budget"


def test_a_sweep_removes_old_orphans_and_marks_what_is_missing(
    database: Database, store: EvidenceStore, budget: Budget
) -> None:
    lost, here = (fill(database, store, n, 10, "accepted", "minor") for n in (1, 2))
    store.remove(lost)
    young, old = store.put(b"young", JPEG), store.put(b"old", JPEG)
    part = store.folder / here[:2] / ".part-x"
    part.write_bytes(b"half")
    two_days_ago = time.time() - 2 * 86400
    for path in (store.find(old), store.find(here), part):
        os.utime(path, (two_days_ago, two_days_ago))
    assert budget.sweep(START) == (2, 1)
    assert {path.stem for path in store.files()} == {here, young}
    assert not part.exists()
    with database.read() as connection:
        assert evidence.of_incident(connection, 1)[0].detail["absent"] == "lost"
        assert evidence.of_incident(connection, 2)[0].removed_at is None
    assert budget.sweep(START) == (0, 0)
