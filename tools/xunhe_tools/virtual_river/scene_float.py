"""What drifts or rests on the water: where it is at a time, and how it is laid on the frame."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe_tools.virtual_river.scene_ground import HEIGHT, WIDTH, Ground
from xunhe_tools.virtual_river.scene_litter import KINDS, Rng, Sprite
from xunhe_tools.virtual_river.scene_noise import Bgr

_SMALLER = (1.0, 0.5, 0.25)
_MIRROR, _SHADOW = 0.34, 0.42  # opacity of the mirror image and of the shade around the water line
_OUT_PX = 140  # nothing is drawn further outside the frame than this


@dataclass(frozen=True, slots=True)
class Picture:
    """A sprite with its mirror image and shade, at one size; (0, 0) of the water is `foot_y`."""

    bgr: NDArray[np.float32]
    alpha: NDArray[np.float32]
    px_per_m: float
    foot_y: float


class Floating:
    """One thing, ready to be laid down at any distance and angle."""

    def __init__(self, sprite: Sprite) -> None:
        bgr, alpha, foot = _with_mirror(sprite)
        px_per_m = sprite.bgr.shape[1] / sprite.length_m
        self._sizes = [_shrunk(bgr, alpha, foot, px_per_m, share) for share in _SMALLER]

    def lay(self, frame: Bgr, ground: Ground, at_m: tuple[float, float], turn_deg: float) -> None:
        """Draw it onto `frame` with its foot at a point of the water."""
        x, y = ground.pixel(*at_m)
        if not (-_OUT_PX < x < WIDTH + _OUT_PX and -_OUT_PX < y < HEIGHT + _OUT_PX):
            return
        wanted = ground.px_per_m(y)
        picture = next((p for p in reversed(self._sizes) if p.px_per_m >= wanted), self._sizes[0])
        _lay(frame, picture, (x, y), wanted / picture.px_per_m, turn_deg)


@dataclass(frozen=True, slots=True)
class Passing:
    """A thing that enters at `enters_s` and goes with the current along a line of the water."""

    thing: Floating
    enters_s: float
    start_m: tuple[float, float]
    velocity_m_s: tuple[float, float]
    phase: float

    def at_m(self, time_s: float) -> tuple[float, float]:
        """Where it is; it strays a little from its line."""
        since = time_s - self.enters_s
        stray = 0.12 * math.sin(0.31 * since + self.phase)
        return (
            self.start_m[0] + self.velocity_m_s[0] * since + stray * (self.velocity_m_s[1] != 0),
            self.start_m[1] + self.velocity_m_s[1] * since + stray * (self.velocity_m_s[0] != 0),
        )

    def lay(self, frame: Bgr, ground: Ground, time_s: float) -> None:
        """Draw it where it is."""
        at_m = self.at_m(time_s)
        if at_m[1] > 1:  # behind the camera otherwise
            self.thing.lay(frame, ground, at_m, _rocking(time_s, self.phase))


@dataclass(frozen=True, slots=True)
class Traffic:
    """An endless stream of things, one about every `every_s` seconds, each `lasts_s` in view.

    `from_m` and `to_m` bound where they enter; which thing, where and when follows from its number.
    """

    seed: int
    things: tuple[Floating, ...]
    every_s: float
    lasts_s: float
    from_m: tuple[float, float]
    to_m: tuple[float, float]
    velocity_m_s: tuple[float, float]

    def at(self, time_s: float) -> Iterator[Passing]:
        """What is in view, the farthest first."""
        last = math.floor(time_s / self.every_s)
        first = math.floor((time_s - self.lasts_s) / self.every_s) - 1
        inside = (self._number(number) for number in range(first, last + 1))
        shown = [one for one in inside if 0 <= time_s - one.enters_s <= self.lasts_s]
        yield from sorted(shown, key=lambda one: -one.at_m(time_s)[1])

    def _number(self, number: int) -> Passing:
        rng = np.random.default_rng((self.seed, number % 2**32))
        share, speed = rng.uniform(), rng.uniform(0.92, 1.08)
        start = (
            self.from_m[0] + share * (self.to_m[0] - self.from_m[0]),
            self.from_m[1] + share * (self.to_m[1] - self.from_m[1]),
        )
        return Passing(
            self.things[int(rng.integers(len(self.things)))],
            (number + 0.35 * rng.uniform()) * self.every_s,
            start,
            (self.velocity_m_s[0] * speed, self.velocity_m_s[1] * speed),
            rng.uniform(0, 2 * math.pi),
        )


@dataclass(frozen=True, slots=True)
class Resting:
    """A thing caught somewhere: it only rocks."""

    thing: Floating
    at_m: tuple[float, float]
    turn_deg: float
    phase: float

    def lay(self, frame: Bgr, ground: Ground, time_s: float) -> None:
        """Draw it."""
        away = self.at_m[1] + 0.015 * math.sin(1.3 * time_s + self.phase)
        turn = self.turn_deg + 0.4 * _rocking(time_s, self.phase)
        self.thing.lay(frame, ground, (self.at_m[0], away), turn)


def drawn_things(rng: Rng, count: int) -> tuple[Floating, ...]:
    """So many things of every kind in turn."""
    return tuple(Floating(KINDS[i % len(KINDS)](rng)) for i in range(count))


def _rocking(time_s: float, phase: float) -> float:
    """Degrees, the wind and the waves together."""
    return 14 * math.sin(0.23 * time_s + phase) + 3 * math.sin(1.9 * time_s + 2 * phase)


def _with_mirror(sprite: Sprite) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    """The sprite above its water line, its dim mirror image below, shade around both."""
    height, width = sprite.alpha.shape
    foot = round(height * sprite.draught)
    bgr = np.zeros((2 * height, width, 3), np.float32)
    alpha = np.zeros((2 * height, width), np.float32)
    upside = sprite.bgr[:foot][::-1].astype(np.float32)
    below = alpha[foot : 2 * foot]
    fade = np.linspace(_MIRROR, 0.05, foot, dtype=np.float32)[:, None]
    below[:] = sprite.alpha[:foot][::-1] / np.float32(255) * fade
    bgr[foot : 2 * foot] = upside * 0.62
    _shade(bgr, alpha, foot, width)
    sunk = np.ones(height, np.float32)
    sunk[foot:] = np.linspace(0.75, 0.25, height - foot)
    solid = sprite.alpha.astype(np.float32) / 255 * sunk[:, None]
    top, top_alpha = bgr[:height], alpha[:height]
    top[:] = _over(sprite.bgr.astype(np.float32), solid, top, top_alpha)
    top_alpha[:] = solid + top_alpha * (1 - solid)
    return bgr, alpha, float(foot)


def _shade(bgr: NDArray[np.float32], alpha: NDArray[np.float32], foot: int, width: int) -> None:
    """A dark rim where the thing breaks the mirror of the sky."""
    shade = np.zeros(alpha.shape, np.uint8)
    centre = (width // 2, foot + foot // 10)
    cv2.ellipse(shade, centre, (int(width * 0.44), max(3, foot // 4)), 0, 0, 360, 255, -1)
    soft = cv2.GaussianBlur(shade, (0, 0), max(2.0, foot / 9)).astype(np.float32) / 255 * _SHADOW
    bgr[:] = _over(np.zeros_like(bgr) + 24, soft, bgr, alpha)
    alpha[:] = soft + alpha * (1 - soft)


def _over(
    above: NDArray[np.float32],
    above_alpha: NDArray[np.floating],
    below: NDArray[np.float32],
    below_alpha: NDArray[np.float32],
) -> NDArray[np.float32]:
    """The colour of one layer over another, neither premultiplied."""
    rest = below_alpha * (1 - above_alpha)
    total = np.maximum(above_alpha + rest, 1e-6)[..., None]
    mixed = above * above_alpha[..., None] + below * rest[..., None]
    return np.asarray(mixed / total, np.float32)


def _shrunk(
    bgr: NDArray[np.float32],
    alpha: NDArray[np.float32],
    foot: float,
    px_per_m: float,
    share: float,
) -> Picture:
    size = (max(2, round(alpha.shape[1] * share)), max(2, round(alpha.shape[0] * share)))
    small, thin = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (bgr, alpha))
    return Picture(
        np.asarray(small, np.float32), np.asarray(thin, np.float32), px_per_m * share, foot * share
    )


def _lay(
    frame: Bgr, picture: Picture, at_px: tuple[float, float], scale: float, turn_deg: float
) -> None:
    """Turn and shrink into the smallest part of the frame that holds it."""
    height, width = picture.alpha.shape
    reach = int(math.hypot(width, height) * scale / 2) + 3
    # The foot is the pivot; the drawing reaches as far below it as above.
    left, top = int(at_px[0]) - reach, int(at_px[1]) - reach
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(WIDTH, left + 2 * reach), min(HEIGHT, top + 2 * reach)
    if x0 >= x1 or y0 >= y1:
        return
    matrix = cv2.getRotationMatrix2D((width / 2, picture.foot_y), turn_deg, scale)
    matrix[:, 2] += np.array(at_px) - (width / 2, picture.foot_y) - (x0, y0)
    size = (x1 - x0, y1 - y0)
    alpha = cv2.warpAffine(picture.alpha, matrix, size)[..., None]
    colour = cv2.warpAffine(picture.bgr, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    part = frame[y0:y1, x0:x1]
    part[:] = (part + (colour - part) * alpha).astype(np.uint8)
