"""A flight over a reach: frames with their poses in the order of time, then what they show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.ellipse import Covariance
from xunhe.domain.finding import FindingKind, FoundAt
from xunhe.domain.position import LonLat, nearest_on_line
from xunhe.domain.registry import Reach
from xunhe.domain.river_place import snapped
from xunhe.vision.findings import bank_change, told
from xunhe.vision.findings.course import Course
from xunhe.vision.findings.joining import METRES, Believed, Joining, grouped
from xunhe.vision.findings.looking import Seen
from xunhe.vision.findings.plume import plumes
from xunhe.vision.findings.ribbon import Ribbon
from xunhe.vision.findings.sighting import Point, Posed, inside, sighted
from xunhe.vision.findings.told import Clock, Seeing, Shot, Told
from xunhe.vision.findings.water import Water
from xunhe.vision.geometry import Box
from xunhe.vision.georeference.earth import moved, offset_m
from xunhe.vision.georeference.placing import GroundPoint, View, place

Image = NDArray[np.uint8]

EDGE_M = 1.5  # a place on the water is about so unsure
_ROUND, _LEAST_ROUND_M = 0.6, 4.0  # half the box round a plume, over its length; and at least


@dataclass(slots=True)
class Survey:
    """Ground metres are east and north of the head of the reach.

    `views` are the frames that were taken, with their times.
    """

    reach: Reach
    water: Water
    ribbon: Ribbon
    joining: Joining = field(default_factory=Joining)
    views: list[tuple[float, View]] = field(default_factory=list)

    @classmethod
    def of(cls, reach: Reach, water: Water, half_width_m: float) -> "Survey":
        """Of a reach; so far from its line the ground is looked at."""
        return cls(reach, water, Ribbon.empty(Course.of(reach.line), half_width_m))

    @property
    def origin(self) -> LonLat:
        """Where east and north are zero."""
        return self.ribbon.course.origin

    def take(self, time_s: float, view: View, seen: Sequence[Seen]) -> None:
        """A frame and what the detector saw on it."""
        chart = Posed(view, self.origin)
        self.joining.take(chart, list(sighted(chart, seen, time_s)))
        self.views.append((time_s, view))

    def afloat(self) -> list[Believed]:
        """Litter and mats on the water, not beside it."""
        return [
            one
            for one in self.joining.believed()
            if self.water.holds(moved(self.origin, *one[0].at), EDGE_M)
        ]

    def found(self, clock: Clock, last: Ribbon | None = None) -> Iterator[Told]:
        """Everything; `last` is the ribbon of the last flight, for what is new on the banks."""
        afloat = self.afloat()
        for group in grouped(afloat, METRES.together):
            yield told.of_pieces(group, self.placed, clock)
        under = self.ribbon.under_water(self.water)
        yield from self._plumes(under, afloat, clock)
        if last is not None:
            yield from self._changes(under, last, clock)

    def _plumes(
        self, under: NDArray[np.bool_], afloat: Sequence[Believed], clock: Clock
    ) -> Iterator[Told]:
        mats = [
            self.on_course(moved(self.origin, *one.at))
            for one, _ in afloat
            if one.kind is FindingKind.MAT
        ]
        for plume in plumes(self.ribbon, under, mats):
            seeing = self._seeing(plume.middle, max(plume.length_m * _ROUND, _LEAST_ROUND_M))
            if seeing is not None:
                yield told.of_plume(plume, self._at(plume.mouth, seeing), seeing, clock)

    def _changes(self, under: NDArray[np.bool_], last: Ribbon, clock: Clock) -> Iterator[Told]:
        for change in bank_change.changes(last, self.ribbon, under):
            half_m = max(change.area_m2**0.5, _LEAST_ROUND_M)
            seeing = self._seeing(change.middle, half_m)
            if seeing is not None:
                yield told.of_change(change, self._at(change.middle, seeing), seeing, clock)

    def placed(self, at: Point, covariance: Covariance) -> FoundAt:
        """A place east and north of the origin, on the earth and on the river."""
        lon_lat = moved(self.origin, *at)
        return FoundAt(lon_lat, covariance, snapped(lon_lat, [self.reach]))

    def on_course(self, lon_lat: LonLat) -> Point:
        """Metres along and to the left of the line as it lies on the ground."""
        part, share, left_m = nearest_on_line(lon_lat, self.reach.line)
        starts = self.ribbon.course.starts_m
        return float(starts[part] + share * (starts[part + 1] - starts[part])), left_m

    def position_m(self, at: Point) -> float:
        """Along the reach, by its registered length."""
        along_m, _ = self.on_course(moved(self.origin, *at))
        return along_m * self.reach.length_m / self.ribbon.course.length_m

    def _at(self, spot: Point, seeing: Seeing) -> FoundAt:
        """A place of the course, as unsure as the frame that shows it best."""
        along_m, left_m = spot
        east, north = self.ribbon.course.ground_m(np.array(along_m), np.array(left_m)).tolist()
        return self.placed((east, north), seeing.covariance)

    def _seeing(self, spot: Point, half_m: float) -> Seeing | None:
        """The frames that show a place of the course, the best where it is nearest the middle."""
        along_m, left_m = spot
        at = self.ribbon.course.ground_m(np.array([along_m]), np.array([left_m]))
        spots = [(time_s, view, self._pixel(view, at)) for time_s, view in self.views]
        showing = [one for one in spots if inside(one[2], one[1])[0]]
        if not showing:
            return None
        time_s, view, pixel = min(showing, key=_from_middle)
        x, y = pixel[0].tolist()
        point = place(view, (x, y))
        if not isinstance(point, GroundPoint):
            return None
        shot = Shot(time_s, (_box(view, x, y, half_m),))
        return Seeing(showing[0][0], showing[-1][0], len(showing), shot, point.covariance)

    def _pixel(self, view: View, at: NDArray[np.float64]) -> NDArray[np.float64]:
        return view.pixels(at - offset_m(view.pose.lon_lat, self.origin))


def _from_middle(spot: tuple[float, View, NDArray[np.float64]]) -> float:
    _, view, pixel = spot
    return float(np.hypot(*(pixel[0] - (view.lens.width_px / 2, view.lens.height_px / 2))))


def _box(view: View, x: float, y: float, half_m: float) -> Box:
    half = half_m * view.lens.focal_px.value / view.height.value
    return (x - half, y - half, x + half, y + half)
