"""What a thing looks like, in 144 grey levels: enough to tell that it still lies there.

A detector overlooks a thing now and then, so that its silence alone is no evidence of absence: the
place must also look different. Brightness and contrast are taken off, so that a change of light is
no change of the thing; flat water has nothing left and resembles nothing.
"""

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe.vision.geometry import Box, clipped, grown, sides

Appearance = NDArray[np.uint8]  # (12, 12)

_SIDE = 12
_MARGIN = 0.25  # of the longer side: the water around belongs to the look of a thing
_LEAST_CONTRAST = 4.0  # grey levels, one sigma
SAME = 0.5  # correlation; a thing on moving water keeps 0.6 to 0.95, glare 0 to 0.4


def appearance(bgr: NDArray[np.uint8], box: Box) -> Appearance:
    """The look of a box in pixels of a picture (H, W, 3)."""
    height, width = bgr.shape[:2]
    x0, y0, x1, y1 = clipped(grown(box, _MARGIN * max(sides(box))), width, height)
    left, top = min(int(x0), width - 1), min(int(y0), height - 1)
    crop = bgr[top : max(math.ceil(y1), top + 1), left : max(math.ceil(x1), left + 1)]
    small = cv2.resize(crop, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)


def likeness(a: Appearance, b: Appearance) -> float:
    """Correlation -1..1 of two looks; 0 where one of them is flat."""
    x, y = a.astype(np.float32), b.astype(np.float32)
    x, y = x - x.mean(), y - y.mean()
    sigma_x, sigma_y = float(np.sqrt((x * x).mean())), float(np.sqrt((y * y).mean()))
    if min(sigma_x, sigma_y) < _LEAST_CONTRAST:
        return 0.0
    return float((x * y).mean()) / (sigma_x * sigma_y)


def to_text(look: Appearance) -> str:
    """The look as a text for a file."""
    return look.tobytes().hex()


def from_text(value: Any) -> Appearance:
    """The look from its text; ValueError or TypeError where it is none."""
    return np.frombuffer(bytes.fromhex(value), np.uint8).reshape(_SIDE, _SIDE)
