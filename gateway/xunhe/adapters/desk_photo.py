"""Photographs that people bring: pixels only. Where and by whom they were taken stays behind.

What a camera wrote into the file is read first, for the form that lacks it, and then dropped.
"""

import io
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PIL import (
    ExifTags,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from xunhe.domain.clock import SHANGHAI
from xunhe.domain.position import LonLat

_LONGEST_PX = 4096
_MOST_PIXELS = 64_000_000
_QUALITY = 90
# What telephones take. Pillow reads some sixty more, among them one that starts another program.
_FORMATS = (
    JpegImagePlugin.JpegImageFile.format,
    PngImagePlugin.PngImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
)
_ORIENTATION = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT,),
    3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,),
    5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_270,),
    7: (Image.Transpose.TRANSVERSE,),
    8: (Image.Transpose.ROTATE_90,),
}
# What Pillow raises on broken files, EXIF and chunks among them.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    ArithmeticError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


class PhotoError(RuntimeError):
    """What was sent cannot be used as a photograph."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What the camera wrote: WGS-84 (lon, lat) and its own clock; None where it did not."""

    lon_lat: LonLat | None = None
    at: datetime | None = None


def clean_jpeg(data: bytes) -> bytes:
    """The picture as JPEG, upright, at most 4096 pixels long, without EXIF, GPS, XMP, comment,
    profile or thumbnail.

    PhotoError where it is no picture, cut short, or a bomb.
    """
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise PhotoError(f"照片过大 / {opened.width} × {opened.height} px is too large")
            turns = _ORIENTATION.get(_exif(opened).get(ExifTags.Base.Orientation, 1), ())
            picture = opened.convert("RGB")
    except UnidentifiedImageError as error:
        raise PhotoError("不是 JPEG、PNG 或 WebP 照片 / no JPEG, PNG or WebP picture") from error
    except _BROKEN as error:
        raise PhotoError(f"不是可用的照片 / not a usable picture: {error}") from error
    picture.thumbnail((_LONGEST_PX, _LONGEST_PX))
    for turn in turns:
        picture = picture.transpose(turn)
    picture.info.clear()  # Pillow would write a comment that it has read
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def taken(data: bytes) -> Taken:
    """What the camera wrote of when and where; nothing where that is missing or broken."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            exif = opened.getexif()
            gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
            detail = exif.get_ifd(ExifTags.IFD.Exif)
        return Taken(_position(gps), _instant(detail))
    except _BROKEN:
        return Taken()


def _exif(opened: Image.Image) -> Mapping[int, Any]:
    """The EXIF data of a picture; none where they are broken, as the pixels may still be good."""
    try:
        found = dict(opened.getexif())
    except _BROKEN:
        return {}
    is_plain = isinstance(found.get(ExifTags.Base.Orientation, 1), int)
    return found if is_plain else {}


def _position(gps: Mapping[int, Any]) -> LonLat | None:
    tags = ExifTags.GPS
    if tags.GPSLongitude not in gps or tags.GPSLatitude not in gps:
        return None
    lon = _degrees(gps[tags.GPSLongitude], gps.get(tags.GPSLongitudeRef) == "W")
    lat = _degrees(gps[tags.GPSLatitude], gps.get(tags.GPSLatitudeRef) == "S")
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None


def _degrees(parts: Any, is_negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    size = degrees + minutes / 60 + seconds / 3600
    return -size if is_negative else size


def _instant(detail: Mapping[int, Any]) -> datetime | None:
    """Cameras write local time without a zone: that of the site."""
    text = detail.get(ExifTags.Base.DateTimeOriginal)
    if text is None:
        return None
    return datetime.strptime(str(text), "%Y:%m:%d %H:%M:%S").replace(tzinfo=SHANGHAI)
