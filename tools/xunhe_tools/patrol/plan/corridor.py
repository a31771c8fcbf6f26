"""The lines to fly: as many beside each other as the river's width asks for."""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, hypot

import numpy as np
from numpy.typing import NDArray

from xunhe_tools.patrol.plan.drone import Drone

Metres = tuple[float, float]
Line = tuple[Metres, ...]

_SHARPEST = 2.0  # how far a corner may move out, over the distance of its sides


def lines(
    middle: Sequence[Metres], width_m: float, drone: Drone, height_m: float, overlap: float
) -> list[Line]:
    """Along a river of this width, there and back in turns; `overlap` is a share, 0 up to 1."""
    swath_m = drone.swath_m(height_m)
    apart_m = swath_m * (1 - overlap)
    count = 1 + max(0, ceil((width_m - swath_m) / apart_m))
    asides_m = [(i - (count - 1) / 2) * apart_m for i in range(count)]
    found = [beside(middle, aside_m) for aside_m in asides_m]
    return [line if i % 2 == 0 else line[::-1] for i, line in enumerate(found)]


def beside(line: Sequence[Metres], aside_m: float) -> Line:
    """The line moved to its left by so much (to its right below zero)."""
    points = np.array(line)
    ways = np.diff(points, axis=0)
    ways = ways / np.linalg.norm(ways, axis=1)[:, None]
    left = np.column_stack([-ways[:, 1], ways[:, 0]])
    out = np.vstack([left[:1], _bisected(left), left[-1:]])
    return tuple((float(east), float(north)) for east, north in points + aside_m * out)


def length_m(line: Sequence[Metres]) -> float:
    """Of a line."""
    return sum(hypot(end[0] - start[0], end[1] - start[1]) for start, end in pairwise(line))


def _bisected(left: NDArray[np.float64]) -> NDArray[np.float64]:
    """Between two sides, so far out that both keep their distance, unless the corner is sharp."""
    middle = left[:-1] + left[1:]
    share = (middle**2).sum(axis=1, keepdims=True) / 2
    return np.asarray(middle / np.maximum(share, 1 / _SHARPEST))
