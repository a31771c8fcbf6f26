"""What is new on the banks since the last flight: heaps, sheds, boats, diggings, all alike.

No class is claimed: a change is a place for a person to look at and to name. The two pictures of a
stretch are first shifted onto each other, since a drone's position is a metre or two off.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe.vision.bank import Bank, Snapshot
from xunhe.vision.findings.ribbon import CELL_M, Ribbon
from xunhe.vision.geometry import Box

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Point = tuple[float, float]

STRIP_M = 25.0  # of land beside the water, and
_WATERSIDE_M = 4.0  # of water, where boats lie
_STRETCH_M = 40.0  # in which one change, the largest, is told for each bank
_FARTHEST_M = 8.0  # that two flights may lie apart
_LEAST_SEEN = 0.2  # of the strips of a stretch, by both
_LEAST_PEAK = 0.05  # of the correlation: without one the two are not comparable
_WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@dataclass(frozen=True, slots=True)
class BankChange:
    """Its middle, along and to the left of the course, and how large the changed ground is."""

    middle: Point
    area_m2: float


def strips(water: Mask) -> Mask:
    """(rows, columns): the land beside the water and the water's edge."""
    land = (~water).astype(np.uint8)
    near_water = _grown(water, STRIP_M)
    near_land = _grown(land > 0, _WATERSIDE_M)
    return near_water & near_land


def changes(before: Ribbon, after: Ribbon, water: Mask) -> list[BankChange]:
    """New on the banks of one course; ValueError where the ribbons are not of one course."""
    if before.far.shape != after.far.shape:
        raise ValueError(f"ribbons of {before.far.shape} and {after.far.shape}: not of one course")
    banks = strips(water)
    found: list[BankChange] = []
    columns = round(_STRETCH_M / CELL_M)
    for start in range(0, after.far.shape[1] - columns // 2, columns):
        part = slice(start, start + columns)
        found += _of_stretch(before, after, banks, part)
    return found


def _of_stretch(before: Ribbon, after: Ribbon, banks: Mask, part: slice) -> Iterator[BankChange]:
    both = before.seen[:, part] & after.seen[:, part]
    strip = banks[:, part]
    if not strip.any() or both[strip].mean() < _LEAST_SEEN:
        return
    old, new = before.bgr[:, part], after.bgr[:, part]
    shift = _shift(old, new, both)
    if shift is None:
        return
    moved = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
    size = (old.shape[1], old.shape[0])
    old = np.asarray(cv2.warpAffine(old, moved, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    is_known = cv2.warpAffine(both.astype(np.uint8), moved, size) > 0
    middle = banks.shape[0] // 2
    for side in (slice(0, middle), slice(middle, None)):
        compared = strip[side] & is_known[side] & both[side]
        box = _heap(old[side], new[side], compared)
        if box is not None:
            yield _change(after, box, side.start, part.start)


def _shift(old: Image, new: Image, known: Mask) -> tuple[float, float] | None:
    """How far the old picture must move, in cells; None where nothing tells."""
    rows = np.flatnonzero(known.any(axis=1))
    part = slice(int(rows[0]), int(rows[-1]) + 1)
    known = known[part]
    grey = [cv2.cvtColor(one[part], cv2.COLOR_BGR2GRAY).astype(np.float32) for one in (old, new)]
    grey = [np.where(known, one - one[known].mean(), 0).astype(np.float32) for one in grey]
    window = cv2.createHanningWindow((known.shape[1], known.shape[0]), cv2.CV_32F)
    (x, y), peak = cv2.phaseCorrelate(grey[0], grey[1], window)
    if peak < _LEAST_PEAK or np.hypot(x, y) * CELL_M > _FARTHEST_M:
        return None
    return x, y


def _heap(old: Image, new: Image, compared: Mask) -> Box | None:
    """The largest new thing, in cells of the stretch."""
    rows, columns = (np.flatnonzero(compared.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    top, left = int(rows[0]), int(columns[0])
    part = (slice(top, int(rows[-1]) + 1), slice(left, int(columns[-1]) + 1))
    same = np.where(compared[..., None], old, new)  # what is not compared has not changed
    looks = [Snapshot(float(i), _lab(one[part])) for i, one in enumerate((same, new))]
    box = Bank(_WHOLE).heap(*looks)
    if box is None:
        return None
    height, width = looks[0].lab.shape[:2]
    x0, y0, x1, y1 = box
    return (left + x0 * width, top + y0 * height, left + x1 * width, top + y1 * height)


def _lab(bgr: Image) -> NDArray[np.float32]:
    smooth = cv2.GaussianBlur(bgr, (3, 3), 0).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(smooth, cv2.COLOR_BGR2LAB), np.float32)


def _change(ribbon: Ribbon, box: Box, top: int, start: int) -> BankChange:
    x0, y0, x1, y1 = box
    column, row = start + (x0 + x1) / 2, top + (y0 + y1) / 2
    return BankChange(
        middle=(column * CELL_M, ribbon.half_width_m - row * CELL_M),
        area_m2=(x1 - x0) * (y1 - y0) * CELL_M**2,
    )


def _grown(mask: Mask, by_m: float) -> Mask:
    side = 2 * round(by_m / CELL_M) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel) > 0)
