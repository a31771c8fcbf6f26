"""Reading pictures of any kind into frames, upright, BGR, 8 bit, in bounded memory.

The formats are a closed list, told by their first bytes. What cannot be read raises
`UnreadableError` with a reason. A picture of more than 16 megapixels is reduced by a whole factor
while it is read: tiles would reduce it further, and its size as stored is kept beside it.

Pillow's own limit on megapixels is not used, since it is one for the whole process: the file
classes are called directly, and the limits here count the bytes that a format takes to decode.
"""

import math
import struct
import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".apng")
)
MAX_PIXELS = 16_000_000  # of a frame in memory; larger ones are reduced
MAX_STORED_PIXELS = 250_000_000
MAX_DECODE_BYTES = 700_000_000
MAX_ANIMATION_FRAMES = 10_000
_GREY = 114  # seen through what is transparent; the detectors' own padding
_ORIENTATION_TAG = 0x0112

# One large picture at a time, however many threads read.
_large = threading.Lock()


class Reason(StrEnum):
    """Why a file gives no frames, or no more of them."""

    EMPTY = "empty"
    UNKNOWN_FORMAT = "unknown format"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    TOO_LARGE = "too large"
    UNSUPPORTED = "unsupported"
    NO_PICTURES = "no pictures"
    NO_ACCESS = "no access"


class UnreadableError(ValueError):
    """A picture or video that cannot be read, or not to its end."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture, upright: `bgr` uint8 (H, W, 3), and the `width` and `height` it is stored with.

    Of a video or an animation also its number from 0 and its presentation time in seconds.
    """

    bgr: NDArray[np.uint8]
    width: int
    height: int
    number: int | None = None
    time_s: float | None = None

    @property
    def scale_xy(self) -> tuple[float, float]:
        """Stored pixels per pixel of `bgr`; (1, 1) unless it was reduced."""
        return self.width / self.bgr.shape[1], self.height / self.bgr.shape[0]


def read_image(path: Path) -> Frame:
    """The first picture of a file. UnreadableError says why there is none."""
    with closing(read_images(path)) as frames:
        frame = next(frames)
    return Frame(frame.bgr, frame.width, frame.height)


def read_images(path: Path, every_s: float = 0.0) -> Generator[Frame]:
    """The picture of a file, or of an animation those at least `every_s` seconds apart.

    UnreadableError, after the frames that could be read, says why there are no more. Only the first
    page of a TIFF and the first picture of an MPO are read.
    """
    try:
        with path.open("rb") as file:
            yield from _read(file, every_s)
    except UnreadableError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise UnreadableError(Reason.TOO_LARGE, str(error) or "out of memory") from error
    except SyntaxError as error:  # how Pillow says that a header is wrong
        raise UnreadableError(Reason.DAMAGED, str(error)) from error
    except _TROUBLES as error:
        raise _explained(error) from error


# What Pillow 13 raises on damaged files, as found by random damage to thousands of them.
_TROUBLES = (
    OSError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    AssertionError,
    struct.error,
)


def is_image(path: Path) -> bool:
    """Whether the file begins like a picture that can be read."""
    try:
        with path.open("rb") as file:
            return _format_of(file.read(16)) is not None
    except OSError:
        return False


def due(time_s: float, every_s: float) -> float:
    """The next time, after a frame shown at `time_s`, for which a frame is wanted."""
    return (math.floor(time_s / every_s + 1e-6) + 1) * every_s if every_s > 0 else time_s


def _read(file: BinaryIO, every_s: float) -> Iterator[Frame]:
    image = _opened(file)
    if not getattr(image, "is_animated", False) or image.format == "TIFF":
        yield _frame(image, is_last=True)
        return
    time_s, wanted_s = 0.0, 0.0
    for number in range(MAX_ANIMATION_FRAMES):
        try:
            image.seek(number)
        except EOFError:
            return
        image.load()  # WebP tells the duration only then
        if time_s >= wanted_s - 1e-6:
            still = _frame(image, is_last=False)
            yield Frame(still.bgr, still.width, still.height, number, time_s)
            wanted_s = due(time_s, every_s)
        time_s += max(0.0, float(image.info.get("duration", 0))) / 1000
    raise UnreadableError(Reason.TOO_LARGE, f"more than {MAX_ANIMATION_FRAMES} frames")


def _opened(file: BinaryIO) -> ImageFile.ImageFile:
    """The picture's header, its size checked; nothing is decoded yet."""
    start = file.read(16)
    if not start:
        raise UnreadableError(Reason.EMPTY, "the file has no bytes")
    kind = _format_of(start)
    if kind is None:
        raise UnreadableError(Reason.UNKNOWN_FORMAT, "it begins like none of the known pictures")
    file.seek(0)
    image = kind(file)
    _check_size(image)
    return image


def _format_of(start: bytes) -> type[ImageFile.ImageFile] | None:
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return WebPImagePlugin.WebPImageFile
    return next((kind for signature, kind in _FORMATS if start.startswith(signature)), None)


_FORMATS: tuple[tuple[bytes, type[ImageFile.ImageFile]], ...] = (
    (b"\xff\xd8\xff", JpegImagePlugin.JpegImageFile),
    (b"\x89PNG\r\n\x1a\n", PngImagePlugin.PngImageFile),
    (b"GIF87a", GifImagePlugin.GifImageFile),
    (b"GIF89a", GifImagePlugin.GifImageFile),
    (b"BM", BmpImagePlugin.BmpImageFile),
    (b"II*\0", TiffImagePlugin.TiffImageFile),
    (b"MM\0*", TiffImagePlugin.TiffImageFile),
    (b"II+\0", TiffImagePlugin.TiffImageFile),
    (b"MM\0+", TiffImagePlugin.TiffImageFile),
)


def _check_size(image: ImageFile.ImageFile) -> None:
    width, height = image.size
    if width < 1 or height < 1:
        raise UnreadableError(Reason.EMPTY, f"{width} × {height} pixels")
    pixels, needed = width * height, _decode_bytes(image)
    if pixels > MAX_STORED_PIXELS or needed > MAX_DECODE_BYTES:
        raise UnreadableError(
            Reason.TOO_LARGE,
            f"{width} × {height} pixels take {needed / 1e6:.0f} MB to decode;"
            f" at most {MAX_DECODE_BYTES / 1e6:.0f} MB and {MAX_STORED_PIXELS / 1e6:.0f} megapixels"
            " are read: reduce the picture or cut it into parts",
        )


def _decode_bytes(image: ImageFile.ImageFile) -> int:
    """Bytes that decoding holds at its peak, as measured with Pillow 13."""
    pixels = image.width * image.height
    if image.format == "JPEG":
        if "progressive" in image.info:  # all coefficients, 2 bytes each, are kept until the end
            return pixels * 2 * len(image.getbands())
        return pixels * 4 // _jpeg_reduction(pixels) ** 2
    if image.format in ("WEBP", "GIF"):
        return pixels * 16  # canvas, previous canvas, copy, result
    strip = 0
    if isinstance(image, TiffImagePlugin.TiffImageFile):  # libtiff holds one decoded strip
        rows = int(image.tag_v2.get(TiffImagePlugin.ROWSPERSTRIP, image.height))
        strip = image.width * min(rows, image.height) * len(image.getbands())
    return pixels * _BYTES_PER_PIXEL.get(image.mode, 4) + strip


# Of Pillow's own arrays; 4 in every other mode.
_BYTES_PER_PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}


def _jpeg_reduction(pixels: int) -> int:
    """What libjpeg can reduce by while it decodes: 1, 2, 4 or 8."""
    return next((n for n in (1, 2, 4, 8) if pixels <= MAX_PIXELS * n * n), 8)


def _frame(image: ImageFile.ImageFile, *, is_last: bool) -> Frame:
    """Decode, reduce, turn upright, and convert to BGR; after the last, free Pillow's copy."""
    if image.width * image.height <= MAX_PIXELS:
        return _decoded(image)
    with _large:
        frame = _decoded(image)
        if is_last:
            image.close()
        return frame


def _decoded(image: ImageFile.ImageFile) -> Frame:
    stored = image.size
    if (factor := _jpeg_reduction(stored[0] * stored[1])) > 1 and image.format == "JPEG":
        image.draft(None, (max(1, stored[0] // factor), max(1, stored[1] // factor)))
    image.load()
    turn = _turn(image)
    upright = _in_rgb(image)
    if turn is not None:
        upright = upright.transpose(turn)
        if turn in _ON_ITS_SIDE:
            stored = stored[1], stored[0]
    rgb = np.asarray(upright)
    return Frame(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), np.uint8), *stored)


def _in_rgb(image: Image.Image) -> Image.Image:
    """RGB of 8 bit, at most MAX_PIXELS; reduced strip by strip, so that no second copy is held."""
    top = _top(image)
    factor = math.ceil(math.sqrt(image.width * image.height / MAX_PIXELS))
    if factor <= 1:
        return _in_colour(_in_8_bit(image, top))
    size = math.ceil(image.width / factor), math.ceil(image.height / factor)
    whole = Image.new("RGB", size)
    step = factor * _STRIP_ROWS
    for y in range(0, image.height, step):
        strip = image.crop((0, y, image.width, min(y + step, image.height)))
        whole.paste(_in_colour(_in_8_bit(strip, top)).reduce(factor), (0, y // factor))
    return whole


_STRIP_ROWS = 64  # of the result


def _top(image: Image.Image) -> float:
    """The value that becomes 255: the end of the type's range, told by the largest value."""
    if image.mode not in _TOPS:
        return 65_535
    largest = float(np.asarray(image.getextrema()).max())
    return next((top for top in _TOPS[image.mode] if largest <= top), _TOPS[image.mode][-1])


_TOPS = {"I": (65_535, 2**31 - 1), "F": (1.0, 255.0, 65_535.0)}


def _in_8_bit(image: Image.Image, top: float) -> Image.Image:
    if image.mode not in ("I;16", "I;16B", "I;16L", "I", "F"):
        return image
    values = np.nan_to_num(np.asarray(image).astype(np.float32), nan=0, posinf=0, neginf=0)
    return Image.fromarray((np.clip(values, 0, top) * (255 / top)).astype(np.uint8))


def _in_colour(image: Image.Image) -> Image.Image:
    """RGB; what is transparent shows a grey."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Image.new("RGB", image.size, (_GREY, _GREY, _GREY))
    ground.paste(layer, mask=layer)
    return ground


def _turn(image: Image.Image) -> Image.Transpose | None:
    """How to turn the decoded picture upright, by its EXIF orientation.

    Pillow turns a TIFF itself. EXIF that cannot be read turns nothing.
    """
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION_TAG, 1))
    except (SyntaxError, *_TROUBLES):
        return None


# EXIF 2.32, table 6.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ON_ITS_SIDE = {_TURNS[orientation] for orientation in (5, 6, 7, 8)}


def _explained(error: Exception) -> UnreadableError:
    """Pillow tells its troubles apart by their text alone."""
    text = str(error) or type(error).__name__
    if isinstance(error, PermissionError | FileNotFoundError | IsADirectoryError):
        return UnreadableError(Reason.NO_ACCESS, error.strerror or text)
    if "truncated" in text.lower() or isinstance(error, EOFError):
        return UnreadableError(Reason.TRUNCATED, text)
    if "not supported" in text or "unsupported" in text.lower():
        return UnreadableError(Reason.UNSUPPORTED, text)
    return UnreadableError(Reason.DAMAGED, text)
