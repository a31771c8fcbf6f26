"""The water plane as a camera sees it: pixels ↔ metres, by one projective map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 1280, 720


@dataclass(frozen=True, slots=True)
class Ground:
    """A level camera over level water.

    A metre across the view at picture row y is `px_per_m_row · (y - horizon_y)` pixels wide, and
    the row lies `depth_px_m / (y - horizon_y)` metres away; x = 0 m is at column `centre_x`.
    """

    horizon_y: float
    px_per_m_row: float
    depth_px_m: float
    centre_x: float = WIDTH / 2

    def px_per_m(self, y: float) -> float:
        """Pixels of a metre that stands or lies across the view at row y."""
        return self.px_per_m_row * (y - self.horizon_y)

    def pixel(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Where a point of the water is seen; `y_m` counts away from the camera."""
        y = self.horizon_y + self.depth_px_m / y_m
        return self.centre_x + x_m * self.px_per_m(y), y

    def metres(self, x: float, y: float) -> tuple[float, float]:
        """The inverse of `pixel`, for rows below the horizon."""
        return (x - self.centre_x) / self.px_per_m(y), self.depth_px_m / (y - self.horizon_y)

    def to_metres(self) -> NDArray[np.float64]:
        """(3, 3): homogeneous pixels → homogeneous metres."""
        a = self.px_per_m_row
        return np.array(
            [
                [1 / a, 0, -self.centre_x / a],
                [0, 0, self.depth_px_m],
                [0, 1, -self.horizon_y],
            ],
            np.float64,
        )
