"""From frames over time to the short stack of equal crops that the network and the signals see."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe_models.discharge.textures import Image

Rectangle = tuple[float, float, float, float]  # x0, y0, x1, y1 in pixels


def chosen(times_s: Sequence[float], frames: int, span_s: float) -> list[int]:
    """Which `frames` of the frames to take: evenly over the last `span_s` seconds, some repeated.

    ValueError where there is none or where the times do not rise.
    """
    if not len(times_s):
        raise ValueError("a stack needs at least one frame")
    times = np.asarray(times_s, np.float64)
    if np.any(np.diff(times) < 0):
        raise ValueError("the times of the frames must rise")
    wanted = times[-1] + np.linspace(-min(span_s, times[-1] - times[0]), 0, frames)
    return [int(np.abs(times - moment).argmin()) for moment in wanted]


def squared(zone: Rectangle, room: float = 1.0) -> Rectangle:
    """The square round a zone's middle, `room` times its longer side."""
    x0, y0, x1, y1 = zone
    half = max(x1 - x0, y1 - y0) * room / 2
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return x - half, y - half, x + half, y + half


def cropped(frames: Sequence[Image], zone: Rectangle, size: int) -> Image:
    """The square of a zone from every frame, (T, size, size, 3); beyond the border it is repeated.

    ValueError where the zone has no area.
    """
    x0, y0, x1, _ = squared(zone)
    if x1 - x0 <= 0:
        raise ValueError(f"a zone needs an area, not {zone}")
    scale = size / (x1 - x0)
    view: NDArray[np.float64] = np.array(
        ((scale, 0, (0.5 - x0) * scale - 0.5), (0, scale, (0.5 - y0) * scale - 0.5))
    )
    return np.stack([_seen(frame, view, scale, size) for frame in frames])


def _seen(frame: Image, view: NDArray[np.float64], scale: float, size: int) -> Image:
    if scale < 0.5:  # else fine texture would alias
        frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), 0.35 / scale), np.uint8)
    moved = cv2.warpAffine(
        frame, view, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, np.uint8)
