"""Finds number plates by their colour, shape and row of characters; no network.

Chinese plates: blue with white characters (440 × 140 mm), green that fades to white (new energy,
480 × 140 mm), yellow with black ones; GA 36-2018. White and black plates are not looked for: too
many other things are white. A plate needs a filled four-sided patch of one of the colours, seen at
a plate's proportions, across whose middle light and dark take turns as often as characters do.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Corners = NDArray[np.float32]

# Hue 0..180, saturation and value 0..255, from and to. Generous: dusk, haze, cameras of all kinds.
_COLOURS = {
    "blue": ((98, 70, 35), (130, 255, 255)),
    "green": ((38, 40, 60), (95, 255, 255)),
    "yellow": ((14, 90, 70), (36, 255, 255)),
}
_LEAST_HEIGHT_PX = 6
_MOST_SHARE = 0.25  # of the picture's width: nearer plates fill no river camera
_ASPECTS = (1.6, 6.0)  # 3.1 to 3.4 from the front; oblique ones are narrower
# Of its straight frame. Drawn plates: 0.81 and more; leaves and water of 12 rivers: 0.71 at most.
_LEAST_FILL = 0.74
_TURNS = (7, 34)  # of light and dark along the middle, seven characters of one to three strokes
_STEP = 14.0  # of brightness that counts as a turn
_FLAT = (96, 28)  # pixels to which a candidate is flattened


def find_plates(bgr: Picture) -> Corners:
    """Upright boxes (N, 4) in pixels of `bgr` (H, W, 3)."""
    hsv = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2HSV), np.uint8)
    grey = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), np.uint8)
    boxes = [box for low, high in _COLOURS.values() for box in _of_colour(hsv, grey, low, high)]
    return np.array(boxes, np.float32).reshape(-1, 4)


def _of_colour(
    hsv: Picture, grey: Picture, low: tuple[int, int, int], high: tuple[int, int, int]
) -> Iterator[tuple[float, float, float, float]]:
    mask = cv2.inRange(hsv, np.array(low), np.array(high))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 5), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for found in contours:
        contour = np.asarray(found, np.int32)
        if not _may_be_one(contour, hsv.shape[1]):
            continue
        corners = np.asarray(cv2.boxPoints(cv2.minAreaRect(contour)), np.float32)
        if _has_characters(_flat(grey, corners)):
            (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
            yield float(x0), float(y0), float(x1), float(y1)


def _may_be_one(contour: NDArray[np.int32], picture_width: int) -> bool:
    """Size, proportions and fill; the cheap questions first."""
    _, _, width, height = cv2.boundingRect(contour)
    if height < _LEAST_HEIGHT_PX or width < 2 * _LEAST_HEIGHT_PX:
        return False
    if width > _MOST_SHARE * picture_width:
        return False
    _, sides, _ = cv2.minAreaRect(contour)
    longer, shorter = max(sides), max(min(sides), 1.0)
    filled = cv2.contourArea(contour) / (longer * shorter)
    return _ASPECTS[0] <= longer / shorter <= _ASPECTS[1] and filled >= _LEAST_FILL


def _flat(grey: Picture, corners: NDArray[np.float32]) -> Picture:
    """The candidate, its longer side lying: uint8 of _FLAT."""
    ordered = corners[np.argsort(corners[:, 0])]
    left = ordered[:2][np.argsort(ordered[:2, 1])]
    right = ordered[2:][np.argsort(ordered[2:, 1])]
    quad = np.array((left[0], right[0], right[1], left[1]), np.float32)
    width, height = _FLAT
    goal = np.array(((0, 0), (width, 0), (width, height), (0, height)), np.float32)
    flat = cv2.warpPerspective(grey, cv2.getPerspectiveTransform(quad, goal), _FLAT)
    return np.asarray(flat, np.uint8)


def _has_characters(flat: Picture) -> bool:
    middle = flat[_FLAT[1] // 4 : -_FLAT[1] // 4]
    turns = np.median([_turns(row.astype(np.float32)) for row in middle[::2]])
    return bool(_TURNS[0] <= turns <= _TURNS[1])


def _turns(row: NDArray[np.float32]) -> int:
    """How often brightness rises and falls by a step; small ripples do not count."""
    turns, last, direction = 0, float(row[0]), 0
    for value in row.tolist():
        if (direction >= 0 and value > last) or (direction <= 0 and value < last):
            if direction:
                last = value
            elif abs(value - last) >= _STEP:
                direction, last, turns = (1 if value > last else -1), value, turns + 1
        elif abs(value - last) >= _STEP:
            direction, last, turns = -direction, value, turns + 1
    return turns
