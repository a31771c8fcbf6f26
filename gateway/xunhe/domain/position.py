"""Distances between positions: WGS-84 (lon, lat) in degrees, as everywhere inside."""

from collections.abc import Sequence
from itertools import pairwise
from math import asin, cos, hypot, radians, sin, sqrt

LonLat = tuple[float, float]

_EARTH_M = 6_371_008.8  # mean radius of the WGS-84 ellipsoid (IUGG)


def distance_m(one: LonLat, other: LonLat) -> float:
    """Along the great circle; within 0.6 % of the ellipsoid's own distance."""
    lon, lat, other_lon, other_lat = map(radians, (*one, *other))
    chord = sin((other_lat - lat) / 2) ** 2
    chord += cos(lat) * cos(other_lat) * sin((other_lon - lon) / 2) ** 2
    return 2 * _EARTH_M * asin(sqrt(min(chord, 1.0)))


def distance_to_line_m(point: LonLat, line: Sequence[LonLat]) -> float:
    """To the nearest place of a line of two or more points."""
    return abs(nearest_on_line(point, line)[2])


def nearest_on_line(point: LonLat, line: Sequence[LonLat]) -> tuple[int, float, float]:
    """(part, share, metres): the nearest place of a line of two or more points.

    It lies on this part of the line, this share (0 to 1) along it. The metres to it are above zero
    on the line's left. Flat around `point`: good for the tens of kilometres in which anybody asks.
    """
    flat = [_flat_m(corner, point) for corner in line]
    found = [(i, *_on_segment(start, end)) for i, (start, end) in enumerate(pairwise(flat))]
    return min(found, key=lambda one: abs(one[2]))


def _flat_m(position: LonLat, origin: LonLat) -> tuple[float, float]:
    east = radians(position[0] - origin[0]) * cos(radians(origin[1]))
    return _EARTH_M * east, _EARTH_M * radians(position[1] - origin[1])


def _on_segment(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    """(share, metres) of (0, 0); on the left of the segment the metres are above zero."""
    east, north = end[0] - start[0], end[1] - start[1]
    length_2 = east * east + north * north
    along = -(start[0] * east + start[1] * north) / length_2 if length_2 else 0.0
    along = min(max(along, 0.0), 1.0)
    metres = hypot(start[0] + along * east, start[1] + along * north)
    is_left = north * start[0] - east * start[1] >= 0
    return along, metres if is_left else -metres
