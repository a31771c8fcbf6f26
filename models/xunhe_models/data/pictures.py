"""A picture with its boxes, whatever layout it came in."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CLASSES = ("litter", "vegetation_mat")
IGNORE = "unsure"  # neither right nor wrong: training and evaluation leave the place out


@dataclass(frozen=True, slots=True)
class Box:
    """Corners in pixels of the picture (x0 < x1, y0 < y1) and a label."""

    x0: float
    y0: float
    x1: float
    y1: float
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    """One image file. `site` is what a split may never cut through: a camera, a clip, a place."""

    path: Path
    site: str
    boxes: tuple[Box, ...]

    def xyxy(self) -> NDArray[np.float32]:
        """(N, 4) corners in pixels."""
        corners = [(b.x0, b.y0, b.x1, b.y1) for b in self.boxes]
        return np.array(corners, np.float32).reshape(-1, 4)

    def class_ids(self) -> NDArray[np.int64]:
        """(N,) index into CLASSES; -1 for a place to leave out."""
        ids = [CLASSES.index(b.label) if b.label in CLASSES else -1 for b in self.boxes]
        return np.array(ids, np.int64)
