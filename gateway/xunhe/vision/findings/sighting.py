"""What was seen once, laid on the ground: metres of an origin, or pixels of a film's own chart."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.ellipse import Covariance
from xunhe.domain.finding import FindingKind
from xunhe.domain.position import LonLat
from xunhe.vision.findings.looking import Seen
from xunhe.vision.geometry import Box, centre
from xunhe.vision.georeference.earth import offset_m
from xunhe.vision.georeference.extent import box_area_m2
from xunhe.vision.georeference.placing import GroundPoint, View, place

Array = NDArray[np.float64]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A thing on one frame. `at` and `covariance` are of the ground; `box` is in pixels."""

    kind: FindingKind
    time_s: float
    box: Box
    score: float
    at: Point
    covariance: Covariance
    area_m2: float | None


class Chart(Protocol):
    """How one frame lies on the ground."""

    def sighted(self, seen: Seen, time_s: float) -> Sighting | None:
        """What was seen, on the ground; None where it has no place there."""

    def shows(self, places: Array) -> NDArray[np.bool_]:
        """Which places (N, 2) of the ground lie in the frame: (N,)."""


@dataclass(frozen=True, slots=True)
class Posed:
    """A frame whose pose is known; the ground is metres east and north of `origin`."""

    view: View
    origin: LonLat

    def sighted(self, seen: Seen, time_s: float) -> Sighting | None:
        point = place(self.view, centre(seen.box))
        if not isinstance(point, GroundPoint):
            return None
        at = offset_m(point.lon_lat, self.origin)
        area = box_area_m2(self.view, seen.box)
        return Sighting(seen.kind, time_s, seen.box, seen.score, at, point.covariance, area)

    def shows(self, places: Array) -> NDArray[np.bool_]:
        camera = np.array(offset_m(self.view.pose.lon_lat, self.origin))
        return inside(self.view.pixels(places - camera), self.view)


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """A frame without a pose; `onto` (2, 3) carries its pixels to those of the film's chart.

    Nobody knows a size or a position in metres, but the same thing has the same place.
    """

    onto: Array
    size_px: tuple[int, int]

    def sighted(self, seen: Seen, time_s: float) -> Sighting | None:
        x, y = self.onto[:, :2] @ centre(seen.box) + self.onto[:, 2]
        nothing = ((0.0, 0.0), (0.0, 0.0))
        at = (float(x), float(y))
        return Sighting(seen.kind, time_s, seen.box, seen.score, at, nothing, None)

    def shows(self, places: Array) -> NDArray[np.bool_]:
        back = np.linalg.solve(self.onto[:, :2], (places - self.onto[:, 2]).T).T
        return np.asarray(((back >= 0) & (back < self.size_px)).all(axis=1))


def inside(pixels: Array, view: View) -> NDArray[np.bool_]:
    """Which pixels (N, 2) lie in a picture; NaN does not."""
    with np.errstate(invalid="ignore"):
        found = (pixels >= 0) & (pixels < (view.lens.width_px, view.lens.height_px))
    return np.asarray(found.all(axis=1))


def sighted(chart: Chart, seen: Iterable[Seen], time_s: float) -> Iterator[Sighting]:
    """What has a place on the ground."""
    for one in seen:
        found = chart.sighted(one, time_s)
        if found is not None:
            yield found
