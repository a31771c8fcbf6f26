"""Where the water is: a river's polygons on the ground, and in the picture of a flying camera.

What lies on a roof beside the river is no river litter, and where there is no water there is
nothing to look for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe.domain.position import LonLat
from xunhe.vision.findings.course import Course
from xunhe.vision.georeference.earth import offset_m
from xunhe.vision.georeference.placing import View

Array = NDArray[np.float64]
Mask = NDArray[np.uint8]
Ring = tuple[LonLat, ...]

CELL_PX = 8  # of a picture's mask
_FARTHEST_HEIGHTS = 6.0  # over the height: beyond, things are too small to be seen
_SAMPLE_M = 20.0  # how finely a line with a width is followed
_RASTER = 1024  # cells along a side of the ground under a picture
_MOST_M = 1e5  # of a corner from the camera, so that a raster's whole numbers hold it


@dataclass(frozen=True, slots=True)
class Water:
    """Outer `rings` and the `islands` in them, WGS-84."""

    rings: tuple[Ring, ...]
    islands: tuple[Ring, ...] = ()

    @classmethod
    def of(cls, polygons: Iterable[Sequence[Ring]], line: Sequence[LonLat]) -> "Water | None":
        """Of polygons, each its outer ring and then its islands, those that a line runs through.

        None where it runs through none.
        """
        course = Course.of(line)
        places = course.ground_m(_steps(course), np.zeros(1)).astype(np.float32).tolist()
        met = [rings for rings in polygons if _meets(rings[0], places, course.origin)]
        islands = tuple(island for _, *inner in met for island in inner)
        return cls(tuple(rings[0] for rings in met), islands) if met else None

    @classmethod
    def along(cls, line: Sequence[LonLat], width_m: float) -> "Water":
        """A river of one width, where nobody has drawn its outline."""
        course = Course.of(line)
        at = _steps(course)
        sides = [
            [course.lon_lat(float(along), side) for along in at]
            for side in (width_m / 2, -width_m / 2)
        ]
        left, right = sides
        return cls(
            tuple((left[i], left[i + 1], right[i + 1], right[i]) for i in range(len(left) - 1))
        )

    def holds(self, place: LonLat, margin_m: float = 0.0) -> bool:
        """Is the place water, or at most so far from it?"""
        inside = any(_depth_m(ring, place) >= -margin_m for ring in self.rings)
        return inside and not any(_depth_m(ring, place) > margin_m for ring in self.islands)

    def mask(self, view: View, margin_m: float = 0.0) -> Mask:
        """(H / 8, W / 8), 255 where a picture shows water, or ground at most so far from it."""
        pixels = _grid(view)
        ground = view.ground_m(pixels.reshape(-1, 2))
        far = np.hypot(ground[:, 0], ground[:, 1]) > _FARTHEST_HEIGHTS * view.height.value
        ground[far] = np.nan
        found = np.zeros(len(ground), np.uint8)
        known = ~np.isnan(ground[:, 0])
        if known.any():
            found[known] = self.under(ground[known], view.pose.lon_lat, margin_m)
        return found.reshape(pixels.shape[:2])

    def under(self, ground: Array, origin: LonLat, margin_m: float = 0.0) -> NDArray[np.uint8]:
        """255 where places (N, 2), metres east and north of an origin, are water.

        By a raster of 1,024 cells over all of them: as exact as they lie close together.
        """
        low, high = ground.min(axis=0), ground.max(axis=0)
        per_m = (_RASTER - 1) / max(float((high - low).max()), 1.0)
        raster = np.zeros((_RASTER, _RASTER), np.uint8)
        for rings, value in ((self.rings, 255), (self.islands, 0)):
            for ring in rings:
                corners = np.array([offset_m(place, origin) for place in ring])
                near = np.clip(corners, -_MOST_M, _MOST_M)
                cv2.fillPoly(raster, [np.round((near - low) * per_m).astype(np.int32)], value)
        if margin_m > 0:
            side = 2 * round(margin_m * per_m) + 1
            raster = np.asarray(cv2.dilate(raster, np.ones((side, side), np.uint8)), np.uint8)
        columns, rows = np.round((ground - low) * per_m).astype(int).T
        return np.asarray(raster[rows, columns], np.uint8)


def _grid(view: View) -> Array:
    """(H / 8, W / 8, 2): the middles of a mask's cells, pixels."""
    width, height = view.lens.width_px, view.lens.height_px
    across = np.arange(CELL_PX / 2, width, CELL_PX)
    down = np.arange(CELL_PX / 2, height, CELL_PX)
    return np.stack(np.meshgrid(across, down), axis=-1)


def _steps(course: Course) -> Array:
    """(N,) metres along it: its corners, and places between them."""
    parts = max(1, round(course.length_m / _SAMPLE_M))
    return np.unique(np.concatenate([np.linspace(0, course.length_m, parts), course.starts_m]))


def _meets(ring: Ring, places: Iterable[tuple[float, float]], origin: LonLat) -> bool:
    """Does it hold one of some places, metres east and north of the origin?"""
    corners = np.array([offset_m(corner, origin) for corner in ring], np.float32)
    return any(cv2.pointPolygonTest(corners, place, measureDist=False) >= 0 for place in places)


def _depth_m(ring: Ring, place: LonLat) -> float:
    """How far inside a ring a place lies; below zero outside."""
    corners = np.array([offset_m(corner, place) for corner in ring], np.float32)
    return float(cv2.pointPolygonTest(corners, (0.0, 0.0), measureDist=True))
