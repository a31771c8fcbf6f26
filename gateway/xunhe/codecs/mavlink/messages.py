"""MAVLink messages as facts (message definitions: common.xml and ardupilotmega.xml)."""

from collections.abc import Callable
from math import asin, atan2, degrees, isnan
from typing import Any

from xunhe.codecs.mavlink.facts import (
    AboveTerrain,
    Accuracy,
    Clock,
    Fact,
    FieldOfView,
    Gimbal,
    Heading,
    Position,
)

_YAW_LOCK, _YAW_IN_VEHICLE, _YAW_IN_EARTH = 16, 32, 64  # GIMBAL_DEVICE_FLAGS
_DOWNWARD = 25  # MAV_SENSOR_ROTATION_PITCH_270
_SURE_OF = {5: 0.5, 6: 0.05}  # GPS_FIX_TYPE: RTK float, RTK fixed; m
_SD_PER_HDOP_M = 1.5
_UNKNOWN_HDOP = 65535
_RANGE_SD_M, _TERRAIN_SD_M = 0.2, 5.0  # the terrain model of ArduPilot has posts 100 m apart


def fact(message: Any) -> Fact | None:
    """What a decoded message says; None where it is of no use here."""
    reader = _READERS.get(message.get_type())
    return None if reader is None else reader(message)


def _position(message: Any) -> Fact | None:
    if message.lat == 0 and message.lon == 0:
        return None  # no fix yet
    return Position(
        message.time_boot_ms / 1e3,
        message.lat / 1e7,
        message.lon / 1e7,
        message.relative_alt / 1e3,
        message.alt / 1e3,
    )


def _accuracy(message: Any) -> Fact | None:
    if message.fix_type < 3:
        return None
    if message.h_acc:
        return Accuracy(message.h_acc / 1e3)
    if message.fix_type in _SURE_OF:
        return Accuracy(_SURE_OF[message.fix_type])
    known = message.eph not in (0, _UNKNOWN_HDOP)
    return Accuracy(_SD_PER_HDOP_M * message.eph / 100) if known else None


def _heading(message: Any) -> Fact:
    return Heading(message.time_boot_ms / 1e3, degrees(message.yaw) % 360)


def _device_attitude(message: Any) -> Fact:
    yaw, pitch, roll = camera_angles(message.q)
    in_earth = message.flags & _YAW_IN_EARTH or (
        message.flags & _YAW_LOCK and not message.flags & _YAW_IN_VEHICLE
    )
    return Gimbal(message.time_boot_ms / 1e3, yaw, pitch, roll, bool(in_earth))


def _mount_orientation(message: Any) -> Fact:
    yaw, absolute = message.yaw, message.yaw_absolute
    is_absolute = not isnan(absolute) and absolute != 0  # MAVLink 1 has no such field
    return Gimbal(
        message.time_boot_ms / 1e3,
        (absolute if is_absolute else yaw) % 360,
        message.pitch,
        message.roll,
        is_absolute,
    )


def _field_of_view(message: Any) -> Fact | None:
    return FieldOfView(message.hfov) if 0 < message.hfov < 180 else None


def _distance(message: Any) -> Fact | None:
    inside = message.min_distance <= message.current_distance <= message.max_distance
    if message.orientation != _DOWNWARD or not inside:
        return None
    return AboveTerrain(message.time_boot_ms / 1e3, message.current_distance / 100, _RANGE_SD_M)


def _clock(message: Any) -> Fact | None:
    if message.time_unix_usec == 0:
        return None
    return Clock(message.time_boot_ms / 1e3, message.time_unix_usec / 1e6)


def camera_angles(q: tuple[float, float, float, float]) -> tuple[float, float, float]:
    """(yaw, pitch, roll) in degrees of a quaternion (w, x, y, z).

    It turns north-east-down into the camera's forward-right-down. Straight down
    yaw and roll are one: then the yaw is where the upper edge points, and there is no roll.
    """
    w, x, y, z = q
    pitch = degrees(asin(max(-1.0, min(1.0, 2 * (w * y - z * x)))))
    if abs(pitch) > 89.5:
        # Minus the third column of the rotation: the camera's up, seen from above.
        north, east = -2 * (x * z + w * y), -2 * (y * z - w * x)
        return degrees(atan2(east, north)) % 360, pitch, 0.0
    roll = degrees(atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y)))
    yaw = degrees(atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)))
    return yaw % 360, pitch, roll


_READERS: dict[str, Callable[[Any], Fact | None]] = {
    "GLOBAL_POSITION_INT": _position,
    "GPS_RAW_INT": _accuracy,
    "ATTITUDE": _heading,
    "GIMBAL_DEVICE_ATTITUDE_STATUS": _device_attitude,
    "MOUNT_ORIENTATION": _mount_orientation,
    "CAMERA_FOV_STATUS": _field_of_view,
    "DISTANCE_SENSOR": _distance,
    "SYSTEM_TIME": _clock,
}
