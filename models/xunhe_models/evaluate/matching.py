"""Which detections are right: COCO's rules, in float64 as its own tool computes.

Best score first, each detection takes the free truth that it overlaps most, from the limit on; of
equal ones the last. A place to leave out swallows any number of detections: there the overlap is
the share of the detection inside it, so that a small box in a wide place is swallowed too. Truths
outside the range of sizes at hand swallow one detection each, by the usual overlap, and detections
of other sizes that match nothing are left out as well.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Corners = NDArray[np.float32] | NDArray[np.float64]
States = NDArray[np.int8]

IOU_LIMITS = np.linspace(0.5, 0.95, 10)
TRUE, FALSE, LEFT_OUT = 1, 0, -1


@dataclass(frozen=True, slots=True)
class SizeRange:
    """Boxes whose area (px²) or longer side (px) lies in low..high, both inclusive as COCO's."""

    name: str
    low: float
    high: float
    by_area: bool

    def holds(self, xyxy: Corners) -> NDArray[np.bool_]:
        """(N,) for boxes (N, 4)."""
        sides = (xyxy[:, 2:] - xyxy[:, :2]).astype(np.float64)
        size = sides.prod(axis=1) if self.by_area else sides.max(axis=1, initial=0)
        return np.asarray((self.low <= size) & (size <= self.high))


ANY_SIZE = SizeRange("all", 0, np.inf, True)
SIZES = (
    SizeRange("coco_small", 0, 32**2, True),
    SizeRange("coco_medium", 32**2, 96**2, True),
    SizeRange("coco_large", 96**2, np.inf, True),
    SizeRange("side_under_10", 0, 10, False),
    SizeRange("side_10_32", 10, 32, False),
    SizeRange("side_32_96", 32, 96, False),
    SizeRange("side_96_400", 96, 400, False),
    SizeRange("side_over_400", 400, np.inf, False),
)


@dataclass(frozen=True, slots=True)
class Truth:
    """Boxes of one class in one picture: `xyxy` (M, 4); `left_out` (M,) are places, not boxes."""

    xyxy: Corners
    left_out: NDArray[np.bool_]

    def counted(self, sizes: SizeRange = ANY_SIZE) -> NDArray[np.bool_]:
        """(M,) those to be found."""
        return np.asarray(~self.left_out & sizes.holds(self.xyxy))


class Matches(NamedTuple):
    """At each of IOU_LIMITS: `states` (10, N) TRUE, FALSE or LEFT_OUT; `met` (10, M) truths."""

    states: States
    met: NDArray[np.bool_]


def matches(truth: Truth, found: Corners, sizes: SizeRange = ANY_SIZE) -> Matches:
    """Hold boxes (N, 4), best first, against the truth."""
    counted = truth.counted(sizes)
    overlap = _overlaps(found, truth)
    states = np.full((len(IOU_LIMITS), len(found)), FALSE, np.int8)
    states[:, ~sizes.holds(found)] = LEFT_OUT
    free = np.ones((len(IOU_LIMITS), len(counted)), dtype=np.bool_)
    near = overlap.max(axis=1, initial=0) >= IOU_LIMITS[0]
    for n in np.flatnonzero(near):
        hit = _best(overlap[n], free & counted)
        hit = np.where(hit < 0, _best(overlap[n], free & ~counted), hit)
        rows = np.flatnonzero(hit >= 0)
        states[rows, n] = np.where(counted[hit[rows]], TRUE, LEFT_OUT)
        used = rows[~truth.left_out[hit[rows]]]
        free[used, hit[used]] = False
    return Matches(states, counted & ~free)


def _best(overlap: NDArray[np.float64], free: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(10,) the free truth (10, M) that a detection overlaps most, -1 where none reaches."""
    reached = np.where(free, overlap, -1.0)
    last_best = overlap.size - 1 - np.argmax(reached[:, ::-1], axis=1)
    reaches = reached.max(axis=1, initial=-1.0) >= IOU_LIMITS
    return np.asarray(np.where(reaches, last_best, -1), np.int64)


def _overlaps(found: Corners, truth: Truth) -> NDArray[np.float64]:
    """(N, M): over the union, or over the detection alone where the truth is a place."""
    a, b = found.astype(np.float64), truth.xyxy.astype(np.float64)
    sides = np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2])
    shared = np.maximum(sides, 0).prod(axis=2)
    area_a, area_b = ((boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (a, b))
    whole = np.where(truth.left_out[None], area_a[:, None], area_a[:, None] + area_b - shared)
    return np.asarray(np.divide(shared, whole, out=np.zeros_like(shared), where=whole > 0))
