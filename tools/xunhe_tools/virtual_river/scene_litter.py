"""Things that float, drawn: bottles, bags, boxes, cans. RGBA-like sprites with soft edges.

A sprite is BGR uint8 (H, W, 3) and alpha uint8 (H, W), drawn three times as large as it will be
seen, lying along x, lit from the upper left. Its water line is at `draught` of its height.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe_tools.virtual_river.scene_noise import Bgr, Gray, rough

Rng = np.random.Generator
Colour = tuple[int, int, int]
_PIXELS_PER_M = 480  # of a sprite, before it is shrunk to its place
_ROOM = 12  # transparent pixels all round


@dataclass(frozen=True, slots=True)
class Sprite:
    """A drawn thing; `length_m` is its width on the water."""

    bgr: Bgr
    alpha: Gray
    length_m: float
    draught: float


class _Canvas:
    """Shapes in whole pixels, anti-aliased, with shading added at the end."""

    def __init__(self, length_m: float, height_m: float) -> None:
        self.width, self.height = (
            round(metres * _PIXELS_PER_M) + 2 * _ROOM for metres in (length_m, height_m)
        )
        self.bgr = np.zeros((self.height, self.width, 3), np.uint8)
        self.alpha = np.zeros((self.height, self.width), np.uint8)

    def polygon(self, points: NDArray[np.float64], colour: Colour, opaque: int = 255) -> None:
        """`points` (N, 2) in shares of the drawing, 0..1."""
        inner = np.array([self.width - 2 * _ROOM, self.height - 2 * _ROOM])
        corners = np.round(points * inner + _ROOM).astype(np.int32)
        cv2.fillPoly(self.bgr, [corners], colour, cv2.LINE_AA)
        cv2.fillPoly(self.alpha, [corners], (opaque,), cv2.LINE_AA)

    def shade(self, light: NDArray[np.float32]) -> None:
        """Multiply the colours by (H, W)."""
        lit = self.bgr.astype(np.float32) * light[..., None]
        self.bgr = np.clip(lit, 0, 255).astype(np.uint8)

    def glow(self, mask: Gray, strength: float) -> None:
        """Add white where `mask` (H, W) is set: a highlight."""
        white = mask.astype(np.float32)[..., None] * np.float32(strength)
        self.bgr = np.clip(self.bgr.astype(np.float32) + white, 0, 255).astype(np.uint8)

    def sprite(self, draught: float) -> Sprite:
        alpha = cv2.GaussianBlur(self.alpha, (0, 0), 1.6)
        length_m = self.width / _PIXELS_PER_M
        return Sprite(self.bgr, np.asarray(alpha, np.uint8), length_m, draught)


def _rows(canvas: _Canvas) -> NDArray[np.float32]:
    """(H, W): 0 at the top of the drawing, 1 at its bottom."""
    column = np.linspace(0, 1, canvas.height, dtype=np.float32)
    return np.repeat(column[:, None], canvas.width, axis=1)


def _round_light(canvas: _Canvas) -> NDArray[np.float32]:
    """The light on a lying cylinder: bright above the middle, dark at the water."""
    rows = _rows(canvas)
    return np.asarray(0.55 + 0.7 * np.exp(-(((rows - 0.32) / 0.3) ** 2)), np.float32)


def _profile(stations: list[tuple[float, float]]) -> NDArray[np.float64]:
    """A closed outline (2N, 2) from (x, half height) pairs along the axis at y = 0.5."""
    upper = [(x, 0.5 - half) for x, half in stations]
    lower = [(x, 0.5 + half) for x, half in reversed(stations)]
    return np.array(upper + lower)


def bottle(rng: Rng) -> Sprite:
    """A drink bottle with cap and label, 0.4 m: clear, green or blue."""
    canvas = _Canvas(rng.uniform(0.38, 0.46), rng.uniform(0.125, 0.145))
    body: Colour = [(226, 222, 200), (168, 204, 150), (226, 190, 140)][int(rng.integers(3))]
    outline = [(0.0, 0.36), (0.03, 0.46), (0.22, 0.48), (0.26, 0.45), (0.6, 0.45), (0.66, 0.48)]
    outline += [(0.72, 0.46), (0.82, 0.26), (0.88, 0.15), (0.93, 0.15)]
    canvas.polygon(_profile(outline), body, 235)
    label: Colour = [(60, 50, 205), (190, 90, 30), (40, 150, 60), (40, 170, 235)][
        int(rng.integers(4))
    ]
    canvas.polygon(_profile([(0.27, 0.45), (0.58, 0.45)]), label)
    canvas.polygon(_profile([(0.36, 0.2), (0.5, 0.2)]), (238, 240, 240))
    for x in (0.08, 0.14, 0.2, 0.63, 0.69):  # ribs
        canvas.polygon(_profile([(x, 0.45), (x + 0.012, 0.45)]), _darker(body))
    cap: Colour = [(200, 80, 30), (40, 40, 210), (245, 245, 245)][int(rng.integers(3))]
    canvas.polygon(_profile([(0.91, 0.19), (1.0, 0.19)]), cap)
    canvas.shade(_round_light(canvas))
    shine = np.zeros_like(canvas.alpha)
    h, w = shine.shape
    cv2.ellipse(shine, (int(w * 0.4), int(h * 0.3)), (int(w * 0.3), 4), 0, 0, 360, 255, -1)
    cv2.ellipse(shine, (int(w * 0.78), int(h * 0.38)), (int(w * 0.05), 4), 0, 0, 360, 255, -1)
    canvas.glow(np.asarray(cv2.GaussianBlur(shine, (0, 0), 2.5), np.uint8), 0.8)
    return canvas.sprite(0.72)


def bag(rng: Rng) -> Sprite:
    """A blown-up carrier bag, 0.5 m: folds, handles, a knot."""
    canvas = _Canvas(rng.uniform(0.42, 0.55), rng.uniform(0.24, 0.32))
    plastic: Colour = [(238, 238, 236), (70, 60, 205), (215, 150, 70), (236, 236, 240)][
        int(rng.integers(4))
    ]
    angles = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    radius = 0.44 + 0.045 * np.sin(3 * angles + rng.uniform(0, 6)) + rng.normal(0, 0.014, 36)
    points = 0.5 + np.column_stack([np.cos(angles), np.sin(angles)]) * radius[:, None]
    canvas.polygon(np.clip(points, 0, 1), plastic, 246)
    for side in (0.72, 0.84):  # handles, limp
        ear = np.array([(side, 0.3), (side + 0.1, 0.05), (side + 0.15, 0.12), (side + 0.07, 0.4)])
        canvas.polygon(ear, plastic, 240)
    folds = rough(rng, canvas.width, canvas.height, 12)
    creases = np.abs(rough(rng, canvas.width, canvas.height, 20))
    lit = 1.08 - 0.42 * _rows(canvas) + 0.06 * folds - 0.26 * np.exp(-((creases / 0.14) ** 2))
    canvas.shade(lit.astype(np.float32))
    bright = (np.clip(creases - 1.3, 0, 1) * 255).astype(np.uint8)
    canvas.glow(np.asarray(cv2.bitwise_and(bright, canvas.alpha), np.uint8), 0.3)
    return canvas.sprite(0.8)


def box(rng: Rng) -> Sprite:
    """A foam box, 0.5 m: a light lid, a shaded front, chipped corners."""
    canvas = _Canvas(rng.uniform(0.44, 0.56), rng.uniform(0.27, 0.33))
    foam: Colour = (240, 242, 240)
    lid = np.array([(0.0, 0.36), (0.24, 0.02), (1.0, 0.06), (0.8, 0.42)])
    front = np.array([(0.0, 0.36), (0.8, 0.42), (0.78, 1.0), (0.03, 0.92)])
    side = np.array([(0.8, 0.42), (1.0, 0.06), (0.97, 0.62), (0.78, 1.0)])
    canvas.polygon(front, (206, 208, 204))
    canvas.polygon(side, (160, 164, 162))
    canvas.polygon(lid, foam)
    inner = np.array([(0.12, 0.31), (0.28, 0.09), (0.88, 0.12), (0.74, 0.35)])
    canvas.polygon(inner, (222, 224, 222))
    band: Colour = [(190, 110, 40), (60, 60, 190), (80, 150, 70)][int(rng.integers(3))]
    canvas.polygon(np.array([(0.01, 0.55), (0.79, 0.62), (0.79, 0.7), (0.01, 0.63)]), band)
    grain = 1 + 0.03 * rough(rng, canvas.width, canvas.height, 3)
    canvas.shade(grain.astype(np.float32))
    return canvas.sprite(0.85)


def can(rng: Rng) -> Sprite:
    """A drink can, 0.2 m as drawn: a metal lid and a printed wall."""
    canvas = _Canvas(0.24, 0.125)
    print_: Colour = [(40, 40, 200), (60, 140, 40), (200, 110, 30)][int(rng.integers(3))]
    canvas.polygon(_profile([(0.0, 0.4), (0.05, 0.48), (0.92, 0.48), (0.97, 0.4)]), print_)
    canvas.polygon(_profile([(0.0, 0.4), (0.05, 0.48), (0.09, 0.48)]), (200, 202, 204))
    canvas.polygon(_profile([(0.9, 0.48), (0.95, 0.46), (1.0, 0.36)]), (214, 216, 218))
    canvas.polygon(_profile([(0.35, 0.26), (0.65, 0.2)]), (235, 238, 240))
    canvas.shade(_round_light(canvas))
    return canvas.sprite(0.75)


def jug(rng: Rng) -> Sprite:
    """A canister with a handle, 0.45 m: white, yellow or blue plastic."""
    canvas = _Canvas(rng.uniform(0.4, 0.46), rng.uniform(0.22, 0.26))
    plastic: Colour = [(232, 234, 230), (50, 190, 235), (205, 120, 40)][int(rng.integers(3))]
    outline = [(0.0, 0.38), (0.05, 0.46), (0.6, 0.47), (0.74, 0.36), (0.86, 0.2), (0.92, 0.18)]
    canvas.polygon(_profile(outline), plastic)
    canvas.polygon(_profile([(0.9, 0.22), (1.0, 0.22)]), (60, 60, 200))
    canvas.polygon(np.array([(0.5, 0.2), (0.72, 0.3), (0.66, 0.42), (0.5, 0.36)]), (70, 74, 60))
    canvas.polygon(
        np.array([(0.12, 0.35), (0.42, 0.35), (0.42, 0.72), (0.12, 0.72)]), (70, 80, 190)
    )
    canvas.shade(_round_light(canvas))
    return canvas.sprite(0.78)


def _darker(colour: Colour) -> Colour:
    return (colour[0] * 3 // 4, colour[1] * 3 // 4, colour[2] * 3 // 4)


KINDS: tuple[Callable[[Rng], Sprite], ...] = (bottle, bag, box, jug, bottle, box)
