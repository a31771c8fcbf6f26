"""How a bank looks, and what has newly come to lie on it between two quiet moments.

Something new changes the hue or the structure of a place. A shadow or a passing cloud only dims
it: the grain of the ground stays, and so nothing is told.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe.domain.zones import Polygon
from xunhe.vision.geometry import Box
from xunhe.vision.mouth import extent

Image = NDArray[np.uint8]
Field = NDArray[np.float32]

_PICTURE_W = 480  # the scale at which a bank is compared; pixels below are of this scale
_CHROMA, _LIGHTNESS = 7.0, 10.0  # Lab
_WINDOW = 7  # pixels over which structure is compared
_ALIKE = 0.5  # correlation of structure, from which a place is the same as before
_GRAIN_L = 4.0  # deviation from which there is structure to compare
_LIGHT_L, _LIGHT_SHARE = 15.0, 0.4  # a change of the whole bank: light, not a heap
_LEAST_PX, _LEAST_FILL = 24, 0.3


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A bank's rectangle at one moment, Lab float32 (h, w, 3)."""

    time_s: float
    lab: Field


class Bank:
    """One bank in pictures of any size and of one shape."""

    def __init__(self, polygon: Polygon) -> None:
        self._polygon = polygon
        self._extent = extent(polygon)
        self._mask: NDArray[np.bool_] = np.zeros((0, 0), np.bool_)

    def holds(self, x: float, y: float) -> bool:
        """Does the bank hold this point, in fractions?"""
        corners = np.array(self._polygon, np.float32)
        return cv2.pointPolygonTest(corners, (float(x), float(y)), measureDist=False) >= 0

    def snapshot(self, bgr: Image, time_s: float) -> Snapshot:
        """Its look on a picture (H, W, 3)."""
        height, width = bgr.shape[:2]
        x0, y0, x1, y1 = self._extent
        left, right = int(x0 * width), max(int(x1 * width), int(x0 * width) + 1)
        top, bottom = int(y0 * height), max(int(y1 * height), int(y0 * height) + 1)
        scale = _PICTURE_W / width
        size = (max(8, round((right - left) * scale)), max(8, round((bottom - top) * scale)))
        small = cv2.resize(bgr[top:bottom, left:right], size, interpolation=cv2.INTER_AREA)
        smooth = cv2.GaussianBlur(small, (3, 3), 0).astype(np.float32) / 255
        return Snapshot(time_s, np.asarray(cv2.cvtColor(smooth, cv2.COLOR_BGR2LAB), np.float32))

    def heap(self, before: Snapshot, after: Snapshot) -> Box | None:
        """The largest new thing, in fractions; None without one or where the light has changed."""
        if before.lab.shape != after.lab.shape:
            return None
        mask = self._drawn(before.lab.shape[0], before.lab.shape[1])
        changed, lightness = _changed(before.lab, after.lab)
        changed &= mask
        is_light = abs(float(np.median(lightness[mask]))) > _LIGHT_L
        if is_light or changed[mask].mean() > _LIGHT_SHARE:
            return None
        return self._largest(changed)

    def _drawn(self, height: int, width: int) -> NDArray[np.bool_]:
        if self._mask.shape != (height, width):
            x0, y0, x1, y1 = self._extent
            across, down = width / (x1 - x0), height / (y1 - y0)
            corners = [((x - x0) * across, (y - y0) * down) for x, y in self._polygon]
            drawn = np.zeros((height, width), np.uint8)
            cv2.fillPoly(drawn, [np.rint(corners).astype(np.int32)], 1)
            self._mask = drawn > 0
        return self._mask

    def _largest(self, changed: NDArray[np.bool_]) -> Box | None:
        joined = cv2.morphologyEx(
            changed.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)
        )
        opened = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        _, _, stats, _ = cv2.connectedComponentsWithStats(opened)
        rows = [
            (area, x, y, w, h)
            for x, y, w, h, area in stats[1:].tolist()
            if area >= _LEAST_PX and area >= _LEAST_FILL * w * h
        ]
        if not rows:
            return None
        _, x, y, w, h = max(rows)
        x0, y0, x1, y1 = self._extent
        across, down = (x1 - x0) / changed.shape[1], (y1 - y0) / changed.shape[0]
        left, top = x0 + x * across, y0 + y * down
        return (left, top, left + w * across, top + h * down)


def _changed(before: Field, after: Field) -> tuple[NDArray[np.bool_], Field]:
    """Pixels (h, w) of another hue, or of another lightness and structure; and all lightness."""
    lightness = after[..., 0] - before[..., 0]
    # A shaded surface keeps a/(L+16) and b/(L+16): they are cube roots of the same light.
    shade = (after[..., :1] + 16) / (before[..., :1] + 16)
    tint = after[..., 1:] - before[..., 1:] * shade
    tint -= np.median(tint, axis=(0, 1))  # a white balance that has moved
    hue = np.hypot(tint[..., 0], tint[..., 1]) >= _CHROMA
    off = np.abs(lightness - np.median(lightness)) >= _LIGHTNESS
    grain = (off & _restructured(before[..., 0], after[..., 0])).astype(np.uint8)
    # The sharp edge of a shadow is a strip of other structure, narrower than this.
    solid = cv2.morphologyEx(grain, cv2.MORPH_OPEN, np.ones((_WINDOW, _WINDOW), np.uint8)) > 0
    return np.asarray(hue | solid), np.asarray(lightness, np.float32)


def _restructured(before: Field, after: Field) -> NDArray[np.bool_]:
    window = (_WINDOW, _WINDOW)
    mean_before, mean_after = cv2.blur(before, window), cv2.blur(after, window)
    spread_before = np.sqrt(np.maximum(cv2.blur(before**2, window) - mean_before**2, 0))
    spread_after = np.sqrt(np.maximum(cv2.blur(after**2, window) - mean_after**2, 0))
    shared = cv2.blur(before * after, window) - mean_before * mean_after
    alike = shared / np.maximum(spread_before * spread_after, 0.25)
    return np.asarray((alike < _ALIKE) & (np.maximum(spread_before, spread_after) >= _GRAIN_L))
