"""Small scenes for the tests of training: brown water with bright squares."""

import numpy as np
from numpy.random import Generator

from xunhe_models.train.compose import Library, Pool
from xunhe_models.train.cutouts import cut
from xunhe_models.train.view import Scene

WATER_BGR = (60, 90, 110)
SQUARE_BGR = (240, 240, 250)


def water(width: int, height: int) -> Scene:
    """Nothing but water."""
    image = np.full((height, width, 3), WATER_BGR, np.uint8)
    return Scene(image, np.zeros((0, 4), np.float32), np.zeros(0, np.int64))


def with_squares(random: Generator, width: int = 320, height: int = 240, count: int = 3) -> Scene:
    """Bright squares of 20 to 60 px, boxed."""
    scene = water(width, height)
    boxes = []
    for _ in range(count):
        side = int(random.integers(20, 60))
        x, y = int(random.integers(2, width - side - 2)), int(random.integers(2, height - side - 2))
        scene.image[y : y + side, x : x + side] = SQUARE_BGR
        boxes.append((x, y, x + side, y + side))
    scene.boxes = np.array(boxes, np.float32)
    scene.ids = np.zeros(count, np.int64)
    return scene


def library(seed: int = 3) -> Library:
    """A pool of squares, one of small pictures, one of bare water, and cut-outs."""
    random = np.random.default_rng(seed)
    squares = [with_squares(random) for _ in range(6)]
    small = [with_squares(random, 100, 90, 1) for _ in range(6)]
    pools = {
        "squares": Pool(squares, 0.5, (0.5, 1.5)),
        "small": Pool(small, 0.3, (0.5, 2.0), small=True),
        "water": Pool([water(400, 300)], 0.2, (0.5, 1.5)),
    }
    pieces = [cut(s.image, b) for s in squares for b in s.boxes]
    return Library(pools, ("water",), [p for p in pieces if p is not None])
