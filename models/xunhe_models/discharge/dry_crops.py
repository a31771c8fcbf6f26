"""Crops of photographs in which nothing is discharged: what a network must be silent about.

Most are made anew for every batch, at any zoom; hard ones come back. Some shimmer, as if leaves,
waves or the camera moved: the moments of a movement along the picture's edges are invented.
"""

from collections import deque
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe_models.discharge import CLASSES
from xunhe_models.discharge.textures import Field, Image

Batch = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]

_STILL_SHARE = 0.5
_CHANNELS = 9
_REMEMBERED = 400


class DryCrops:
    """Batches of (N, 9, S, S) moments, empty masks (N, 5, M, M) and the label dry (N, 5)."""

    def __init__(self, pictures: Sequence[Image], size: int, mask_size: int) -> None:
        self._pictures, self._size, self._mask_size = pictures, size, mask_size
        self._hard: deque[Field] = deque(maxlen=_REMEMBERED)
        self._last: list[Field] = []

    def batch(self, rng: np.random.Generator, count: int) -> Batch:
        """A batch of `count` crops, two in five of those that were hard once they are known."""
        again = 2 * count // 5 if len(self._hard) >= count else 0
        known = [self._hard[int(rng.integers(len(self._hard)))] for _ in range(again)]
        self._last = [self._crop(rng) for _ in range(count - again)] + known
        seen = np.stack(self._last)
        tint(seen, rng)
        labels = np.zeros((count, len(CLASSES)), np.float32)
        labels[:, 0] = 1
        return seen, np.zeros((count, 5, self._mask_size, self._mask_size), np.float32), labels

    def remember(self, scores: NDArray[np.float32]) -> None:
        """Of the last batch keep the two that the network took most for a discharge."""
        self._hard.extend(self._last[int(row)] for row in np.argsort(scores)[-2:])

    def _crop(self, rng: np.random.Generator) -> Field:
        picture = self._pictures[int(rng.integers(len(self._pictures)))]
        height, width = picture.shape[:2]
        side = int(min(height, width) * np.exp(rng.uniform(np.log(0.18), 0)))
        x, y = int(rng.integers(width - side + 1)), int(rng.integers(height - side + 1))
        crop = picture[y : y + side, x : x + side]
        if rng.random() < 0.5:
            crop = crop[:, ::-1]
        how = cv2.INTER_AREA if side > self._size else cv2.INTER_LINEAR
        crop = np.asarray(cv2.resize(crop, (self._size, self._size), interpolation=how))
        seen = np.zeros((_CHANNELS, self._size, self._size), np.float32)
        seen[:3] = seen[3:6] = crop.transpose(2, 0, 1)
        if rng.random() >= _STILL_SHARE:
            seen[6:] = _shimmer(rng, crop)
        return seen


def _shimmer(rng: np.random.Generator, crop: Image) -> Field:
    """Moments (3, S, S), squeezed as the network squeezes them, of edges that move to and fro."""
    luma = cv2.GaussianBlur(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY).astype(np.float32), (0, 0), 0.8)
    edges = np.hypot(cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1)) / 4
    where = cv2.resize(rng.random((6, 6)).astype(np.float32), crop.shape[1::-1])
    if rng.random() < 0.6:  # somewhere only, not everywhere as by a camera that shakes
        edges *= np.clip((where - rng.uniform(0.2, 0.6)) * 4, 0, 1)
    noise = np.abs(rng.normal(0, rng.uniform(0, 3), crop.shape[:2])).astype(np.float32)
    spread = edges * np.float32(rng.uniform(0.1, 1.6)) + noise
    spread = spread * rng.uniform(0.6, 1.4, crop.shape[:2]).astype(np.float32)
    steps = np.array((1.0, 1.25, 1.7), np.float32)[:, None, None] * spread
    return np.asarray(255 * steps / (steps + 10), np.float32)


def tint(seen: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Another exposure and balance for each of the moments (N, 9, S, S), in place."""
    count, side = len(seen), seen.shape[-1]
    colours = seen[:, :6].reshape(count, 2, 3, side, side)
    gain = rng.normal(1, 0.06, (count, 1, 3, 1, 1)) * rng.uniform(0.75, 1.3, (count, 1, 1, 1, 1))
    shifted = colours * gain + rng.uniform(-12, 12, (count, 1, 1, 1, 1))
    seen[:, :6] = np.clip(shifted, 0, 255).reshape(count, 6, side, side)
