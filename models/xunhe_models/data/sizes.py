"""A picture's size from its header, without decoding it."""

import warnings
from pathlib import Path

from PIL import Image

from xunhe_models.images import Reason as ImageReason
from xunhe_models.images import UnreadableError

_ORIENTATION_TAG = 0x0112
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")


def upright_size(path: Path) -> tuple[int, int]:
    """(width, height) in pixels after the EXIF orientation. UnreadableError says why not.

    A file that is cut short after its header passes: only decoding tells.
    """
    try:
        with warnings.catch_warnings():
            # Only the header is read here, so a large picture costs nothing.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=_FORMATS) as image:
                width, height = image.size
                lying = image.format != "TIFF" and _is_lying(image)
    except Image.DecompressionBombError as error:
        raise UnreadableError(ImageReason.TOO_LARGE, str(error)) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        text = "not a picture, or its header is damaged"
        raise UnreadableError(ImageReason.DAMAGED, text) from error
    return (height, width) if lying else (width, height)


def _is_lying(image: Image.Image) -> bool:
    """Whether EXIF turns it by a quarter (EXIF 2.32, table 6); Pillow turns a TIFF itself."""
    try:
        return image.getexif().get(_ORIENTATION_TAG, 1) in (5, 6, 7, 8)
    except (SyntaxError, OSError, ValueError, TypeError, KeyError, IndexError):
        return False
