"""Metres east and north of a place as degrees, on the WGS-84 ellipsoid."""

from math import cos, radians, sin, sqrt

from xunhe.domain.position import LonLat

_A_M = 6_378_137.0  # WGS-84: semi-major axis
_E2 = 6.694_379_990_14e-3  # first eccentricity squared


def metres_per_degree(latitude_deg: float) -> tuple[float, float]:
    """(east, north) at a latitude, by the radii of curvature there."""
    latitude = radians(latitude_deg)
    root = sqrt(1 - _E2 * sin(latitude) ** 2)
    meridian_m = _A_M * (1 - _E2) / root**3
    return radians(1) * _A_M / root * cos(latitude), radians(1) * meridian_m


def moved(place: LonLat, east_m: float, north_m: float) -> LonLat:
    """The place so far east and north; good within some kilometres, not at the poles."""
    per_east, per_north = metres_per_degree(place[1])
    return place[0] + east_m / per_east, place[1] + north_m / per_north


def offset_m(place: LonLat, origin: LonLat) -> tuple[float, float]:
    """(east, north) of a place from an origin."""
    per_east, per_north = metres_per_degree(origin[1])
    return (place[0] - origin[0]) * per_east, (place[1] - origin[1]) * per_north
