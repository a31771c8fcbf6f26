"""The river unrolled: metres along a reach's line and to its left, as metres on the ground."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.position import LonLat
from xunhe.vision.georeference.earth import moved, offset_m

Array = NDArray[np.float64]

_SHORTEST_M = 1e-6  # a part below it has no direction
_SHARPEST = 2.0  # how far a corner may move out, over the distance of its sides


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """A line in the direction of flow; ground metres are east and north of `origin`.

    `corners` (N, 2); `left` (N, 2), the way there that leads a metre to the left of both sides;
    `starts_m` (N,) along the line.
    """

    origin: LonLat
    corners: Array
    left: Array
    starts_m: Array

    @classmethod
    def of(cls, line: Sequence[LonLat]) -> "Course":
        """Of a line of two or more points."""
        corners = np.array([offset_m(place, line[0]) for place in line])
        ways = np.diff(corners, axis=0)
        lengths = np.linalg.norm(ways, axis=1)
        ways /= np.maximum(lengths, _SHORTEST_M)[:, None]
        side = np.column_stack([-ways[:, 1], ways[:, 0]])
        left = np.vstack([side[:1], _mitred(side), side[-1:]])
        starts = np.concatenate([[0.0], np.cumsum(lengths)])
        return cls(line[0], corners, left, starts)

    @property
    def length_m(self) -> float:
        """Of the line on the ground."""
        return float(self.starts_m[-1])

    def ground_m(self, along_m: Array, left_m: Array) -> Array:
        """(…, 2) east and north of places (…) along and to the left of the line."""
        middle = np.stack([np.interp(along_m, self.starts_m, c) for c in self.corners.T], axis=-1)
        side = np.stack([np.interp(along_m, self.starts_m, c) for c in self.left.T], axis=-1)
        return np.asarray(middle + side * np.asarray(left_m)[..., None], np.float64)

    def lon_lat(self, along_m: float, left_m: float) -> LonLat:
        """The place in degrees."""
        east, north = self.ground_m(np.array(along_m), np.array(left_m)).tolist()
        return moved(self.origin, east, north)


def _mitred(side: Array) -> Array:
    """(N - 1, 2) of the left (N, 2) of neighbouring parts; a sharp corner is cut off."""
    middle = side[:-1] + side[1:]
    share = (middle**2).sum(axis=1, keepdims=True) / 2
    return np.asarray(middle / np.maximum(share, 1 / _SHARPEST))
