"""Grounds for rendered scenes that need no photograph."""

import cv2
import numpy as np

from xunhe_models.discharge.generator import Grounds
from xunhe_models.discharge.textures import Image


def drawn_grounds() -> Grounds:
    """A green bank and a brown river, blurred noise both."""
    rng = np.random.default_rng(5)
    return Grounds(
        banks=[_mottled(rng, (60, 120, 80)), _mottled(rng, (120, 125, 130))],
        waters=[_mottled(rng, (70, 100, 115))],
    )


def _mottled(rng: np.random.Generator, colour: tuple[int, int, int]) -> Image:
    noise = cv2.GaussianBlur(rng.normal(0, 60, (240, 400, 3)), (0, 0), 2)
    return np.clip(np.array(colour) + 3 * noise, 0, 255).astype(np.uint8)
