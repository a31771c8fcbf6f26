"""One decoded frame, offered to the pipeline."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class View:
    """A frame of one stream.

    `time_s`: the camera's time, Unix seconds, or seconds from a recording's start. `luma` uint8
    (h, w), at most `vision.gate_width_px` wide and of one size for a whole stream. `picture` makes
    the full frame, BGR uint8 (H, W, 3), only when asked for: most frames never need it.
    """

    time_s: float
    luma: NDArray[np.uint8]
    picture: Callable[[], NDArray[np.uint8]]
    is_key: bool
