"""Tileable noise from a seed: the grain of water, concrete, grass and foam."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Bgr = NDArray[np.uint8]


def tile(
    rng: np.random.Generator, size: int, sigmas: tuple[tuple[float, float], ...], spread: float = 42
) -> Gray:
    """(size, size) around 128 with deviation `spread`; repeats without a seam.

    Each of `sigmas` is the blur (x, y) in pixels of one octave; octaves weigh the same.
    """
    total = np.zeros((size, size), np.float32)
    frequency = np.fft.fftfreq(size)
    for sigma_x, sigma_y in sigmas:
        radius = (frequency[None, :] * sigma_x) ** 2 + (frequency[:, None] * sigma_y) ** 2
        soft = np.exp(-2 * np.pi**2 * radius)
        white = np.fft.fft2(rng.standard_normal((size, size)))
        octave = np.fft.ifft2(white * soft).real
        total += (octave / octave.std()).astype(np.float32)
    total *= spread / float(total.std())
    return np.clip(total + 128, 0, 255).astype(np.uint8)


class Sheet:
    """A tile spread over part of a picture along `to_tile` (3, 3), pixels → tile pixels, unmoved.

    The maps are made once: a warp with wrapping borders would cost several times as much a frame.
    """

    def __init__(
        self, grain: Gray, to_tile: NDArray[np.float64], x0: int, y0: int, width: int, height: int
    ) -> None:
        self._size = grain.shape[0]
        self._grain = np.pad(grain, ((0, self._size + 3), (0, self._size + 3)), "wrap")
        ys, xs = np.mgrid[y0 : y0 + height, x0 : x0 + width]
        u, v, w = np.tensordot(to_tile, np.stack([xs, ys, np.ones_like(xs)]), axes=1)
        # Where a float rounds up to the tile's size, the pixel behind the seam is there too.
        across, down = ((one / w % self._size).astype(np.float32) for one in (u, v))
        self._maps = cv2.convertMaps(across, down, cv2.CV_16SC2)

    def at(self, right: float, down: float) -> Gray:
        """(height, width), the tile's content moved on the tile's own axes by so many pixels."""
        right, down = (-right % self._size, -down % self._size)
        move = np.array([[1.0, 0, right % 1], [0, 1, down % 1]])
        side = self._size + 2
        window = self._grain[int(down) :, int(right) :]
        moved = cv2.warpAffine(
            window,
            move,
            (side, side),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        fixed, fractions = self._maps
        return np.asarray(cv2.remap(moved, fixed, fractions, cv2.INTER_LINEAR), np.uint8)


def rough(
    rng: np.random.Generator, width: int, height: int, sigma_px: float
) -> NDArray[np.float32]:
    """(height, width) noise of deviation 1 whose grains are about `sigma_px` long."""
    step = max(1.0, sigma_px / 2)
    small = rng.standard_normal((int(height / step) + 3, int(width / step) + 3)).astype(np.float32)
    soft = cv2.GaussianBlur(small, (0, 0), max(0.5, sigma_px / step))
    grown = cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray((grown - grown.mean()) / (grown.std() + 1e-6), np.float32)


def tinted(colour: tuple[float, float, float], relief: NDArray[np.floating]) -> NDArray[np.float32]:
    """A BGR colour made lighter and darker by `relief`, where 1 doubles it; (H, W, 3)."""
    return np.asarray(np.array(colour, np.float32) * (1 + relief[..., None]), np.float32)
