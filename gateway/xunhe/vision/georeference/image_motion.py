"""What moved from picture to picture: points of the fixed ground that both of them show.

Shi-Tomasi corners followed by Lucas and Kanade's method in pyramids, there and back again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Luma = NDArray[np.uint8]
Points = NDArray[Any]  # as cv2 wants them: (N, 1, 2) of 32 bits

_POINTS = 150
_QUALITY, _APART_PX = 0.02, 14
_WINDOW, _LEVELS = (25, 25), 4
_BACK_PX = 0.5  # how far a point may miss itself after there and back


@dataclass(frozen=True, slots=True)
class Motion:
    """Points (N, 2), pixels, of a frame at `before_s` and where they were at `after_s`."""

    before_s: float
    after_s: float
    before: Array
    after: Array


def motions(frames: Iterable[tuple[float, Luma]]) -> Iterator[Motion]:
    """Of each frame and the next; (time in s, luma), at most a second apart."""
    for (before_s, before), (after_s, after) in pairwise(frames):
        found = _followed(before, after)
        if found is not None:
            yield Motion(before_s, after_s, *found)


def _followed(before: Luma, after: Luma) -> tuple[Array, Array] | None:
    corners = cv2.goodFeaturesToTrack(before, _POINTS, _QUALITY, _APART_PX)
    if corners is None:  # cv2's stub does not say that there may be none
        return None  # type: ignore[unreachable]
    there, found, _ = _flow(before, after, corners)
    back, found_back, _ = _flow(after, before, there)
    missed_px = np.linalg.norm((corners - back).reshape(-1, 2), axis=1)
    is_good = (found & found_back).ravel().astype(bool) & (missed_px < _BACK_PX)
    if not is_good.any():
        return None
    first, second = (points.reshape(-1, 2)[is_good] for points in (corners, there))
    return first.astype(np.float64), second.astype(np.float64)


def _flow(before: Luma, after: Luma, points: Points) -> tuple[Points, Points, Points]:
    """(where the points are now, whether each was found, how well)."""
    found = cv2.calcOpticalFlowPyrLK(  # type: ignore[call-overload]
        before, after, points, None, winSize=_WINDOW, maxLevel=_LEVELS
    )
    return found[0], found[1], found[2]
