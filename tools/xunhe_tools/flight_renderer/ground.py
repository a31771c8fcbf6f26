"""What lies on the ground: banks with texture, water that drifts, things that float."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Point = tuple[float, float]

_PIXEL_M = 0.2
_TILE = 512


@dataclass(frozen=True, slots=True)
class Thing:
    """A round thing on the water, BGR colour."""

    east_m: float
    north_m: float
    radius_m: float
    colour: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Ground:
    """`banks` (H, W, 4) is BGR and, as the fourth, 255 on land; its first pixel lies at `corner`.

    `water` (N, N, 3) repeats; it drifts by `drift_m_s` (east, north).
    """

    corner: Point
    banks: Picture
    water: Picture
    drift_m_s: Point

    def seen(
        self, east_m: NDArray[np.float32], north_m: NDArray[np.float32], at_s: float
    ) -> Picture:
        """The colours (…, 3) of places (…)."""
        x, y = (east_m - self.corner[0]) / _PIXEL_M, (self.corner[1] - north_m) / _PIXEL_M
        land = cv2.remap(self.banks, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        drift_x, drift_y = (at_s * part / _PIXEL_M for part in self.drift_m_s)
        across, down = np.mod(x - drift_x, _TILE), np.mod(y + drift_y, _TILE)
        water = cv2.remap(self.water, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        share = land[..., 3:].astype(np.float32) / 255
        mixed = land[..., :3] * share + water * (1 - share)
        return np.asarray(mixed, np.uint8)

    def with_roof(self, corners_m: Sequence[Point], bgr: tuple[int, int, int]) -> "Ground":
        """The same with a polygon (east, north) of one colour that is land."""
        banks = self.banks.copy()
        pixels = (np.array(corners_m) - self.corner) / (_PIXEL_M, -_PIXEL_M)
        cv2.fillPoly(banks, [np.round(pixels).astype(np.int32)], (*bgr, 255))
        return replace(self, banks=banks)


def ground(
    line: Sequence[Point], width_m: float, margin_m: float, seed: int, drift_m_s: float = 0.4
) -> Ground:
    """A river of this width along a line (east, north), with banks for `margin_m` around it."""
    draw = np.random.default_rng(seed)
    corners = np.array(line)
    low, high = corners.min(axis=0) - margin_m, corners.max(axis=0) + margin_m
    across, down = np.ceil((high - low) / _PIXEL_M).astype(int).tolist()
    corner = (float(low[0]), float(high[1]))
    banks = _texture(draw, (down, across), (70, 120, 95), 38)
    land = np.full((down, across), 255, np.uint8)
    pixels = (corners - corner) / (_PIXEL_M, -_PIXEL_M)
    cv2.polylines(land, [np.round(pixels).astype(np.int32)], False, 0, round(width_m / _PIXEL_M))
    flow = corners[-1] - corners[0]
    east, north = (flow / np.linalg.norm(flow) * drift_m_s).tolist()
    water = _texture(draw, (_TILE, _TILE), (95, 88, 70), 5)
    return Ground(corner, np.dstack([banks, land]), water, (east, north))


def _texture(
    draw: np.random.Generator, shape: tuple[int, int], bgr: tuple[int, int, int], contrast: float
) -> Picture:
    """Noise of several sizes about a colour; contrast is its standard deviation."""
    grain = np.zeros(shape, np.float32)
    for size in (2, 6, 20, 60):
        coarse = draw.standard_normal((shape[0] // size + 2, shape[1] // size + 2), np.float32)
        grain += cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)
    grain *= contrast / grain.std()
    return np.clip(grain[..., None] + np.array(bgr, np.float32), 0, 255).astype(np.uint8)
