"""Coloured water: patches of the river whose hue the water up- and downstream does not have.

A river that is brown everywhere, or turns brown at a confluence and stays so, has no plume; glare
and foam are paler and greyer, which is no colour. What a hue means nobody can see from the air: it
is a hint to go and take a sample.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe.vision.findings.ribbon import CELL_M, Ribbon

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Colour = tuple[float, float, float]
Place = tuple[float, float]  # along and to the left of the course, m

_CELL_M = 2.0  # of the river in which colours are compared
_NEAREST_M, _FARTHEST_M = 20.0, 220.0  # of the water up- and downstream that is compared with
_LEAST_WATER_M = 40.0  # of it that must have been seen
HUE = 7.0  # Lab chroma from which water is of another colour
_WHITER_L = 4.0
LEAST_M2 = 20.0
_MOUTH_M = 4.0  # of a patch along the river: its upper end, where it came from
_SURE = 15.0  # hue above `HUE` from which there is no doubt


@dataclass(frozen=True, slots=True)
class Plume:
    """Coloured water on the course: its upper end and middle, how large, how far off in hue (Lab).

    `lab` is its colour and `usual` that of the water around; `length_m` along the river.
    """

    mouth: Place
    middle: Place
    length_m: float
    area_m2: float
    hue: float
    lab: Colour
    usual: Colour

    @property
    def confidence(self) -> float:
        """From the hue alone, 0.5 to 0.95."""
        return min(0.5 + 0.45 * (self.hue - HUE) / _SURE, 0.95)


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Coarse cells of the river: Lab (rows, columns, 3), and which are water that was seen."""

    lab: NDArray[np.float32]
    water: Mask
    along_m: Array
    left_m: Array


def plumes(
    ribbon: Ribbon, water: Mask, floating: Sequence[tuple[float, float]] = ()
) -> list[Plume]:
    """In a ribbon of which `water` (rows, columns) is water.

    `floating` are places (along, left) of mats, whose green is no plume.
    """
    cells = _cells(ribbon, water)
    off, usual = _unusual(cells)
    shape = off.shape
    found = (off >= HUE) & cells.water
    joined = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    opened = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    count, labels = cv2.connectedComponents(opened, connectivity=8)
    told = []
    for label in range(1, count):
        patch = (labels == label) & cells.water
        is_large = patch.sum() * _CELL_M**2 >= LEAST_M2
        if is_large and not any(_holds(patch, cells, place) for place in floating):
            told.append(_plume(cells, patch, off.reshape(shape), usual))
    return told


def _cells(ribbon: Ribbon, water: Mask) -> _Cells:
    step = round(_CELL_M / CELL_M)
    rows, columns = (side // step * step for side in water.shape)
    counts = (ribbon.seen & water)[:rows, :columns].astype(np.float32)
    size = (columns // step, rows // step)
    share = cv2.resize(counts, size, interpolation=cv2.INTER_AREA)
    picture = ribbon.bgr[:rows, :columns].astype(np.float32) / 255 * counts[..., None]
    mean = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    colours = np.asarray(mean / np.maximum(share, 1e-6)[..., None], np.float32)
    lab = cv2.cvtColor(colours, cv2.COLOR_BGR2LAB)
    along = ribbon.along_m[:columns].reshape(-1, step).mean(axis=1)
    left = ribbon.left_m[:rows].reshape(-1, step).mean(axis=1)
    return _Cells(np.asarray(lab, np.float32), share > 0.5, along, left)


def _unusual(cells: _Cells) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How far each cell's hue is off the water on both sides, and the colour of that (columns, 3).

    Where only one side has been seen, that one counts.
    """
    lab = np.where(cells.water[..., None], cells.lab, np.nan)
    columns = _median(lab, axis=0)
    off = np.full(cells.water.shape, np.inf, np.float32)
    sides = [_reference(columns, direction) for direction in (-1, 1)]
    for side in sides:
        known = ~np.isnan(side[:, 0])
        apart = _hue_apart(cells.lab, side)
        off[:, known] = np.minimum(off[:, known], apart[:, known])
    off[~np.isfinite(off)] = 0.0
    return off, _median(np.stack(sides), axis=0)


def _reference(columns: NDArray[np.float32], direction: int) -> NDArray[np.float32]:
    """The median colour (columns, 3) of the water on one side; NaN where too little was seen."""
    near, far = round(_NEAREST_M / _CELL_M), round(_FARTHEST_M / _CELL_M)
    found = np.full_like(columns, np.nan)
    for i in range(len(columns)):
        ends = sorted((i + direction * near, i + direction * far))
        part = columns[max(ends[0], 0) : max(ends[1], 0)]
        part = part[~np.isnan(part[:, 0])]
        if len(part) * _CELL_M >= _LEAST_WATER_M:
            found[i] = np.median(part, axis=0)
    return found


def _hue_apart(lab: NDArray[np.float32], usual: NDArray[np.float32]) -> NDArray[np.float32]:
    """(rows, columns): 0 for what is only darker, or paler and greyer."""
    # A shaded surface keeps a/(L+16) and b/(L+16): they are cube roots of the same light.
    shade = (lab[..., :1] + 16) / (usual[None, :, :1] + 16)
    tint = lab[..., 1:] - usual[None, :, 1:] * shade
    apart = np.hypot(tint[..., 0], tint[..., 1])
    is_paler = lab[..., 0] - usual[None, :, 0] > _WHITER_L
    is_greyer = np.hypot(lab[..., 1], lab[..., 2]) < np.hypot(usual[:, 1], usual[:, 2])[None]
    return np.where(is_paler & is_greyer, 0.0, apart).astype(np.float32)


def _plume(
    cells: _Cells, patch: Mask, off: NDArray[np.float32], usual: NDArray[np.float32]
) -> Plume:
    rows, columns = np.nonzero(patch)
    along, left = cells.along_m[columns], cells.left_m[rows]
    mouth = along <= along.min() + _MOUTH_M
    return Plume(
        mouth=(float(along[mouth].mean()), float(left[mouth].mean())),
        middle=(float(along.mean()), float(left.mean())),
        length_m=float(along.max() - along.min()) + _CELL_M,
        area_m2=float(len(rows) * _CELL_M**2),
        hue=float(np.percentile(off[patch], 75)),
        lab=_colour(np.median(cells.lab[patch], axis=0)),
        usual=_colour(_median(usual[columns], axis=0)),
    )


def _holds(patch: Mask, cells: _Cells, place: Place) -> bool:
    row = int(np.abs(cells.left_m - place[1]).argmin())
    column = int(np.abs(cells.along_m - place[0]).argmin())
    return bool(patch[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2].any())


def _median(values: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """Without NaN; NaN where there is nothing else."""
    masked = np.ma.masked_invalid(values)
    middle = np.ma.median(masked, axis=axis)  # type: ignore[no-untyped-call]
    return np.asarray(np.ma.filled(middle, np.nan), np.float32)


def _colour(lab: NDArray[np.float32]) -> Colour:
    lightness, a, b = lab.tolist()
    return lightness, a, b
