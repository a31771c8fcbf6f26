"""A part of a labelled picture at some zoom, with its boxes."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from xunhe_models.train.photometric import Image

PAD = 114
LEFT_OUT = -1
_SEEN = 0.35  # of a box's area; less and the place is left out
_SMALLEST = 4.0  # pixels of the longer side; smaller and the place is left out


@dataclass(slots=True)
class Scene:
    """BGR pixels with boxes (N, 4) in its pixels and class ids (N,); LEFT_OUT marks no class."""

    image: Image
    boxes: NDArray[np.float32]
    ids: NDArray[np.int64]


def empty_boxes() -> NDArray[np.float32]:
    """No box."""
    return np.zeros((0, 4), np.float32)


def view(scene: Scene, size: tuple[int, int], zoom: float, centre: tuple[float, float]) -> Scene:
    """`size` (width, height) output pixels around `centre`, `zoom` output pixels a source pixel.

    A scene smaller than the part asked for is padded with grey at right and bottom.
    """
    height, width = scene.image.shape[:2]
    span = (min(size[0] / zoom, width), min(size[1] / zoom, height))
    left = int(np.clip(centre[0] - span[0] / 2, 0, width - span[0]))
    top = int(np.clip(centre[1] - span[1] / 2, 0, height - span[1]))
    part = scene.image[top : top + int(np.ceil(span[1])), left : left + int(np.ceil(span[0]))]
    out = (min(round(part.shape[1] * zoom), size[0]), min(round(part.shape[0] * zoom), size[1]))
    how = cv2.INTER_AREA if zoom < 0.75 else cv2.INTER_LINEAR
    canvas = np.full((size[1], size[0], 3), PAD, np.uint8)
    canvas[: out[1], : out[0]] = cv2.resize(part, out, interpolation=how)
    moved = (scene.boxes - np.array([left, top, left, top], np.float32)) * zoom
    boxes, ids = clipped(moved, scene.ids, out)
    return Scene(canvas, boxes, ids)


def clipped(
    boxes: NDArray[np.float32], ids: NDArray[np.int64], size: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Boxes cut at the edges of `size` (width, height); those hardly seen become LEFT_OUT."""
    if not len(boxes):
        return boxes, ids
    limit = np.array([size[0], size[1], size[0], size[1]], np.float32)
    cut = np.clip(boxes, 0, limit)
    sides, whole = cut[:, 2:] - cut[:, :2], boxes[:, 2:] - boxes[:, :2]
    visible = (sides > 0.5).all(1)
    seen = sides.prod(1) / np.maximum(whole.prod(1), 1e-6)
    doubtful = (seen < _SEEN) | (sides.max(1) < _SMALLEST)
    return cut[visible], np.where(doubtful, LEFT_OUT, ids)[visible]


def somewhere(
    scene: Scene, size: tuple[int, int], zoom: tuple[float, float], random: Generator
) -> Scene:
    """A random view; two times in three it holds a box, where the scene has any."""
    scale = float(np.exp(random.uniform(np.log(zoom[0]), np.log(zoom[1]))))
    height, width = scene.image.shape[:2]
    if len(scene.boxes) and random.random() < 0.67:
        x0, y0, x1, y1 = scene.boxes[int(random.integers(len(scene.boxes)))]
        reach = np.array(size) / scale * 0.45
        middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2]) + random.uniform(-1, 1, 2) * reach
    else:
        middle = random.uniform(0, 1, 2) * (width, height)
    return view(scene, size, scale, (float(middle[0]), float(middle[1])))


def mirrored(scene: Scene) -> Scene:
    """Left and right exchanged."""
    width = scene.image.shape[1]
    boxes = scene.boxes.copy()
    boxes[:, [0, 2]] = width - scene.boxes[:, [2, 0]]
    return Scene(np.ascontiguousarray(scene.image[:, ::-1]), boxes, scene.ids)
