"""Boxes in pixels of the luma plane: x0, y0, x1, y1, with x1 and y1 outside."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
Mask = NDArray[np.uint8]
Vector = tuple[float, float]

_RING = 12  # corners of an ellipse


def centre(box: Box) -> Vector:
    """The middle of a box."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def sides(box: Box) -> Vector:
    """Width and height."""
    return box[2] - box[0], box[3] - box[1]


def size(box: Box) -> float:
    """The side of a square of the same area."""
    width, height = sides(box)
    return math.sqrt(max(width, 0.0) * max(height, 0.0))


def moved(box: Box, by: Vector) -> Box:
    """The box at another place."""
    return (box[0] + by[0], box[1] + by[1], box[2] + by[0], box[3] + by[1])


def grown(box: Box, margin: float) -> Box:
    """The box with a margin in pixels on each side."""
    return (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)


def scaled(box: Box, x: float, y: float) -> Box:
    """The box in other units."""
    return (box[0] * x, box[1] * y, box[2] * x, box[3] * y)


def clipped(box: Box, width: float, height: float) -> Box:
    """The part of the box inside a picture; without area where there is none."""
    x0, x1 = (min(max(side, 0.0), width) for side in (box[0], box[2]))
    y0, y1 = (min(max(side, 0.0), height) for side in (box[1], box[3]))
    return (x0, y0, x1, y1)


def ring(box: Box) -> list[Vector]:
    """The ellipse inside a box, as corners of a polygon.

    Of the ellipse's own area: an inscribed polygon would lose four per cent.
    """
    (x, y), (width, height) = centre(box), sides(box)
    step = 2 * math.pi / _RING
    wider = math.sqrt(step / math.sin(step)) / 2
    return [
        (x + width * wider * math.cos(step * i), y + height * wider * math.sin(step * i))
        for i in range(_RING)
    ]


def overlap(a: Box, b: Box) -> float:
    """The area that two boxes share."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(width, 0.0) * max(height, 0.0)


def iou(a: Box, b: Box) -> float:
    """Intersection over union."""
    shared = overlap(a, b)
    union = size(a) ** 2 + size(b) ** 2 - shared
    return shared / union if union > 0 else 0.0


def covered_share(box: Box, by: Sequence[Box]) -> float:
    """How much of a box its best cover of `by` holds, 0..1."""
    area = size(box) ** 2
    return max((overlap(box, cover) / area for cover in by), default=0.0) if area > 0 else 0.0
