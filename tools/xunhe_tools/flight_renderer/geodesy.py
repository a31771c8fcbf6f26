"""East-north-up of an origin as WGS-84 degrees and back, through earth-centred coordinates."""

from dataclasses import dataclass
from math import cos, degrees, radians, sin, sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_A, _F = 6_378_137.0, 1 / 298.257223563  # WGS-84
_E2 = _F * (2 - _F)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where east, north and up are zero: on the ellipsoid."""

    latitude_deg: float
    longitude_deg: float

    def degrees(self, east_north_up: tuple[float, float, float]) -> tuple[float, float]:
        """(latitude, longitude) of a place."""
        place = self._earth_centred() + self._turn() @ np.array(east_north_up)
        return _geodetic(place)

    def metres(self, latitude_deg: float, longitude_deg: float) -> tuple[float, float]:
        """(east, north) of a place on the ellipsoid."""
        away = _earth_centred(latitude_deg, longitude_deg) - self._earth_centred()
        east, north, _ = (self._turn().T @ away).tolist()
        return east, north

    def _earth_centred(self) -> Array:
        return _earth_centred(self.latitude_deg, self.longitude_deg)

    def _turn(self) -> Array:
        """Columns: east, north, up in earth-centred coordinates."""
        lat, lon = radians(self.latitude_deg), radians(self.longitude_deg)
        return np.array(
            [
                [-sin(lon), -sin(lat) * cos(lon), cos(lat) * cos(lon)],
                [cos(lon), -sin(lat) * sin(lon), cos(lat) * sin(lon)],
                [0.0, cos(lat), sin(lat)],
            ]
        )


def _earth_centred(latitude_deg: float, longitude_deg: float) -> Array:
    lat, lon = radians(latitude_deg), radians(longitude_deg)
    radius = _A / sqrt(1 - _E2 * sin(lat) ** 2)
    return np.array(
        [
            radius * cos(lat) * cos(lon),
            radius * cos(lat) * sin(lon),
            radius * (1 - _E2) * sin(lat),
        ]
    )


def _geodetic(place: Array) -> tuple[float, float]:
    """By Bowring's iteration; heights up to some kilometres."""
    x, y, z = place.tolist()
    flat = sqrt(x * x + y * y)
    latitude = np.arctan2(z, flat * (1 - _E2))
    for _ in range(5):
        radius = _A / sqrt(1 - _E2 * sin(latitude) ** 2)
        height = flat / cos(latitude) - radius
        latitude = np.arctan2(z, flat * (1 - _E2 * radius / (radius + height)))
    return degrees(latitude), degrees(np.arctan2(y, x))
