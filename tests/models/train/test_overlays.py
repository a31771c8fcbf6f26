"""Weather, captions and glare change a picture and nothing else."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.random import Generator

from xunhe_models.train import overlays, photometric
from xunhe_models.train.photometric import Image

STEPS = [
    photometric.tone,
    photometric.colour,
    photometric.blur,
    photometric.encode,
    photometric.noise,
    photometric.haze,
    photometric.coarse,
    photometric.photographed,
    overlays.captioned,
    overlays.glared,
]


@pytest.mark.parametrize("step", STEPS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("size", [(416, 416), (97, 61)])
def test_a_step_keeps_shape_and_type_and_repeats_by_seed(
    step: Callable[[Image, Generator], Image], size: tuple[int, int]
) -> None:
    cv2.setNumThreads(0)
    image = np.random.default_rng(1).integers(0, 255, (*size, 3), np.uint8)
    once = step(image.copy(), np.random.default_rng(9))
    again = step(image.copy(), np.random.default_rng(9))
    assert once.shape == image.shape
    assert once.dtype == np.uint8
    assert (once == again).all()


@pytest.mark.parametrize("step", [overlays.captioned, overlays.glared])
def test_an_overlay_shows(step: Callable[[Image, Generator], Image]) -> None:
    image = np.full((300, 300, 3), 60, np.uint8)
    assert (step(image.copy(), np.random.default_rng(3)) != image).any()
