"""The pose of a photograph, out of its EXIF and the XMP that drones add.

XMP keys are those of DJI's namespace `drone-dji`; other makers write the same EXIF without them.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, UnidentifiedImageError

from xunhe.codecs import dji
from xunhe.domain.pose import Measured, Pose
from xunhe.domain.telemetry import Refusal, Telemetry, TelemetryError

_XMP_VALUE = re.compile(r'drone-dji:(\w+)\s*(?:=\s*"|>)\s*([-+]?\d+(?:\.\d+)?)')


def read(path: Path, utc_offset: timedelta = timedelta(hours=8)) -> Telemetry:
    """The pose of one photograph. TelemetryError where it is none or has no position.

    `utc_offset` is that of the camera's clock, used where EXIF has none.
    """
    try:
        with Image.open(path) as picture:
            exif, xmp = picture.getexif(), picture.info.get("xmp", b"")
            detail = exif.get_ifd(ExifTags.IFD.Exif)
            gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except (UnidentifiedImageError, OSError) as error:
        raise TelemetryError([Refusal("图片无法读取", f"no picture: {error}")]) from error
    try:
        pose = _pose(gps, detail, _drone_values(xmp), utc_offset)
    except (ValueError, TypeError, ZeroDivisionError, KeyError, IndexError) as error:
        said = Refusal("没有可用的 GPS 坐标", f"no position of use in its EXIF: {error!r}")
        raise TelemetryError([said]) from error
    return Telemetry("exif", (pose,))


def _pose(
    gps: Mapping[int, Any],
    detail: Mapping[int, Any],
    drone: Mapping[str, float],
    utc_offset: timedelta,
) -> Pose:
    base = ExifTags.GPS
    above_sea = drone.get("AbsoluteAltitude", _above_sea(gps))
    return Pose(
        time_s=0.0,
        instant=_instant(detail, utc_offset),
        latitude_deg=_degrees(gps[base.GPSLatitude], gps[base.GPSLatitudeRef], "S"),
        longitude_deg=_degrees(gps[base.GPSLongitude], gps[base.GPSLongitudeRef], "W"),
        position_sd_m=drone.get("RtkStdLat", dji.GNSS_SD_M),
        height_above_ground_m=Measured.known(drone.get("RelativeAltitude"), dji.BAROMETER_SD_M),
        height_above_sea_m=Measured.known(above_sea, dji.ABOVE_SEA_SD_M),
        yaw_deg=Measured.known(drone.get("GimbalYawDegree"), dji.YAW_SD_DEG),
        pitch_deg=Measured.known(drone.get("GimbalPitchDegree"), dji.GIMBAL_SD_DEG),
        roll_deg=Measured.known(drone.get("GimbalRollDegree"), dji.GIMBAL_SD_DEG),
        horizontal_fov_deg=_fov(detail),
    )


def _drone_values(xmp: bytes) -> dict[str, float]:
    """By key; written as attributes or as elements, depending on the model."""
    found = _XMP_VALUE.findall(xmp.decode("utf-8", "replace"))
    return {key: float(value) for key, value in found}


def _degrees(parts: Any, reference: str, negative: str) -> float:
    whole, minutes, seconds = (float(part) for part in parts)
    value = whole + minutes / 60 + seconds / 3600
    return -value if str(reference).strip("\0 ").upper() == negative else value


def _above_sea(gps: Mapping[int, Any]) -> float | None:
    height = gps.get(ExifTags.GPS.GPSAltitude)
    if height is None:
        return None
    is_below = gps.get(ExifTags.GPS.GPSAltitudeRef) == b"\x01"
    return -float(height) if is_below else float(height)


def _instant(detail: Mapping[int, Any], utc_offset: timedelta) -> datetime | None:
    taken = detail.get(ExifTags.Base.DateTimeOriginal)
    if not isinstance(taken, str):
        return None
    local = datetime.strptime(taken.strip("\0 "), "%Y:%m:%d %H:%M:%S")
    offset = detail.get(ExifTags.Base.OffsetTimeOriginal)
    if isinstance(offset, str) and re.fullmatch(r"[-+]\d{2}:\d{2}", offset):
        return datetime.fromisoformat(local.isoformat() + offset).astimezone(UTC)
    return local.replace(tzinfo=UTC) - utc_offset


def _fov(detail: Mapping[int, Any]) -> Measured | None:
    focal_mm = detail.get(ExifTags.Base.FocalLengthIn35mmFilm)
    return dji.horizontal_fov(float(focal_mm)) if focal_mm else None
