"""Pictures with boxes and detections, made by chance or by hand."""

from pathlib import Path

import numpy as np

from xunhe_models.boxes import Detections
from xunhe_models.data.pictures import CLASSES, IGNORE, Box, Picture
from xunhe_models.evaluate.tally import Sight

SIDE = 640.0


def sight(number: int, truths: list[Box], found: Detections) -> Sight:
    return Sight(Picture(Path(f"{number}.png"), "a river", tuple(truths)), found, number)


def detections(rows: list[tuple[float, float, float, float, float, int]]) -> Detections:
    """Rows of four corners, score, class."""
    table = np.array(rows, np.float64).reshape(-1, 6)
    return Detections(
        table[:, :4].astype(np.float32), table[:, 4].astype(np.float32), table[:, 5].astype(int)
    )


def chance_boxes(rng: np.random.Generator, n: int) -> np.ndarray:
    """(n, 4) from 4 to 300 px, smaller ones more often."""
    sides = np.exp(rng.uniform(np.log(4), np.log(300), (n, 2)))
    corners = rng.uniform(0, SIDE - 300, (n, 2))
    return np.round(np.hstack([corners, corners + sides]), 1)


def chance_sights(rng: np.random.Generator, pictures: int) -> list[Sight]:
    """Boxes, places to leave out, near and stray detections of both classes."""
    sights = []
    for number in range(pictures):
        corners = chance_boxes(rng, int(rng.integers(0, 9)))
        labels = rng.choice([*CLASSES, IGNORE], len(corners), p=[0.6, 0.25, 0.15])
        truths = [
            Box(*map(float, xyxy), label=str(c)) for xyxy, c in zip(corners, labels, strict=True)
        ]
        near = np.repeat(corners, 2, axis=0)
        near = near + rng.normal(0, 0.1, near.shape) * np.tile(near[:, 2:] - near[:, :2], 2)
        every = np.vstack([near, chance_boxes(rng, int(rng.integers(0, 9)))])
        every[:, 2:] = np.maximum(every[:, 2:], every[:, :2] + 1)
        ids = rng.integers(0, len(CLASSES), len(every))
        scores = np.round(rng.uniform(0.01, 1, len(every)), 2)  # ties happen
        rows = [(*xyxy, s, c) for xyxy, s, c in zip(every, scores, ids, strict=True)]
        sights.append(sight(number, truths, detections(rows)))
    return sights
