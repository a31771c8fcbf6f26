"""Places on the earth become points of a drawing: north up, the same scale both ways, no tiles."""

from collections.abc import Sequence
from math import cos, radians

from xunhe.domain.position import LonLat

WIDTH = 320.0  # in the drawing's own units
_MARGIN = 16.0
_HIGHEST = 360.0
_LEAST_SPAN_DEGREES = 0.0006  # some 60 m: a place alone has a drawing too


class Paper:
    """A drawing that holds all of some places. `height` is what they need at `WIDTH`."""

    def __init__(self, places: Sequence[LonLat]) -> None:
        west, south = min(lon for lon, _ in places), min(lat for _, lat in places)
        east, north = max(lon for lon, _ in places), max(lat for _, lat in places)
        self._west, self._north = west, north
        self._east_per_degree = cos(radians((south + north) / 2))
        across = max((east - west) * self._east_per_degree, _LEAST_SPAN_DEGREES)
        down = max(north - south, _LEAST_SPAN_DEGREES)
        self._scale = min((WIDTH - 2 * _MARGIN) / across, _HIGHEST / down)
        self.height = round(down * self._scale + 2 * _MARGIN, 1)

    def point(self, place: LonLat) -> tuple[float, float]:
        """(x, y) of a place."""
        x = (place[0] - self._west) * self._east_per_degree * self._scale + _MARGIN
        y = (self._north - place[1]) * self._scale + _MARGIN
        return round(x, 1), round(y, 1)

    def points(self, line: Sequence[LonLat]) -> str:
        """A line as the `points` of a polyline."""
        return " ".join(f"{x},{y}" for x, y in map(self.point, line))
