"""GCJ-02, the shifted positions of Chinese maps ↔ WGS-84.

Inside, every position is WGS-84; this is for tables that come from or go to such maps. The shift is
the published approximation on the Krasovsky 1940 ellipsoid, good to about a metre; outside China
there is none. All positions are (lon, lat) in degrees.
"""

from math import cos, pi, radians, sin, sqrt

_SEMI_MAJOR_M = 6378245.0
_ECCENTRICITY_2 = 0.00669342162296594323
_ROUNDS = 6  # of the inverse, each some thousand times as exact as the last
_CHINA = ((72.004, 137.8347), (0.8293, 55.8271))

Position = tuple[float, float]


def to_gcj02(wgs84: Position) -> Position:
    """Where a Chinese map shows a position."""
    east, north = _shift(wgs84)
    return wgs84[0] + east, wgs84[1] + north


def to_wgs84(gcj02: Position) -> Position:
    """The position that a Chinese map shows there: the inverse of `to_gcj02`."""
    lon, lat = gcj02
    for _ in range(_ROUNDS):
        east, north = _shift((lon, lat))
        lon, lat = gcj02[0] - east, gcj02[1] - north
    return lon, lat


def _shift(position: Position) -> Position:
    """Degrees east and north by which a position is shifted."""
    if any(not low <= value <= high for value, (low, high) in zip(position, _CHINA, strict=True)):
        return 0.0, 0.0
    lon, lat = position
    x, y = lon - 105.0, lat - 35.0
    root = sqrt(abs(x))
    fine = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + fine
    north_m += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north_m += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + fine
    east_m += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east_m += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    return _in_degrees(east_m, north_m, lat)


def _in_degrees(east_m: float, north_m: float, lat: float) -> Position:
    """On the ellipsoid, at a latitude."""
    bend = 1 - _ECCENTRICITY_2 * sin(radians(lat)) ** 2
    along = _SEMI_MAJOR_M / sqrt(bend) * cos(radians(lat))
    across = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_2) / (bend * sqrt(bend))
    return east_m * 180 / (along * pi), north_m * 180 / (across * pi)
