"""A film without poses as one chart: every frame laid on the one before by what both show.

Pixels are those of the first frame. Where two frames have too little in common, the film begins a
new chart, far away from the last one.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe.vision.findings.joining import Nearness
from xunhe.vision.findings.sighting import Matched
from xunhe.vision.georeference.image_motion import motions

Array = NDArray[np.float64]
Image = NDArray[np.uint8]
Moment = tuple[float, Image]  # its time and luma

STEP_S = 0.8  # between frames: near enough that a drone's pictures still overlap
_WIDTH_PX = 640  # at which points are followed
_FEW = 12
_TOLERANCE_PX = 3.0
_APART_PX = 1e6  # between charts


@dataclass(slots=True)
class FilmChart:
    """Takes frames in the order of time."""

    _before: Moment | None = None
    _onto: Array = field(default_factory=lambda: np.eye(2, 3))
    _charts: int = 1

    def take(self, time_s: float, bgr: Image) -> Matched:
        """A frame (H, W, 3), at most a second after the last, on the chart."""
        height, width = bgr.shape[:2]
        scale = _WIDTH_PX / width
        size = (_WIDTH_PX, max(1, round(height * scale)))
        luma = cv2.resize(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), size, interpolation=cv2.INTER_AREA)
        here = (time_s, np.asarray(luma, np.uint8))
        if self._before is not None:
            self._onto = self._laid_on(self._before, here, scale)
        self._before = here
        return Matched(self._onto, (width, height))

    def _laid_on(self, before: Moment, here: Moment, scale: float) -> Array:
        back = _back(before, here)
        if back is None:
            self._charts += 1
            return np.array([[1.0, 0.0, self._charts * _APART_PX], [0.0, 1.0, 0.0]])
        turn, shift = self._onto[:, :2], self._onto[:, 2]
        return np.column_stack([turn @ back[:, :2], turn @ back[:, 2] / scale + shift])


def chart_of(at: tuple[float, float]) -> int:
    """The number of the chart that a place lies on."""
    return round(at[0] / _APART_PX)


def nearness(width_px: int) -> Nearness:
    """For pixels of a film of this width."""
    return Nearness(0.015 * width_px, 0.02 * width_px, 0.05 * width_px, 0.12 * width_px)


def _back(before: Moment, here: Moment) -> Array | None:
    """(2, 3): from the frame to the one before; None where they have too little in common."""
    for motion in motions([before, here]):
        if len(motion.before) < _FEW:
            return None
        found, fits = cv2.estimateAffinePartial2D(
            motion.after, motion.before, ransacReprojThreshold=_TOLERANCE_PX
        )
        if found is not None and int(fits.sum()) >= _FEW:
            return np.asarray(found, np.float64)
    return None
