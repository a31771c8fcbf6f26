"""The detector over one frame: the whole picture, and tiles where there is water."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.finding import FindingKind
from xunhe.vision.findings.water import CELL_PX
from xunhe.vision.geometry import Box, Vector, centre
from xunhe_models.tiles import Looker, Tile, detect_tiled

Image = NDArray[np.uint8]
Mask = NDArray[np.uint8]

LEAST_SCORE = 0.2  # below it a box is noise, however often it comes
_CLASSES = {"litter": FindingKind.LITTER, "vegetation_mat": FindingKind.MAT}


class DebrisDetector(Looker, Protocol):
    """A detector with the names of its classes."""

    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A box of a picture, in its pixels, with a score from 0 to 1."""

    kind: FindingKind
    box: Box
    score: float


def look(detector: DebrisDetector, bgr: Image, water: Mask | None = None) -> list[Seen]:
    """What floats in a picture (H, W, 3); `water` is `Water.mask`, None where nobody knows it.

    Without any water there is nothing to look for.
    """
    if water is None:
        return _single(_seen(detector, bgr, (0, 0), None))
    rows, columns = (np.flatnonzero(water.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return []
    left, top = int(columns[0]) * CELL_PX, int(rows[0]) * CELL_PX
    right, bottom = (int(columns[-1]) + 1) * CELL_PX, (int(rows[-1]) + 1) * CELL_PX
    return _single(_seen(detector, bgr[top:bottom, left:right], (left, top), water))


def _seen(
    detector: DebrisDetector, part: Image, corner: tuple[int, int], water: Mask | None
) -> Iterator[Seen]:
    """In a part of a picture whose upper left pixel is `corner` (x, y)."""

    def holds_water(tile: Tile) -> bool:
        x0, y0 = (tile.x0 + corner[0]) // CELL_PX, (tile.y0 + corner[1]) // CELL_PX
        x1, y1 = -(-(tile.x1 + corner[0]) // CELL_PX), -(-(tile.y1 + corner[1]) // CELL_PX)
        return water is None or bool(water[y0:y1, x0:x1].any())

    found = detect_tiled(detector, part, wanted=holds_water).mapped((1, 1), corner)
    for row, score, label in zip(
        found.xyxy.tolist(), found.score.tolist(), found.class_id.tolist(), strict=True
    ):
        kind = _CLASSES.get(detector.classes[label])
        if kind is not None and score >= LEAST_SCORE:
            yield Seen(kind, (row[0], row[1], row[2], row[3]), score)


def _single(seen: Iterable[Seen]) -> list[Seen]:
    """Without a second, poorer box round the same thing; seen from above things do not overlap."""
    kept: list[Seen] = []
    for one in sorted(seen, key=lambda each: -each.score):
        if not any(one.kind is other.kind and _is_same(one.box, other.box) for other in kept):
            kept.append(one)
    return kept


def _is_same(box: Box, other: Box) -> bool:
    return _holds(box, centre(other)) or _holds(other, centre(box))


def _holds(box: Box, point: Vector) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]
