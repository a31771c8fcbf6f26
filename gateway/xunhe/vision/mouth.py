"""What a camera shows of one outfall: small crops of its zone and of the water to compare with.

A stack is the last five crops at least 0.4 s apart: two seconds of a stream at full rate, eight of
key frames every two seconds. The network does not see times, and broken water is as unlike itself
after two seconds as after half a one: on the real clips a stack of five key frames is judged as
well as one of five frames in two seconds, while two key frames, repeated to fill two seconds, are
not (0.04 in place of 0.8 for a gate that flows).
"""

import math
from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe.domain.zones import OutfallZone, Polygon
from xunhe_models.discharge.zones import Rectangle, cropped, squared

Image = NDArray[np.uint8]

FRAMES = 5
_APART_S = 0.4
_GAP_S = 12.0  # longer ones break a stack: what is before says nothing of now
_RING = 2.0  # of the zone, the surroundings to compare with where nobody drew a patch upstream
_CLOSE_S = 0.05  # a frame of 25 a second may come a little early
_STIRRED = 18  # grey levels by which a pixel differs from all that it was


@dataclass(frozen=True, slots=True)
class Stack:
    """Five crops of a mouth, oldest first: `zone` and `reference` uint8 (5, S, S, 3), BGR.

    The masks (S, S) bool say which pixels were drawn. `reference` is the patch upstream where
    `is_upstream`, else the zone's surroundings. `time_s` is the newest crop's.
    """

    time_s: float
    zone: Image
    zone_mask: NDArray[np.bool_]
    reference: Image
    reference_mask: NDArray[np.bool_]
    is_upstream: bool


class Patch:
    """The square round a polygon, cut from pictures of any size and shown at `size` pixels.

    What lies in `ignore` (captions, an own mast) is painted over from its surroundings; what lies
    in `without` does not count.
    """

    def __init__(
        self,
        polygon: Polygon,
        ignore: tuple[Polygon, ...],
        size: int,
        room: float = 1.0,
        without: Polygon | None = None,
    ) -> None:
        self._polygon, self._ignore, self._size, self._room = polygon, ignore, size, room
        self._without = without
        self._shape = (0, 0)
        self._square: Rectangle = (0.0, 0.0, 0.0, 0.0)
        self.mask: NDArray[np.bool_] = np.zeros((size, size), np.bool_)
        self._hidden = np.zeros((size, size), np.uint8)

    def cut(self, bgr: Image) -> Image:
        """The crop (S, S, 3) of a picture (H, W, 3)."""
        if bgr.shape[:2] != self._shape:
            self._measure(bgr.shape[0], bgr.shape[1])
        x0, y0, x1, y1 = self._square
        margin = math.ceil(1.5 * (x1 - x0) / self._size) + 3
        height, width = self._shape
        left, top = _inside(x0 - margin, width), _inside(y0 - margin, height)
        right, bottom = _inside(x1 + margin, width) + 1, _inside(y1 + margin, height) + 1
        # Only this window, since `cropped` smooths all that it is given.
        window = bgr[top:bottom, left:right]
        square = (x0 - left, y0 - top, x1 - left, y1 - top)
        crop = cropped([np.ascontiguousarray(window)], square, self._size)[0]
        if self._hidden.any():
            crop = np.asarray(cv2.inpaint(crop, self._hidden, 3, cv2.INPAINT_TELEA), np.uint8)
        return np.asarray(crop, np.uint8)

    def _measure(self, height: int, width: int) -> None:
        """The square and the masks for pictures of one size."""
        self._shape = (height, width)
        x0, y0, x1, y1 = extent(self._polygon)
        self._square = squared((x0 * width, y0 * height, x1 * width, y1 * height), self._room)
        hidden = self._drawn(self._ignore)
        self._hidden = np.asarray(cv2.dilate(hidden, np.ones((5, 5), np.uint8)), np.uint8)
        drawn = np.full_like(hidden, 255) if self._room > 1 else self._drawn((self._polygon,))
        if self._without is not None:
            drawn[self._drawn((self._without,)) > 0] = 0
        seen = (drawn > 0) & (self._hidden == 0)
        self.mask = seen if seen.any() else drawn > 0

    def _drawn(self, polygons: tuple[Polygon, ...]) -> Image:
        mask = np.zeros((self._size, self._size), np.uint8)
        x0, y0, x1, _ = self._square
        scale = self._size / (x1 - x0)
        height, width = self._shape
        for polygon in polygons:
            corners = [((x * width - x0) * scale, (y * height - y0) * scale) for x, y in polygon]
            cv2.fillPoly(mask, [np.rint(corners).astype(np.int32)], 255)
        return mask


def _inside(place: float, side: int) -> int:
    return min(max(math.floor(place), 0), side - 1)


class Mouth:
    """The crops of one outfall's last seconds."""

    def __init__(self, outfall: OutfallZone, ignore: tuple[Polygon, ...], size: int) -> None:
        self._is_upstream = outfall.upstream is not None
        self._zone = Patch(outfall.polygon, ignore, size)
        if outfall.upstream is None:
            self._reference = Patch(outfall.polygon, ignore, size, _RING, outfall.polygon)
        else:
            self._reference = Patch(outfall.upstream, ignore, size)
        self._kept: deque[tuple[float, Image, Image]] = deque(maxlen=FRAMES)

    def wants(self, time_s: float) -> bool:
        """Is this frame far enough from the last one that was kept, or before it?"""
        if not self._kept:
            return True
        since_s = time_s - self._kept[-1][0]
        return since_s < 0 or since_s >= _APART_S - _CLOSE_S

    def keep(self, bgr: Image, time_s: float) -> None:
        """Add a frame; after a long gap, or where time goes back, the stack starts anew."""
        if self._kept and not 0 <= time_s - self._kept[-1][0] <= _GAP_S:
            self._kept.clear()
        self._kept.append((time_s, self._zone.cut(bgr), self._reference.cut(bgr)))

    def forget(self) -> None:
        """Start anew, as after a move of the camera."""
        self._kept.clear()

    def stack(self) -> Stack | None:
        """The five crops; None until they are there."""
        if len(self._kept) < FRAMES:
            return None
        return Stack(
            time_s=self._kept[-1][0],
            zone=np.stack([zone for _, zone, _ in self._kept]),
            zone_mask=self._zone.mask,
            reference=np.stack([reference for *_, reference in self._kept]),
            reference_mask=self._reference.mask,
            is_upstream=self._is_upstream,
        )

    def stirred_share(self) -> float:
        """How much of the zone's newest crop differs from all before, 0..1; 0 without any."""
        if len(self._kept) < 2:
            return 0.0
        lumas = [
            cv2.cvtColor(zone, cv2.COLOR_BGR2GRAY).astype(np.int16) for _, zone, _ in self._kept
        ]
        apart = np.min([np.abs(lumas[-1] - before) for before in lumas[:-1]], axis=0)
        return float((apart[self._zone.mask] > _STIRRED).mean())


def extent(polygon: Polygon) -> Rectangle:
    """A polygon's upright rectangle x0, y0, x1, y1, in its own unit."""
    xs, ys = zip(*polygon, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
