"""What people judged becomes a data set that `xunhe model adapt` reads."""

import json
from pathlib import Path

import pytest

from tests.gateway.conftest import START
from tests.gateway.proofs import BOXES, add_incident, jpeg, proof
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.export_review import Counts, export_review
from xunhe.adapters.proof import Keeper, keep
from xunhe.adapters.store import verdicts
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.verdicts import Verdict
from xunhe_models.data.layouts.reading import read


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence")


def judged(
    database: Database,
    store: EvidenceStore,
    n: int,
    said: Verdict | None,
    kind: str = "floating_litter",
) -> None:
    kept = Keeper(Budget(database, store, 2**20)).put(proof(clean_jpeg=jpeg(n)), START)
    with database.write() as connection:
        add_incident(connection, n, kind=kind)
        keep(connection, kept, n, None, START)
        if said is not None:
            verdicts.add(connection, said)


def test_confirmed_pictures_carry_their_boxes_and_false_alarms_none(
    tmp_path: Path, database: Database, store: EvidenceStore
) -> None:
    judged(database, store, 1, Verdict(1, START, "甲", True))
    judged(database, store, 2, Verdict(2, START, "乙", False, "反光"))
    judged(database, store, 3, None)
    out = tmp_path / "review"
    assert export_review(database, store, out, blur=None) == Counts(1, 1, 0)
    picture = read(out / "confirmed").pictures[0]
    assert [box.label for box in picture.boxes] == ["litter", "litter"]
    assert picture.xyxy()[0].tolist() == pytest.approx([16, 18, 48, 36], abs=0.01)
    assert [path.name for path in (out / "rejected").iterdir()] == ["YX-C1-000002.jpg"]
    whole = read(out)
    assert sorted(len(p.boxes) for p in whole.pictures) == [0, 2]


def test_corrected_boxes_and_names_take_the_place_of_the_models(
    tmp_path: Path, database: Database, store: EvidenceStore
) -> None:
    box = (*BOXES[0][:4], "litter")
    judged(database, store, 1, Verdict(1, START, "甲", True, boxes=(box,)))
    judged(database, store, 2, Verdict(2, START, "甲", True, label="vegetation_mat"))
    judged(database, store, 3, Verdict(3, START, "甲", True, boxes=()))
    assert export_review(database, store, tmp_path / "o", blur=None) == Counts(2, 1, 0)
    labels = [[b.label for b in p.boxes] for p in read(tmp_path / "o/confirmed").pictures]
    assert labels == [["litter"], ["vegetation_mat", "vegetation_mat"]]


def test_the_newest_verdict_counts(
    tmp_path: Path, database: Database, store: EvidenceStore
) -> None:
    judged(database, store, 1, Verdict(1, START, "甲", True))
    with database.write() as connection:
        verdicts.add(connection, Verdict(1, START, "乙", False))
    assert export_review(database, store, tmp_path / "o", blur=None) == Counts(0, 1, 0)


def test_the_manifest_tells_of_every_verdict_and_what_was_left_out(
    tmp_path: Path, database: Database, store: EvidenceStore
) -> None:
    judged(database, store, 1, Verdict(1, START, "甲", True))
    judged(database, store, 2, Verdict(2, START, "甲", True), kind="discharge")
    judged(database, store, 3, Verdict(3, START, "甲", True, label="other"))
    judged(database, store, 4, Verdict(4, START, "甲", True))
    store.remove(store.digest(jpeg(4)))
    assert export_review(database, store, tmp_path / "o", blur=None) == Counts(1, 0, 3)
    manifest = json.loads((tmp_path / "o/manifest.json").read_text("utf-8"))
    entries = {entry["incident"]: entry for entry in manifest["pictures"]}
    assert entries[1]["models"] == {"debris": "d" * 64}
    assert entries[1]["actor"] == "甲"
    assert entries[1]["sha256"] == store.digest(jpeg(1))
    assert [entries[n]["left_out"] is None for n in (1, 2, 3, 4)] == [True, False, False, False]
    assert "请人工检查" in manifest["check"]


def test_an_export_overwrites_nothing(
    tmp_path: Path, database: Database, store: EvidenceStore
) -> None:
    (tmp_path / "o").mkdir()
    with pytest.raises(FileExistsError, match="name a new folder"):
        export_review(database, store, tmp_path / "o", blur=None)
