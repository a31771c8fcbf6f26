"""Pieces of litter cut out of pictures, with soft edges, to be laid on other water."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from xunhe_models.train.photometric import Image

_MARGIN = 0.12  # of the box, kept around it for the soft edge
_ITERATIONS = 3
_LONGEST = 260


@dataclass(frozen=True, slots=True)
class Cutout:
    """BGR pixels, opacity 0..1 of the same size, and the object's box inside."""

    pixels: Image
    opacity: NDArray[Any]
    box: tuple[float, float, float, float]
    surroundings: NDArray[np.float32]  # mean Lab of what lay around it

    @property
    def side(self) -> float:
        """The longer side of the object, pixels."""
        x0, y0, x1, y1 = self.box
        return max(x1 - x0, y1 - y0)


def cut(image: Image, box: NDArray[np.float32]) -> Cutout | None:
    """Cut the object in `box` out; None when it is too small or lies on the picture's edge."""
    height, width = image.shape[:2]
    x0, y0, x1, y1 = box.tolist()
    if min(x1 - x0, y1 - y0) < 8 or min(x0, y0, width - x1, height - y1) < 1:
        return None
    pad = max(3.0, _MARGIN * max(x1 - x0, y1 - y0))
    left, top = int(max(x0 - pad, 0)), int(max(y0 - pad, 0))
    right, bottom = int(min(x1 + pad, width)), int(min(y1 + pad, height))
    piece = image[top:bottom, left:right]
    inner = np.array([x0 - left, y0 - top, x1 - left, y1 - top])
    scale = min(1.0, _LONGEST / max(piece.shape[:2]))
    if scale < 1:
        piece = cv2.resize(piece, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        inner *= scale
    mask = _outline(piece, inner)
    around = cv2.cvtColor(piece, cv2.COLOR_BGR2LAB)[mask < 0.05]
    surroundings = around.mean(0) if len(around) else np.array([128.0, 128.0, 128.0])
    return Cutout(piece.copy(), mask, tuple(inner), surroundings.astype(np.float32))


def _outline(piece: Image, box: NDArray[np.float64]) -> NDArray[np.float32]:
    """Opacity by GrabCut; a soft rounded box where GrabCut finds next to nothing."""
    height, width = piece.shape[:2]
    x0, y0, x1, y1 = (round(v) for v in box)
    state = np.full((height, width), cv2.GC_BGD, np.uint8)
    state[y0:y1, x0:x1] = cv2.GC_PR_FGD
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    whole = (0, 0, width, height)  # unused with a mask
    cv2.grabCut(piece, state, whole, background, foreground, _ITERATIONS, cv2.GC_INIT_WITH_MASK)
    mask = ((state == cv2.GC_FGD) | (state == cv2.GC_PR_FGD)).astype(np.uint8)
    area = max((x1 - x0) * (y1 - y0), 1)
    if not 0.3 < mask.sum() / area <= 1 or not _fills(mask, box):
        mask = np.zeros((height, width), np.uint8)
        centre, axes = ((x0 + x1) // 2, (y0 + y1) // 2), ((x1 - x0) // 2, (y1 - y0) // 2)
        cv2.ellipse(mask, centre, axes, 0, 0, 360, 1, -1)
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    soft = cv2.GaussianBlur(closed.astype(np.float32), (0, 0), max(0.8, min(height, width) / 60))
    return np.asarray(soft, np.float32)


def _fills(mask: NDArray[Any], box: NDArray[np.float64]) -> bool:
    """Does the mask reach out to the box on both axes?"""
    w, h = cv2.boundingRect(mask)[2:]
    return bool(w > 0.75 * (box[2] - box[0]) and h > 0.75 * (box[3] - box[1]))


def turned(piece: Cutout, side_px: float, random: Generator) -> Cutout:
    """The piece mirrored, turned and resized, so that its longer side is `side_px`."""
    scale = side_px / piece.side
    angle = random.normal(0, 12) if random.random() < 0.7 else random.uniform(-180, 180)
    stretch = np.exp(random.normal(0, 0.12))
    height, width = piece.opacity.shape
    rotation = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)[:, :2]
    flip = -1.0 if random.random() < 0.5 else 1.0
    linear = rotation @ np.diag([flip * scale * stretch, scale / stretch])
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]]) @ linear.T
    low, high = corners.min(0), corners.max(0)
    size = (int(np.ceil(high[0] - low[0])) + 2, int(np.ceil(high[1] - low[1])) + 2)
    affine = np.hstack((linear, (1 - low)[:, None]))
    pixels, opacity = piece.pixels, piece.opacity
    if scale < 0.5:  # else thin parts alias away
        sigma = 0.35 / scale
        pixels = cv2.GaussianBlur(pixels, (0, 0), sigma)
        opacity = cv2.GaussianBlur(opacity, (0, 0), sigma)
    mode = cv2.BORDER_REPLICATE
    pixels = cv2.warpAffine(pixels, affine, size, flags=cv2.INTER_LINEAR, borderMode=mode)
    opacity = cv2.warpAffine(opacity, affine, size, flags=cv2.INTER_LINEAR)
    box = _tight(opacity)
    return Cutout(pixels, opacity, box, piece.surroundings)


def _tight(opacity: NDArray[Any]) -> tuple[float, float, float, float]:
    """The box of what one can see: opacity above a half of its greatest."""
    x, y, w, h = cv2.boundingRect((opacity > 0.5 * opacity.max()).astype(np.uint8))
    return float(x), float(y), float(x + w), float(y + h)


def lay(image: Image, piece: Cutout, x: int, y: int, random: Generator) -> None:
    """Lay the piece with its corner at (x, y) onto `image`, in its light, with its mirror image."""
    height, width = piece.opacity.shape
    here = image[y : y + height, x : x + width]
    here_lab = cv2.cvtColor(here, cv2.COLOR_BGR2LAB).reshape(-1, 3).mean(0)
    shift = (here_lab - piece.surroundings) * random.uniform(0.2, 0.7, 3)
    lab = cv2.cvtColor(piece.pixels, cv2.COLOR_BGR2LAB).astype(np.float32) + shift
    pixels = cv2.cvtColor(np.clip(lab, 0, 255).astype(np.uint8), cv2.COLOR_LAB2BGR)
    if random.random() < 0.5:
        _mirror(image, pixels, piece, x, y, random)
    opacity = piece.opacity[..., None] * random.uniform(0.75, 1.0)
    here[:] = (here * (1 - opacity) + pixels * opacity).astype(np.uint8)


def _mirror(image: Image, pixels: Image, piece: Cutout, x: int, y: int, random: Generator) -> None:
    """What still water below the piece shows of it."""
    bottom = int(piece.box[3])
    depth = int((piece.box[3] - piece.box[1]) * random.uniform(0.4, 0.9))
    top = y + bottom
    depth = min(depth, image.shape[0] - top)
    if depth < 2:
        return
    source = slice(max(bottom - depth, 0), bottom)
    below = image[top : top + (source.stop - source.start), x : x + pixels.shape[1]]
    mirrored = cv2.GaussianBlur(pixels[source][::-1], (0, 0), 1.2)
    opacity = piece.opacity[source][::-1, :, None] * random.uniform(0.1, 0.45)
    below[:] = (below * (1 - opacity) + mirrored * opacity).astype(np.uint8)
