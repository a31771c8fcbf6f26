"""A decoded frame as the pipeline wants it: its luma small, its colours only when asked for."""

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

# The first plane is the luma, 8 bits each.
_LUMA_FIRST = frozenset(
    f"{kind}{order}"
    for kind in ("yuv", "yuvj")
    for order in ("420p", "422p", "440p", "444p", "411p", "410p")
) | {"nv12", "nv21", "nv16", "gray"}


def luma(frame: VideoFrame, width_px: int) -> NDArray[np.uint8]:
    """Luma uint8 (h, w), at most `width_px` wide, a copy; turned as the recording asks."""
    plane = _luma_plane(frame)
    quarters = _quarters(frame)
    shown_px = plane.shape[0] if quarters % 2 else plane.shape[1]
    factor = min(1.0, width_px / shown_px)
    size = (max(1, round(plane.shape[1] * factor)), max(1, round(plane.shape[0] * factor)))
    small = _reduced(plane, size) if factor < 1 else plane.copy()
    return _turned(small, quarters)


class Colours:
    """Makes the full picture, BGR uint8 (H, W, 3), once and only when called."""

    __slots__ = ("_bgr", "_frame")

    def __init__(self, frame: VideoFrame) -> None:
        self._frame = frame
        self._bgr: NDArray[np.uint8] | None = None

    def __call__(self) -> NDArray[np.uint8]:
        if self._bgr is None:
            bgr = np.asarray(self._frame.to_ndarray(format="bgr24", threads=1), np.uint8)
            self._bgr = _turned(bgr, _quarters(self._frame))
        return self._bgr


def _reduced(plane: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """The plane at `size` (width, height); by exact halves first, ten times as fast as at once."""
    width, height = plane.shape[1], plane.shape[0]
    while width % 2 == height % 2 == 0 and width >= 2 * size[0] and height >= 2 * size[1]:
        width, height = width // 2, height // 2
        plane = np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint8)


def _luma_plane(frame: VideoFrame) -> NDArray[np.uint8]:
    if frame.format.name not in _LUMA_FIRST:
        return np.asarray(frame.to_ndarray(format="gray", threads=1), np.uint8)
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: frame.height, : frame.width]


def _quarters(frame: VideoFrame) -> int:
    return round(frame.rotation / 90) % 4


def _turned(picture: NDArray[np.uint8], quarters: int) -> NDArray[np.uint8]:
    """Turned anticlockwise, as the sign of FFmpeg's display matrix asks."""
    return np.ascontiguousarray(np.rot90(picture, quarters)) if quarters else picture
