"""What weather, glass, lens and encoder do to a picture. Boxes stay where they are."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Image = NDArray[Any]  # uint8 (H, W, 3), BGR; OpenCV's stubs promise no dtype


def tone(image: Image, random: Generator) -> Image:
    """Exposure, contrast, gamma and white balance."""
    ramp = np.arange(256, dtype=np.float32) / 255
    gamma = np.exp(random.normal(0, 0.25))
    gain = np.exp(random.normal(0, 0.18)) * np.exp(random.normal(0, 0.06, 3))
    lift = random.normal(0, 0.05)
    curve = np.clip((ramp[:, None] ** gamma) * gain + lift, 0, 1) * 255
    return cv2.LUT(image, curve[:, None].astype(np.uint8).reshape(256, 1, 3))


def colour(image: Image, random: Generator) -> Image:
    """Hue a little, saturation much: brown canal, green lake, grey sky."""
    hsv = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
    ramp = np.arange(256)
    hue = (ramp + random.integers(-8, 9)) % 180
    saturation = np.clip(ramp * np.exp(random.normal(0, 0.3)), 0, 255)
    table = np.stack((hue, saturation, ramp), 1).astype(np.uint8).reshape(256, 1, 3)
    return cv2.cvtColor(cv2.LUT(hsv, table), cv2.COLOR_HSV2BGR)


def blur(image: Image, random: Generator) -> Image:
    """Out of focus, or moved."""
    if random.random() < 0.5:
        return cv2.GaussianBlur(image, (0, 0), random.uniform(0.4, 1.6))
    length = int(random.integers(3, 8))
    kernel = np.zeros((length, length), np.float32)
    end = (int(random.integers(0, length)), length - 1)
    cv2.line(kernel, (length - 1 - end[0], 0), end, 1.0)
    return cv2.filter2D(image, -1, kernel / kernel.sum())


def encode(image: Image, random: Generator) -> Image:
    """A camera's hard compression."""
    quality = int(random.integers(22, 85))
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return image if decoded is None else decoded


def noise(image: Image, random: Generator) -> Image:
    """Sensor noise at dusk."""
    grain = np.empty(image.shape, np.int16)
    cv2.setRNGSeed(int(random.integers(0, 2**31)))
    sigma = random.uniform(3, 14)
    cv2.randn(grain, np.zeros(3), np.full(3, sigma))
    return cv2.add(image, grain, dtype=cv2.CV_8U)


def haze(image: Image, random: Generator) -> Image:
    """Mist or a dirty glass."""
    share = random.uniform(0.1, 0.45)
    return cv2.convertScaleAbs(image, alpha=1 - share, beta=share * random.uniform(150, 235))


def coarse(image: Image, random: Generator) -> Image:
    """Recorded smaller than it is shown."""
    factor = random.uniform(0.4, 0.8)
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)


_STEPS: tuple[tuple[float, Callable[[Image, Generator], Image]], ...] = (
    (0.7, tone),
    (0.5, colour),
    (0.12, haze),
    (0.15, blur),
    (0.12, coarse),
    (0.15, noise),
    (0.35, encode),
)


def photographed(image: Image, random: Generator) -> Image:
    """The picture as another camera on another day might have taken it."""
    for chance, step in _STEPS:
        if random.random() < chance:
            image = step(image, random)
    return image
