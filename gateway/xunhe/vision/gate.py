"""The gate: what has changed on the water since a moment ago, at the cost of half a millisecond.

A frame is held against a slow background of its own pixels, each with its own noise. Tests, in
their order, against what is no thing:

* a light change moves most of the water at once: the median shift is taken off first, and where
  more than a third has still changed, the background starts anew and nothing is told;
* glare and ripple change the same pixels again and again: the noise of a pixel rises quickly and
  falls slowly (a sigma-delta estimate), and only what stands above it counts;
* rain and insects leave thin upright streaks, which an opening and a test of shape take away; what
  is left of them costs a look of the detector and nothing else.

Everything is a rate per second, so that 25 frames a second and a key frame every two seconds meet
the same gate.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe.vision.geometry import Box, Mask

_BACKGROUND_S = 15.0  # a thing that stays is water after that; forced scans still see it
_RISE, _FALL = 0.7, 0.2  # of the noise, grey levels a second: settles where a pixel is 1 time in 5
_NOISE_FIRST, _NOISE_MOST = 3.0, 60.0
_FLOOR, _FACTOR = 8.0, 2.5  # grey levels; of the noise
_LIGHT_SHARE = 0.35  # of the water, changed at once
_LIGHT_SHIFT = 25.0  # grey levels, of the whole water
_MANY = 12  # regions from which one look at everything is cheaper than a look at each
_SPREAD = 0.6  # of the cells of a grid over the water
_GRID = 12  # cells along the longer side
_REFERENCE_W = 480  # the width for which the sizes below are given, in pixels
_LEAST_PX = 5  # area of a change
_STREAK = (3.0, 4)  # height over width from which, and width in pixels up to which, it is rain
_SAMPLES = 4000  # pixels from which the median shift is taken


class Change(StrEnum):
    """What the gate says of a frame."""

    QUIET = "quiet"
    REGIONS = "regions"
    MANY = "many"  # things or weather: worth a look at everything, not at each
    LIGHT = "light"  # no evidence of anything


@dataclass(frozen=True, slots=True)
class Glimpse:
    """A verdict with the changed regions, boxes in pixels of the luma plane, largest first."""

    change: Change
    regions: tuple[Box, ...] = ()


class Gate:
    """The gate of one camera. `water` is a mask (h, w), not 0 where changes count."""

    def __init__(self, water: Mask) -> None:
        rows, columns = np.flatnonzero(water.any(axis=1)), np.flatnonzero(water.any(axis=0))
        self._top, self._left = int(rows[0]), int(columns[0])
        self._window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        self._mask = np.ascontiguousarray((water[self._window] > 0).astype(np.uint8) * 255)
        self._pixels = max(1, int(np.count_nonzero(self._mask)))
        inside = np.flatnonzero(self._mask)
        self._samples = inside[:: max(1, len(inside) // _SAMPLES)]
        self._scale = max(0.3, water.shape[1] / _REFERENCE_W)
        self._cells = _grid_of(self._mask)
        shape = self._mask.shape
        self._soft, self._changed = np.empty(shape, np.uint8), np.empty(shape, np.uint8)
        self._now, self._apart, self._limit = (np.empty(shape, np.float32) for _ in range(3))
        self._background = np.zeros(shape, np.float32)
        self._noise = np.full(shape, _NOISE_FIRST, np.float32)
        self._seen_s: float | None = None

    def forget(self) -> None:
        """Start anew: the next frame is the background."""
        self._seen_s = None

    def see(self, luma: NDArray[np.uint8], time_s: float) -> Glimpse:
        """What has changed on a frame (h, w) of `time_s`, which must not go back."""
        cv2.blur(luma[self._window], (3, 3), dst=self._soft)
        np.copyto(self._now, self._soft)
        elapsed_s = 0.0 if self._seen_s is None else time_s - self._seen_s
        is_first, self._seen_s = self._seen_s is None, time_s
        if is_first:
            np.copyto(self._background, self._now)
            return Glimpse(Change.QUIET)
        shift = self._shift()
        cv2.subtract(self._now, self._background, dst=self._apart)
        if shift:
            self._apart -= np.float32(shift)
        np.abs(self._apart, out=self._apart)
        glimpse = self._judged(shift)
        if glimpse.change is Change.LIGHT:
            np.copyto(self._background, self._now)
        else:
            self._learn(elapsed_s)
        return glimpse

    def _shift(self) -> float:
        apart = self._now.ravel()[self._samples] - self._background.ravel()[self._samples]
        return float(np.median(apart))

    def _judged(self, shift: float) -> Glimpse:
        np.multiply(self._noise, np.float32(_FACTOR), out=self._limit)
        np.maximum(self._limit, np.float32(_FLOOR), out=self._limit)
        cv2.compare(self._apart, self._limit, cv2.CMP_GT, dst=self._changed)
        cv2.bitwise_and(self._changed, self._mask, dst=self._changed)
        share = cv2.countNonZero(self._changed) / self._pixels
        if share > _LIGHT_SHARE or abs(shift) > _LIGHT_SHIFT:
            return Glimpse(Change.LIGHT)
        if share == 0:
            return Glimpse(Change.QUIET)
        cv2.morphologyEx(self._changed, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8), self._changed)
        occupied = float((_grid_of(self._changed) & self._cells).sum() / max(1, self._cells.sum()))
        regions = self._regions()
        if not regions:
            return Glimpse(Change.QUIET)
        is_many = len(regions) > _MANY or occupied > _SPREAD
        return Glimpse(Change.MANY if is_many else Change.REGIONS, regions)

    def _regions(self) -> tuple[Box, ...]:
        """Changed pixels joined over small gaps, streaks and specks left out."""
        gap = max(3, round(5 * self._scale))
        joined = cv2.dilate(self._changed, np.ones((gap, gap), np.uint8))
        count, places, stats, _ = cv2.connectedComponentsWithStats(joined)
        if count == 1:
            return ()
        changed = np.bincount(places[self._changed > 0], minlength=count)
        found = []
        for place in range(1, count):
            x, y, width, height = (int(value) for value in stats[place, :4])
            inner_w, inner_h = width - gap + 1, height - gap + 1
            is_streak = inner_w <= _STREAK[1] * self._scale and inner_h > _STREAK[0] * inner_w
            if changed[place] >= _LEAST_PX * self._scale**2 and not is_streak:
                found.append((int(changed[place]), self._box(x, y, width, height)))
        return tuple(box for _, box in sorted(found, key=lambda one: (-one[0], one[1])))

    def _box(self, x: int, y: int, width: int, height: int) -> Box:
        left, top = x + self._left, y + self._top
        return (float(left), float(top), float(left + width), float(top + height))

    def _learn(self, elapsed_s: float) -> None:
        """Draw the background and the noise towards the frame."""
        cv2.accumulateWeighted(
            self._soft, self._background, 1 - math.exp(-max(elapsed_s, 0.0) / _BACKGROUND_S)
        )
        cv2.subtract(self._apart, self._noise, dst=self._apart)
        rise, fall = np.float32(_RISE * elapsed_s), np.float32(_FALL * elapsed_s)
        np.clip(self._apart, -fall, rise, out=self._apart)
        self._noise += self._apart
        np.minimum(self._noise, np.float32(_NOISE_MOST), out=self._noise)


def _grid_of(mask: Mask) -> NDArray[np.bool_]:
    """Which cells of a coarse grid hold anything of a mask."""
    height, width = mask.shape
    cell = max(1, max(height, width) // _GRID)
    rows, columns = -(-height // cell), -(-width // cell)
    padded = cv2.copyMakeBorder(
        mask, 0, rows * cell - height, 0, columns * cell - width, cv2.BORDER_CONSTANT, value=0
    )
    return np.asarray(padded.reshape(rows, cell, columns, cell).any(axis=(1, 3)))
