"""The zones on the luma plane: which zone holds a thing, and how much water things cover."""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from xunhe.domain.zones import Ground, Polygon, Zones, polygon_area
from xunhe.vision.geometry import Box, Mask, clipped, ring

_ENTERS, _STAYS = 0.5, 0.25  # share of a thing's box inside a zone: inertia at the border
_ROUND = math.pi / 4  # of a box that a round thing covers


class Waters:
    """The water zones of one camera in pixels of its luma plane (height, width)."""

    def __init__(self, zones: Zones, height: int, width: int) -> None:
        self.names = tuple(zone.name for zone in zones.water)
        self.height, self.width = height, width
        self._ground = zones.ground
        self._labels = np.zeros((height, width), np.uint8)  # 0: no water; n: the nth zone
        self._fill_water(zones)
        for polygon in zones.ignore:
            self._fill(self._labels, polygon, 0)
        if not self._labels.any():  # all water to be ignored can only be a slip
            self._fill_water(zones)
        self._areas = [polygon_area(zone.polygon) for zone in zones.water]
        self.mask: Mask = np.asarray((self._labels > 0) * np.uint8(255), np.uint8)
        self.fixed: Mask = self._fixed(zones)
        self.banks: Mask = np.zeros((height, width), np.uint8)
        for bank in zones.banks:
            self._fill(self.banks, bank.polygon, 255)

    @property
    def box(self) -> Box:
        """The rectangle that holds all water."""
        rows = np.flatnonzero(self.mask.any(axis=1))
        columns = np.flatnonzero(self.mask.any(axis=0))
        right, bottom = int(columns[-1]) + 1, int(rows[-1]) + 1
        return (float(columns[0]), float(rows[0]), float(right), float(bottom))

    def zone_of(self, box: Box, before: str = "") -> str:
        """The zone in which most of a box lies, "" for none; it leaves `before` less easily."""
        x0, y0, x1, y1 = clipped(box, self.width, self.height)
        inside = self._labels[
            int(y0) : max(math.ceil(y1), int(y0) + 1), int(x0) : max(math.ceil(x1), int(x0) + 1)
        ]
        if inside.size == 0:
            return ""
        shares = np.bincount(inside.ravel(), minlength=len(self.names) + 1) / inside.size
        if before in self.names and shares[self.names.index(before) + 1] >= _STAYS:
            return before
        best = int(shares[1:].argmax()) + 1
        return self.names[best - 1] if shares[best] >= _ENTERS else ""

    def touches(self, box: Box) -> bool:
        """Whether at least a quarter of a box is water of any zone."""
        x0, y0, x1, y1 = (round(side) for side in clipped(box, self.width, self.height))
        inside = self._labels[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
        return bool(inside.size) and int(np.count_nonzero(inside)) >= _STAYS * inside.size

    def share(self, boxes: Sequence[Box], zone: str) -> float:
        """Of a zone's area in the picture, covered by round things in these boxes, 0..1."""
        whole = self._areas[self.names.index(zone)] * self.width * self.height
        covered = sum(_ROUND * (x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in boxes)
        return min(1.0, covered / whole)

    def area_m2(self, boxes: Sequence[Box]) -> float | None:
        """Water covered by round things in these boxes; None without four points of the ground."""
        if self._ground is None:
            return None
        found = [self._laid(self._ground, box) for box in boxes]
        known = [area for area in found if area is not None]
        return sum(known) if known or not boxes else None

    def fraction(self, box: Box) -> Box:
        """A box of the luma plane in fractions of the picture, inside it."""
        x0, y0, x1, y1 = clipped(box, self.width, self.height)
        return (x0 / self.width, y0 / self.height, x1 / self.width, y1 / self.height)

    def pixels(self, box: Box) -> Box:
        """A box in fractions of the picture, in pixels of the luma plane."""
        x0, y0, x1, y1 = box
        return (x0 * self.width, y0 * self.height, x1 * self.width, y1 * self.height)

    def _laid(self, ground: Ground, box: Box) -> float | None:
        """The ellipse inside a box, on the water."""
        return ground.area_m2(ring(self.fraction(box)))

    def _fill_water(self, zones: Zones) -> None:
        for number, zone in enumerate(zones.water, start=1):
            self._fill(self._labels, zone.polygon, number)

    def _fixed(self, zones: Zones) -> Mask:
        """Where nothing should move: neither water nor what is to be ignored."""
        fixed: Mask = np.full((self.height, self.width), 255, np.uint8)
        moving = [zone.polygon for zone in zones.water] + list(zones.ignore)
        for polygon in [*moving, *(each.polygon for each in zones.outfalls)]:
            self._fill(fixed, polygon, 0)
        return fixed

    def _fill(self, plane: Mask, polygon: Polygon, value: int) -> None:
        corners = np.array(polygon) * (self.width, self.height)
        cv2.fillPoly(plane, [np.round(corners).astype(np.int32)], value)
