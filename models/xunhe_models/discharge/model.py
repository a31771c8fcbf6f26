"""The discharge network in its ONNX file, on one thread.

Input `stack` float32 (1, T, 3, H, W), BGR, 0..255, H and W multiples of 16. Outputs `scores`
(1, 5), dry, flowing, foaming, coloured, sheen, and `maps` (1, 5, H/4, W/4), where the last four of
them and mouths are; all 0..1. Metadata: see `DischargeCard`.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from xunhe_models.detector import ModelError, open_session
from xunhe_models.discharge import CLASSES
from xunhe_models.discharge.textures import Field, Image
from xunhe_models.discharge.verdict import Logistic

MAPS = ("flowing", "foaming", "coloured", "sheen", "mouth")


@dataclass(frozen=True, slots=True)
class DischargeCard:
    """The metadata inside the file.

    `size` is the side of a zone's crop, `frames` and `span_s` how its stack is taken; `thresholds`
    say from which score a label raises an alarm; `rules` join network and signals, for zones
    (moving, still) and for places that nobody has pointed at (candidate moving, candidate still).
    """

    name: str
    size: int
    frames: int
    span_s: float
    thresholds: dict[str, float]
    rules: dict[str, Logistic]

    def rule(self, name: str) -> Logistic | None:
        """None where none has been fitted: the network's word stands alone."""
        return self.rules.get(name)

    @classmethod
    def read(cls, file: Path, metadata: dict[str, str]) -> Self:
        """ModelError names what is missing or wrong."""
        try:
            if metadata["kind"] != "discharge":
                raise ValueError(f"`kind` is {metadata['kind']!r}, a discharge model is needed")
            if tuple(json.loads(metadata["classes"])) != CLASSES:
                raise ValueError(f"`classes` must be {', '.join(CLASSES)}")
            taken = json.loads(metadata["input"])
            limits = {k: float(v) for k, v in json.loads(metadata["thresholds"]).items()}
            joint = {k: Logistic.from_json(json.dumps(v)) for k, v in _joint(metadata).items()}
            return cls(
                name=metadata["name"],
                size=int(taken["size"]),
                frames=int(taken["frames"]),
                span_s=float(taken["span_s"]),
                thresholds={label: limits[label] for label in CLASSES},
                rules=joint,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"{file}: not a discharge model: {error}") from error


def _joint(metadata: dict[str, str]) -> dict[str, Any]:
    found = json.loads(metadata.get("joint", "{}"))
    return dict(found)


class DischargeModel:
    """A session and its card: one per thread. ModelError names a file that is no such model."""

    def __init__(self, path: Path) -> None:
        self._session = open_session(path)
        self.card = DischargeCard.read(path, self._session.get_modelmeta().custom_metadata_map)

    def run(self, stack: Image) -> tuple[NDArray[np.float32], Field]:
        """Scores (5,) and maps (5, H/4, W/4) of a stack (T, H, W, 3); one frame is a still."""
        if len(stack) == 1:
            stack = np.repeat(stack, self.card.frames, axis=0)
        if len(stack) != self.card.frames or any(side % 16 for side in stack.shape[1:3]):
            raise ValueError(
                f"a stack has {self.card.frames} frames and sides in multiples of 16,"
                f" not {stack.shape}"
            )
        blob = np.ascontiguousarray(stack.transpose(0, 3, 1, 2)[None], dtype=np.float32)
        scores, maps = self._session.run(["scores", "maps"], {"stack": blob})
        return np.asarray(scores[0], np.float32), np.asarray(maps[0], np.float32)
