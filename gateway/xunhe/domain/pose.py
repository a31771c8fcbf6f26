"""Where a flying camera was and how it looked, at one instant: the `Pose`.

Angles are those of the camera, not of the airframe. What telemetry does not say is None; nothing
is assumed here (`xunhe.vision.georeference.assumptions` fills gaps, and says how unsure it is).
"""

from dataclasses import dataclass
from datetime import datetime
from math import isfinite

from xunhe.domain.position import LonLat


@dataclass(frozen=True, slots=True)
class Measured:
    """A value and its standard deviation, both in the same unit."""

    value: float
    sd: float

    def __post_init__(self) -> None:
        if not (isfinite(self.value) and isfinite(self.sd) and self.sd >= 0):
            raise ValueError(f"{self.value} ± {self.sd}: finite numbers, sd at least 0")

    @classmethod
    def known(cls, value: float | None, sd: float) -> "Measured | None":
        """None where there is no value."""
        return None if value is None else cls(value, sd)


@dataclass(frozen=True, slots=True)
class Pose:
    """One camera pose, WGS-84.

    `time_s` counts from the begin of the telemetry, for subtitles that of the video; `instant` is
    aware UTC, None where the telemetry has no clock. `position_sd_m` is that of each horizontal
    axis. `height_above_ground_m` is above the place of take-off, or above the terrain where the
    telemetry measures that. `yaw_deg` is clockwise from true north; `pitch_deg` 0 at the horizon,
    -90 straight down; `roll_deg` positive with the right side down. At nadir the yaw says where
    the upper edge of the picture points.
    """

    time_s: float
    instant: datetime | None
    latitude_deg: float
    longitude_deg: float
    position_sd_m: float
    height_above_ground_m: Measured | None = None
    height_above_sea_m: Measured | None = None
    yaw_deg: Measured | None = None
    pitch_deg: Measured | None = None
    roll_deg: Measured | None = None
    horizontal_fov_deg: Measured | None = None

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude_deg <= 90 and -180 <= self.longitude_deg <= 180):
            raise ValueError(
                f"latitude {self.latitude_deg}, longitude {self.longitude_deg}: not on the earth"
            )
        if self.instant is not None and self.instant.tzinfo is None:
            raise ValueError(f"instant {self.instant} has no time zone")
        if not (isfinite(self.time_s) and isfinite(self.position_sd_m) and self.position_sd_m >= 0):
            raise ValueError(f"time {self.time_s} s, position ± {self.position_sd_m} m: not finite")

    @property
    def lon_lat(self) -> LonLat:
        """The position as everywhere inside: (lon, lat) in degrees."""
        return self.longitude_deg, self.latitude_deg
