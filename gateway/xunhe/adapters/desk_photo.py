"""Photographs that people bring: pixels only. Where and by whom they were taken stays behind."""

import io

from PIL import Image, ImageOps

_LONGEST_PX = 4096
_MOST_PIXELS = 64_000_000
_QUALITY = 90


class PhotoError(RuntimeError):
    """What was sent cannot be used as a photograph."""


def clean_jpeg(data: bytes) -> bytes:
    """The picture as JPEG, upright, at most 4096 pixels long, without EXIF, GPS, XMP or thumbnail.

    PhotoError where it is no picture, cut short, or a bomb.
    """
    try:
        with Image.open(io.BytesIO(data)) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise PhotoError(f"照片过大 / {opened.width} × {opened.height} px is too large")
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PhotoError(f"不是可用的照片 / not a usable picture: {error}") from error
    picture.thumbnail((_LONGEST_PX, _LONGEST_PX))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
