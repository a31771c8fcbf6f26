"""What one message says of the drone, whatever log it comes from.

`time_s` counts from the start of the autopilot.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """Where it is; heights in metres, None where the message has none."""

    time_s: float
    latitude_deg: float
    longitude_deg: float
    above_home_m: float | None
    above_sea_m: float | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Standard deviation of each horizontal axis of the position."""

    sd_m: float


@dataclass(frozen=True, slots=True)
class Heading:
    """Of the airframe, clockwise from true north."""

    time_s: float
    yaw_deg: float


@dataclass(frozen=True, slots=True)
class Gimbal:
    """Of the camera. Where `yaw_is_absolute` is False, `yaw_deg` counts from the airframe's."""

    time_s: float
    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    yaw_is_absolute: bool


@dataclass(frozen=True, slots=True)
class AboveTerrain:
    """Height above what lies beneath, measured or by a terrain model."""

    time_s: float
    height_m: float
    sd_m: float


@dataclass(frozen=True, slots=True)
class FieldOfView:
    """Of the camera, horizontal."""

    degrees: float


@dataclass(frozen=True, slots=True)
class Clock:
    """The instant in Unix seconds at which `time_s` was."""

    time_s: float
    unix_s: float


Fact = Position | Accuracy | Heading | Gimbal | AboveTerrain | FieldOfView | Clock
