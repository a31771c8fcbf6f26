"""The river as one long picture: flow to the right, the left bank above, made from all frames.

Each cell keeps what the frame showed that looked at it most from above; two flights over one
reach, and water up- and downstream, can then be compared cell by cell.
"""

from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe.vision.findings.course import Course
from xunhe.vision.findings.sighting import inside
from xunhe.vision.findings.water import Water
from xunhe.vision.georeference.earth import offset_m
from xunhe.vision.georeference.placing import View

Array = NDArray[np.float64]
Image = NDArray[np.uint8]

CELL_M = 0.5
_NEAR_HEIGHTS = 2.0  # of the camera: beyond it a cell is seen too flat
_PART = 400  # columns at a time, so that water is found finely enough
_EVERY = 4  # only so many cells are tried before a stretch of the river is taken for seen


@dataclass(slots=True, eq=False)
class Ribbon:
    """`bgr` (rows, columns, 3); `far` (rows, columns): how flat each cell was seen, inf: not.

    A row is `CELL_M` wide, the first at `half_width_m` to the left; a column is `CELL_M` long.
    """

    course: Course
    half_width_m: float
    bgr: Image
    far: NDArray[np.float32]

    @classmethod
    def empty(cls, course: Course, half_width_m: float) -> "Ribbon":
        """Nothing has been seen."""
        rows, columns = 2 * ceil(half_width_m / CELL_M), max(1, ceil(course.length_m / CELL_M))
        far = np.full((rows, columns), np.inf, np.float32)
        return cls(course, half_width_m, np.zeros((rows, columns, 3), np.uint8), far)

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(rows, columns)."""
        return np.isfinite(self.far)

    @property
    def along_m(self) -> Array:
        """(columns,): the middles along the river."""
        return np.asarray((np.arange(self.far.shape[1]) + 0.5) * CELL_M, np.float64)

    @property
    def left_m(self) -> Array:
        """(rows,): the middles across it."""
        rows = self.far.shape[0]
        return np.asarray((rows / 2 - 0.5 - np.arange(rows)) * CELL_M, np.float64)

    def take(self, bgr: Image, view: View) -> None:
        """A frame (H, W, 3) of that view."""
        columns = self._columns(view)
        if not len(columns):
            return
        along, left = np.meshgrid(self.along_m[columns], self.left_m)
        ground = self._from_camera(view, along.ravel(), left.ravel())
        pixels = view.pixels(ground)
        far = np.hypot(*ground.T).astype(np.float32) / np.float32(view.height.value)
        own = self.far[:, columns].ravel()
        better = inside(pixels, view) & (far < own) & (far < _NEAR_HEIGHTS)
        spots = pixels[better].astype(np.float32)[None]
        rows, places = np.divmod(np.flatnonzero(better), len(columns))
        self.far[rows, columns[places]] = far[better]
        if len(rows):
            colours = cv2.remap(bgr, spots[..., 0].T, spots[..., 1].T, cv2.INTER_LINEAR)
            self.bgr[rows, columns[places]] = colours[:, 0]

    def under_water(self, water: Water) -> NDArray[np.bool_]:
        """(rows, columns): which cells are water."""
        parts = []
        for start in range(0, self.far.shape[1], _PART):
            along, left = np.meshgrid(self.along_m[start : start + _PART], self.left_m)
            ground = self.course.ground_m(along.ravel(), left.ravel())
            parts.append(water.under(ground, self.course.origin).reshape(along.shape) > 0)
        return np.hstack(parts)

    def _columns(self, view: View) -> NDArray[np.intp]:
        """Columns of the river of which the frame shows the middle."""
        along = self.along_m[::_EVERY]
        ground = self._from_camera(view, along, np.zeros(len(along)))
        near = np.hypot(*ground.T) < _NEAR_HEIGHTS * view.height.value
        tried = np.flatnonzero(near)
        if not len(tried):
            return tried
        every = np.concatenate([tried * _EVERY + i for i in range(_EVERY)])
        return np.sort(every[every < self.far.shape[1]])

    def _from_camera(self, view: View, along_m: Array, left_m: Array) -> Array:
        """(N, 2) metres east and north of the camera."""
        camera = offset_m(view.pose.lon_lat, self.course.origin)
        return self.course.ground_m(along_m, left_m) - camera
