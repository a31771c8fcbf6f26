"""A detector to be evaluated: its file, its sessions, and what it was trained with."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xunhe_models.boxes import Detections
from xunhe_models.data.pictures import CLASSES
from xunhe_models.detector import Detector, open_session
from xunhe_models.images import Frame
from xunhe_models.tiles import Tiling, detect_tiled, side_for

NEVER_TRAINED = ("outfall/",)  # no model of debris has these folders among its sources


@dataclass(frozen=True, slots=True)
class Subject:
    """A detector under its `name`; `held_out` are the starts of the sites it never saw.

    `held_out` is None where the file does not say.
    """

    name: str
    file: Path
    detector: Detector
    session: Any
    held_out: tuple[str, ...] | None

    @property
    def thresholds(self) -> dict[str, float]:
        """Of the classes that are ours."""
        pairs = zip(self.detector.classes, self.detector.thresholds, strict=True)
        return {label: threshold for label, threshold in pairs if label in CLASSES}

    def saw(self, sites: Sequence[str]) -> list[str] | None:
        """Which of the sites were in its training; None where the file does not say."""
        if self.held_out is None:
            return None
        unseen = (*self.held_out, *NEVER_TRAINED)
        return [site for site in sites if not site.startswith(unseen)]

    def look(self, frame: Frame, tilings: Sequence[Tiling]) -> dict[Tiling, Detections]:
        """Boxes in stored pixels for each tiling, with `class_id` as an index into CLASSES."""
        whole = self.detector.detect(frame.bgr)
        found = {tiling: self._tiled(frame.bgr, tiling, whole) for tiling in tilings}
        return {tiling: self._ours(each, frame) for tiling, each in found.items()}

    def about(self) -> dict[str, Any]:
        """What the file is, and what it says of itself."""
        card, content = self.detector.card, self.file.read_bytes()
        return {
            "name": self.name,
            "file": self.file.name,
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
            "classes": card.classes,
            "thresholds": self.thresholds,
            "tile": card.tile,
            "data_sha256": card.data_sha256,
            "git_commit": card.git_commit,
            "held_out": self.held_out,
        }

    def _tiled(self, bgr: NDArray[np.uint8], tiling: Tiling, whole: Detections) -> Detections:
        height, width = bgr.shape[:2]
        if side_for(width, height, tiling, self.detector.tile) is None:
            return whole
        return detect_tiled(self.detector, bgr, tiling)

    def _ours(self, found: Detections, frame: Frame) -> Detections:
        labels = self.detector.classes
        ids = np.array([CLASSES.index(c) if c in CLASSES else -1 for c in labels], np.int64)
        stored = found.mapped(frame.scale_xy, (0, 0))
        renamed = Detections(stored.xyxy, stored.score, ids[stored.class_id])
        return renamed.take(renamed.class_id >= 0)


def open_subject(name: str, file: Path) -> Subject:
    """ModelError names a file that is missing or no detector."""
    detector, session = Detector(file), open_session(file)
    said = session.get_modelmeta().custom_metadata_map.get("held_out")
    held_out = None if said is None else tuple(str(site) for site in json.loads(said))
    return Subject(name, file, detector, session, held_out)
