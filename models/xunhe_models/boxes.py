"""Boxes as structures of arrays, their overlap, and the suppression of repeated ones.

`xyxy` is always (N, 4) float32: left, top, right, bottom, in pixels of the picture at hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Detections:
    """What a detector saw: `xyxy` (N, 4) float32, `score` (N,) float32 0..1, `class_id` (N,) int64.

    ValueError where the lengths disagree.
    """

    xyxy: Floats
    score: Floats
    class_id: Indices

    def __post_init__(self) -> None:
        n = len(self.xyxy)
        if self.xyxy.shape != (n, 4) or self.score.shape != (n,) or self.class_id.shape != (n,):
            raise ValueError(
                "detections need xyxy (N, 4), score (N,) and class_id (N,), not"
                f" {self.xyxy.shape}, {self.score.shape} and {self.class_id.shape}"
            )

    def __len__(self) -> int:
        return len(self.xyxy)

    @classmethod
    def none(cls) -> Self:
        """No detection."""
        return cls(
            np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty(0, dtype=np.int64)
        )

    @classmethod
    def joined(cls, parts: Sequence["Detections"]) -> Self:
        """All detections of the parts, in their order."""
        if not parts:
            return cls.none()
        return cls(
            np.concatenate([part.xyxy for part in parts]),
            np.concatenate([part.score for part in parts]),
            np.concatenate([part.class_id for part in parts]),
        )

    def take(self, index: NDArray[np.bool_] | Indices) -> "Detections":
        """Those that a mask (N,) or an array of indices chooses."""
        return Detections(self.xyxy[index], self.score[index], self.class_id[index])

    def mapped(self, scale_xy: tuple[float, float], shift_xy: tuple[float, float]) -> "Detections":
        """The same boxes multiplied by `scale_xy`, then moved by `shift_xy`."""
        factors = np.array([*scale_xy, *scale_xy], np.float32)
        shifts = np.array([*shift_xy, *shift_xy], np.float32)
        return Detections(self.xyxy * factors + shifts, self.score, self.class_id)

    def clipped(self, width: float, height: float) -> "Detections":
        """Cut at the borders of a picture; boxes without any area inside it are left out."""
        xyxy = np.clip(self.xyxy, 0, np.array([width, height, width, height], np.float32))
        inside = (xyxy[:, 2] > xyxy[:, 0]) & (xyxy[:, 3] > xyxy[:, 1])
        return Detections(xyxy[inside], self.score[inside], self.class_id[inside])

    def best_first(self, limit: int) -> "Detections":
        """The `limit` highest scores, descending; equal scores keep their order."""
        return self.take(np.argsort(-self.score, kind="stable")[:limit])


def areas(xyxy: Floats) -> Floats:
    """Areas (N,) of boxes (N, 4); 0 where a box is turned inside out."""
    sides = np.maximum(xyxy[:, 2:] - xyxy[:, :2], 0)
    return np.asarray(sides[:, 0] * sides[:, 1], dtype=np.float32)


def intersections(a: Floats, b: Floats) -> Floats:
    """Areas (N, M) that boxes `a` (N, 4) and `b` (M, 4) share."""
    width = np.minimum(a[:, None, 2], b[None, :, 2])
    width -= np.maximum(a[:, None, 0], b[None, :, 0])
    height = np.minimum(a[:, None, 3], b[None, :, 3])
    height -= np.maximum(a[:, None, 1], b[None, :, 1])
    np.maximum(width, 0, out=width)
    np.maximum(height, 0, out=height)
    width *= height
    return np.asarray(width, dtype=np.float32)


def iou(a: Floats, b: Floats) -> Floats:
    """Intersection over union (N, M) of boxes `a` (N, 4) and `b` (M, 4); 0 without any area."""
    shared = intersections(a, b)
    union = areas(a)[:, None] + areas(b)[None, :] - shared
    np.divide(shared, union, out=shared, where=union > 0)
    return shared


def nms(found: Detections, iou_limit: float, limit: int) -> Detections:
    """At most `limit` detections, best first, none over `iou_limit` with a better one of its class.

    The greedy rule, solved for all boxes of a class at once: start by keeping every box, then let
    the kept ones strike out those they cover, until nothing changes. The best box is right after
    the first round and every round settles at least one more, so it ends where the greedy one does;
    real scenes take three or four rounds.
    """
    ordered = found.best_first(len(found))
    keep = np.ones(len(ordered), dtype=np.bool_)
    for class_id in np.flatnonzero(np.bincount(ordered.class_id)):
        members = np.flatnonzero(ordered.class_id == class_id)
        keep[members] = _survivors(ordered.xyxy[members], iou_limit)
    return ordered.take(np.flatnonzero(keep)[:limit])


def _survivors(xyxy: Floats, iou_limit: float) -> NDArray[np.bool_]:
    covers = np.triu(iou(xyxy, xyxy) > iou_limit, k=1).astype(np.float32)
    keep = np.ones(len(xyxy), dtype=np.bool_)
    while True:
        struck = keep.astype(np.float32) @ covers
        settled = struck == 0
        if np.array_equal(settled, keep):
            return keep
        keep = settled
