"""A drawn river with a mouth in its bank wall: what it brings, the light and the rain are given.

Frames are BGR uint8 (180, 320, 3), decided by a seed and their time.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe.domain.zones import OutfallZone, Polygon

WIDTH, HEIGHT = 320, 180
_BANK_Y = 70  # the wall ends and the water begins


def rectangle(x0: float, y0: float, x1: float, y1: float, size: tuple[int, int]) -> Polygon:
    """Pixels of a picture (width, height) as a polygon in fractions."""
    w, h = size
    return ((x0 / w, y0 / h), (x1 / w, y0 / h), (x1 / w, y1 / h), (x0 / w, y1 / h))


ZONE = rectangle(190, 40, 260, 110, (WIDTH, HEIGHT))
UPSTREAM = rectangle(40, 90, 110, 160, (WIDTH, HEIGHT))


def outfall(**given: object) -> OutfallZone:
    """The mouth's zone; `given` replaces what an outfall has."""
    fields: dict[str, object] = {"code": "YX-P1", "name": "一号排污口", "polygon": ZONE}
    return OutfallZone(**({"upstream": UPSTREAM} | fields | given))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Scene:
    """`dye` is added to the water below the mouth, `river` to all water, both BGR."""

    jet: bool = False
    dye: tuple[int, int, int] = (0, 0, 0)
    river: tuple[int, int, int] = (0, 0, 0)
    light: float = 1.0
    rain: bool = False
    night: bool = False

    def at(self, time_s: float) -> NDArray[np.uint8]:
        """The frame of one moment."""
        rng = np.random.default_rng(round(time_s * 1000))
        picture = _GROUND.copy()
        water = np.roll(_RIPPLES, round(9 * time_s), axis=1)[_BANK_Y:]
        picture[_BANK_Y:] += water[..., None] + np.array(self.river, np.float32)
        picture[80:110, 192:258] += np.array(self.dye, np.float32)
        if self.jet:
            _pour(rng, picture)
        if self.rain:
            _rain(rng, picture)
        picture *= self.light * (0.02 if self.night else 1.0)
        noise = _NOISE[rng.integers(len(_NOISE))]
        return np.clip(picture + noise, 0, 255).astype(np.uint8)


def _pour(rng: np.random.Generator, picture: NDArray[np.float32]) -> None:
    """A white jet from the pipe and the boil where it falls."""
    fall = cv2.blur(rng.uniform(0, 1, (30, 16)).astype(np.float32), (3, 5))[..., None]
    picture[58:88, 217:233] = 150 + 100 * fall
    boil = cv2.blur(rng.uniform(0, 1, (18, 44)).astype(np.float32), (4, 3)) > 0.47
    picture[82:100, 203:247][boil] = 235


def _rain(rng: np.random.Generator, picture: NDArray[np.float32]) -> None:
    for x, y in zip(rng.integers(0, WIDTH, 150), rng.integers(0, HEIGHT - 12, 150), strict=True):
        picture[y : y + 10, x] += 45


def _ground() -> NDArray[np.float32]:
    """A wall with a round pipe above a brown river."""
    rng = np.random.default_rng(2)
    picture = np.empty((HEIGHT, WIDTH, 3), np.float32)
    picture[:_BANK_Y] = (120, 128, 130)
    picture[_BANK_Y:] = (78, 98, 104)
    grain = cv2.GaussianBlur(rng.normal(0, 60, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 2)
    picture[:_BANK_Y] += grain[:_BANK_Y, :, None]
    cv2.circle(picture, (225, 56), 11, (90.0, 95.0, 98.0), -1)
    cv2.circle(picture, (225, 56), 8, (25.0, 26.0, 28.0), -1)
    return picture


def _ripples() -> NDArray[np.float32]:
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 50, (HEIGHT, WIDTH)).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), sigmaX=5, sigmaY=1.5), np.float32)


_GROUND, _RIPPLES = _ground(), _ripples()
_NOISE = np.random.default_rng(4).normal(0, 1.5, (5, HEIGHT, WIDTH, 3)).astype(np.float32)
