"""The lens: pixels as rays, by a pinhole with the distortion of Brown and Conrady."""

from dataclasses import dataclass
from math import radians, tan
from typing import Self

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.pose import Measured

Array = NDArray[np.float64]

_ROUNDS = 20
_DONE = 1e-10
_WIDEST = 20.0  # right or down per unit forward: 87°; beyond it there is no lens


@dataclass(frozen=True, slots=True)
class Lens:
    """`focal_px` with its standard deviation, `centre_px` (x, y) of a picture of this size.

    `distortion` is (k1, k2, p1, p2, k3) in the order and sense of OpenCV's camera calibration.
    """

    width_px: int
    height_px: int
    focal_px: Measured
    centre_px: tuple[float, float]
    distortion: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)

    @classmethod
    def of_view(cls, width_px: int, height_px: int, horizontal_fov: Measured) -> Self:
        """An ideal lens of an angle of view in degrees, above 0 and below 180."""
        half = radians(horizontal_fov.value) / 2
        if not 0 < half < radians(89.9):
            raise ValueError(f"angle of view {horizontal_fov.value:g}°: above 0, below 179.8")
        focal_px = width_px / 2 / tan(half)
        # d(focal) = focal * d(half) * (tan + 1 / tan)
        sd_px = focal_px * radians(horizontal_fov.sd) / 2 * (tan(half) + 1 / tan(half))
        return cls(width_px, height_px, Measured(focal_px, sd_px), (width_px / 2, height_px / 2))

    def rays(self, pixels: Array) -> Array:
        """Pixels (N, 2) as (right, down) per unit forward (N, 2), without distortion."""
        seen = (np.asarray(pixels, np.float64) - self.centre_px) / self.focal_px.value
        ray = seen
        for _ in range(_ROUNDS):
            step = seen - self._distorted(ray)
            ray = np.clip(ray + step, -_WIDEST, _WIDEST)
            if np.abs(step).max(initial=0.0) < _DONE:
                break
        return ray

    def pixels(self, rays: Array) -> Array:
        """Rays (N, 2) as pixels (N, 2)."""
        return self._distorted(np.asarray(rays, np.float64)) * self.focal_px.value + self.centre_px

    def _distorted(self, ray: Array) -> Array:
        k1, k2, p1, p2, k3 = self.distortion
        x, y = ray[:, 0], ray[:, 1]
        r2 = x * x + y * y
        radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
        right = x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x)
        down = y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y
        return np.column_stack([right, down])
