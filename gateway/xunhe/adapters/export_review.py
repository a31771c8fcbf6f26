"""What operators judged becomes labelled pictures that `xunhe model adapt` takes.

    OUT/confirmed/data.yaml, images/, labels/    YOLO: real, with the model's or the corrected boxes
    OUT/rejected/                                false alarms: nothing in them is to be found
    OUT/manifest.json                            incident, verdict, who, models, for every picture

Only litter and vegetation mats have boxes to learn from: of other kinds the manifest tells, and
what has left the disk is told there too. Faces and plates are hidden unless asked otherwise.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xunhe.adapters.blur import Blur
from xunhe.adapters.evidence import EvidenceError, EvidenceStore
from xunhe.adapters.store import evidence, verdicts
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.evidence import EvidenceRow, Role
from xunhe.adapters.store.verdicts import LabelledBox, Verdict
from xunhe.domain.incident import Kind

LABELS = ("litter", "vegetation_mat")  # as xunhe_models.data.pictures.CLASSES
_LABEL_OF = {Kind.FLOATING_LITTER.value: "litter", Kind.VEGETATION_MAT.value: "vegetation_mat"}


@dataclass(frozen=True, slots=True)
class Counts:
    """Pictures written, and judged incidents of which there is none to write."""

    confirmed: int
    rejected: int
    left_out: int


@dataclass(frozen=True, slots=True)
class _Judged:
    """A judged incident: its picture, or why there is none; its right boxes."""

    verdict: Verdict
    kind: str
    row: EvidenceRow | None
    boxes: tuple[LabelledBox, ...]
    left_out: str


def export_review(
    database: Database, store: EvidenceStore, out: Path, *, blur: Blur | None
) -> Counts:
    """Write the data set into `out`, which must not exist; with `blur` None nothing is hidden.

    FileExistsError, with the next step, where it does.
    """
    if out.exists():
        raise FileExistsError(f"{out} 已存在，请换一个名称 / exists: name a new folder")
    with database.read() as connection:
        judged = list(_judged(connection))
    out.mkdir(parents=True)
    entries = [_written(found, store, out, blur) for found in judged]
    folders = [entry["folder"] for entry in entries]
    counts = Counts(*(folders.count(name) for name in ("confirmed", "rejected", None)))
    if counts.confirmed:
        names = "".join(f"  {k}: {label}\n" for k, label in enumerate(LABELS))
        (out / "confirmed" / "data.yaml").write_text(f"names:\n{names}", "utf-8")
    manifest = {
        "blurred": blur is not None,
        "check": "请人工检查遮挡 / check by eye what was blurred before you publish",
        "pictures": entries,
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (out / "manifest.json").write_text(text + "\n", "utf-8")
    return counts


def _judged(connection: Any) -> Iterator[_Judged]:
    for kind, said in verdicts.newest(connection):
        rows = [r for r in evidence.of_incident(connection, said.incident_id) if _is_picture(r)]
        seen = [row for row in rows if row.gateway_at <= said.at] or rows[-1:]
        row = seen[0] if seen else None
        boxes = _boxes(kind, said, row)
        yield _Judged(said, kind, row, boxes, _left_out(kind, row, boxes))


def _is_picture(row: EvidenceRow) -> bool:
    return row.role == Role.PICTURE


def _boxes(kind: str, said: Verdict, row: EvidenceRow | None) -> tuple[LabelledBox, ...]:
    """The person's boxes; else the model's if it was right, under the person's name for them."""
    if said.boxes is not None:
        return said.boxes
    if not said.is_true or row is None:
        return ()
    label = said.label or _LABEL_OF.get(kind, kind)
    return tuple((*box[:4], label) for box in row.detail["boxes"])


def _left_out(kind: str, row: EvidenceRow | None, boxes: tuple[LabelledBox, ...]) -> str:
    if row is None:
        return "no picture was kept"
    if row.removed_at is not None:
        return f"the picture is gone: {row.detail.get('absent', 'removed')}"
    if kind not in _LABEL_OF:
        return f"the detector does not learn {kind}"
    other = sorted({box[4] for box in boxes} - set(LABELS))
    return f"the detector has no class {', '.join(other)}" if other else ""


def _written(found: _Judged, store: EvidenceStore, out: Path, blur: Blur | None) -> dict[str, Any]:
    """Write one picture with its boxes; its entry of the manifest."""
    folder, reason = None, found.left_out
    if found.row is not None and not reason:
        try:
            jpeg = store.read(found.row.sha256)
            data = jpeg if blur is None else blur.jpeg(jpeg)
        except (EvidenceError, ValueError) as error:
            reason = str(error)
        else:
            folder = "confirmed" if found.boxes else "rejected"
            _write(out / folder, _name(found), data, found.boxes)
    return _entry(found, folder, reason)


def _name(found: _Judged) -> str:
    """The camera first: it is the site that a split never cuts through."""
    row = found.row
    return f"{row.camera}-{found.verdict.incident_id:06d}" if row else ""


def _write(folder: Path, name: str, jpeg: bytes, boxes: tuple[LabelledBox, ...]) -> None:
    images = folder / "images" if boxes else folder
    images.mkdir(parents=True, exist_ok=True)
    (images / f"{name}.jpg").write_bytes(jpeg)
    if boxes:
        labels = folder / "labels"
        labels.mkdir(exist_ok=True)
        (labels / f"{name}.txt").write_text("".join(map(_line, boxes)), "utf-8")


def _line(box: LabelledBox) -> str:
    """YOLO: class, centre and size in fractions."""
    x0, y0, x1, y1, label = box
    values = ((x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0)
    return f"{LABELS.index(label)} {' '.join(f'{value:.6f}' for value in values)}\n"


def _entry(found: _Judged, folder: str | None, reason: str) -> dict[str, Any]:
    said, row = found.verdict, found.row
    return {
        "incident": said.incident_id,
        "kind": found.kind,
        "folder": folder,
        "left_out": reason or None,
        "picture": f"{_name(found)}.jpg" if folder else None,
        "sha256": row.sha256 if row else None,
        "camera": row.camera if row else None,
        "camera_at": row.camera_at.isoformat() if row else None,
        "models": row.detail.get("models", {}) if row else {},
        "is_true": said.is_true,
        "actor": said.actor,
        "at": said.at.isoformat(),
        "note": said.note,
        "label": said.label,
        "boxes": len(found.boxes),
    }
