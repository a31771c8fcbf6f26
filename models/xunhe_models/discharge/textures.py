"""Tileable noise, from which walls, water, foam and jets are drawn.

A tile is (N, N) float32 in 0..1, even in distribution, and repeats without a seam. Tiles of falling
and of white water come from photographs when there are any: their streaks are hard to invent.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
Image = NDArray[np.uint8]

TILE = 256


def noise_tile(rng: np.random.Generator, slope: float, stretch: float = 1.0) -> Field:
    """A tile whose spectrum falls by `slope`, drawn out `stretch` times along y."""
    frequency = np.fft.fftfreq(TILE)
    radius = np.hypot(frequency[None, :], frequency[:, None] * stretch) + 1 / TILE
    white = np.fft.fft2(rng.standard_normal((TILE, TILE)))
    return _evened(np.fft.ifft2(white * radius**-slope).real)


def photographed_tile(bgr: Image) -> Field:
    """A tile from a photograph's brightness, mirrored so that it repeats."""
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY).astype(np.float32)
    half = cv2.resize(grey, (TILE // 2, TILE // 2), interpolation=cv2.INTER_AREA)
    relief = half - cv2.GaussianBlur(half, (0, 0), TILE / 8)
    row = np.hstack([relief, relief[:, ::-1]])
    return _evened(np.vstack([row, row[::-1]]))


def _evened(values: NDArray[np.floating]) -> Field:
    """Replace every value by its rank, 0..1."""
    order = np.argsort(values, axis=None)
    ranks = np.empty(values.size, np.float32)
    ranks[order] = np.linspace(0, 1, values.size, dtype=np.float32)
    return ranks.reshape(values.shape)


def sampled(tile: Field, x: Field, y: Field) -> Field:
    """The tile at coordinates in tile pixels; any value, they wrap."""
    found = cv2.remap(
        tile,
        np.ascontiguousarray(np.mod(x, TILE), dtype=np.float32),
        np.ascontiguousarray(np.mod(y, TILE), dtype=np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )
    return np.asarray(found, np.float32)


class Tiles:
    """A seeded bank of tiles: `fine`, `cloudy`, `streaky` and `white` (foam and rapids)."""

    def __init__(self, seed: int, white_water: Sequence[Image] = ()) -> None:
        rng = np.random.default_rng(seed)
        self.fine = [noise_tile(rng, slope) for slope in (0.4, 0.7, 0.9, 1.1)]
        self.cloudy = [noise_tile(rng, slope) for slope in (1.5, 1.8, 2.1, 2.5)]
        self.streaky = [noise_tile(rng, 1.0, stretch) for stretch in (4.0, 8.0, 16.0, 30.0)]
        drawn = [noise_tile(rng, slope, 1.3) for slope in (1.1, 1.4)]
        self.white = drawn + [photographed_tile(picture) for picture in white_water]

    @staticmethod
    def one_of(rng: np.random.Generator, tiles: Sequence[Field]) -> Field:
        """Any of them."""
        return tiles[int(rng.integers(len(tiles)))]
