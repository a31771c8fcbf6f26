"""A river drawn by arithmetic, and a detector with known answers that really looks at it.

Upper 40 %: a bank with edges. Below: water with ripples. Things are rectangles of their own
colours, which the fake detector finds by hue, so that light does to it what it does to a real one.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from types import SimpleNamespace
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe.domain.sight import Phase, Sight, SightKind
from xunhe.domain.zones import Zones
from xunhe.settings import VisionSettings
from xunhe.vision.eyes import Eyes
from xunhe.vision.memory import Memory
from xunhe.vision.pipeline import CameraPipeline
from xunhe.vision.view import View
from xunhe_models.boxes import Detections

Image = NDArray[np.uint8]

LITTER = (30, 40, 210)
MAT = (40, 170, 60)
WATER = {"water": [{"name": "河", "polygon": [[0, 0.4], [1, 0.4], [1, 1], [0, 1]]}]}
SETTINGS = VisionSettings()


@dataclass(frozen=True)
class Thing:
    """A rectangle on the water: place and size in pixels, speed in pixels a second."""

    x: float
    y: float
    width: float = 14
    height: float = 10
    speed: tuple[float, float] = (0.0, 0.0)
    since_s: float = 0.0
    until_s: float = float("inf")
    hidden_s: tuple[float, float] = (0.0, 0.0)  # from, until: behind a wave
    colour: tuple[int, int, int] = LITTER

    def box(self, time_s: float) -> tuple[int, int, int, int] | None:
        """Where it is, None where it is not."""
        if not self.since_s <= time_s < self.until_s:
            return None
        if self.hidden_s[0] <= time_s < self.hidden_s[1]:
            return None
        x = self.x + self.speed[0] * (time_s - self.since_s)
        y = self.y + self.speed[1] * (time_s - self.since_s)
        return round(x), round(y), round(x + self.width), round(y + self.height)


@dataclass
class River:
    """`light` gives the gain at a time, `shift` how far the camera was turned, in pixels."""

    things: tuple[Thing, ...] = ()
    width: int = 320
    height: int = 180
    ripple: float = 3.0
    glare: int = 0
    rain: int = 0
    light: Callable[[float], float] = field(default=lambda time_s: 1.0)
    shift: Callable[[float], int] = field(default=lambda time_s: 0)
    cover: Callable[[float], bool] = field(default=lambda time_s: False)
    grey: Callable[[float], bool] = field(default=lambda time_s: False)

    @cached_property
    def _ground(self) -> NDArray[np.float32]:
        rng = np.random.default_rng(7)
        wide, top = 2 * self.width, int(0.4 * self.height)
        picture = np.empty((self.height, wide, 3), np.float32)
        picture[:] = (105, 120, 100)
        picture[:top] = (70, 110, 120)
        for _ in range(60):
            x, y = int(rng.integers(0, wide)), int(rng.integers(0, top))
            w, h = int(rng.integers(6, 30)), int(rng.integers(5, 20))
            picture[y : min(y + h, top), x : x + w] *= rng.uniform(0.4, 1.7)
        picture[top:] += np.linspace(0, 30, self.height - top, dtype=np.float32)[:, None, None]
        return picture

    @cached_property
    def _waves(self) -> list[Image]:
        """The river at 16 phases of its ripples, sensor noise included, twice as wide as shown."""
        rng, made = np.random.default_rng(8), []
        top = int(0.4 * self.height)
        rows, columns = np.mgrid[top : self.height, 0 : 2 * self.width].astype(np.float32)
        for phase in np.arange(16) * np.pi / 8:
            frame = self._ground.copy()
            wave = np.sin(rows * 0.9 + phase) * np.sin(columns * 0.13 + phase)
            frame[top:] += (self.ripple * wave)[:, :, None]
            frame += rng.normal(0, 1.5, (*frame.shape[:2], 1)).astype(np.float32)
            made.append(np.clip(frame, 0, 255).astype(np.uint8))
        return made

    def picture(self, time_s: float) -> Image:
        """The frame at a time, BGR uint8 (height, width, 3); the same time gives the same."""
        rng = np.random.default_rng(round(time_s * 1000) & 0x7FFFFFFF)
        shift, waves = self.shift(time_s), self._waves[int(rng.integers(16))]
        frame = waves[:, shift : shift + self.width].copy()
        self._draw_things(frame, time_s)
        self._draw_weather(frame, rng, int(0.4 * self.height))
        if self.cover(time_s):
            frame = np.full_like(frame, 90) + (waves[:, : self.width] & 1)
        if (gain := self.light(time_s)) != 1.0:
            frame = np.asarray(cv2.convertScaleAbs(frame, alpha=gain, beta=0), np.uint8)
        if self.grey(time_s):
            frame = np.repeat(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)[:, :, None], 3, axis=2)
        return frame

    def _draw_things(self, frame: Image, time_s: float) -> None:
        for thing in self.things:
            if (box := thing.box(time_s)) is None:
                continue
            x0, y0, x1, y1 = box
            x0, y0 = max(x0, 0), max(y0, 0)
            if x1 > x0 and y1 > y0:
                frame[y0:y1, x0:x1] = thing.colour
                # It has a look of its own.
                frame[y0 : (y0 + y1) // 2, x0 : (x0 + x1) // 2] = np.array(thing.colour) * 0.7

    def _draw_weather(self, frame: Image, rng: np.random.Generator, top: int) -> None:
        spots = np.random.default_rng(3)
        for _ in range(self.glare):
            x = int(spots.integers(0, self.width - 8))
            y = int(spots.integers(top, self.height - 6))
            if rng.random() < 0.25:
                frame[y : y + 5, x : x + 7] = 250
        for _ in range(self.rain):
            x, y = int(rng.integers(0, self.width)), int(rng.integers(0, self.height - 14))
            frame[y : y + 14, x] += 45

    def view(self, time_s: float) -> View:
        """The frame as the pipeline gets it."""
        made = self.picture(time_s)
        scale = min(1.0, 480 / self.width)
        small = cv2.resize(made, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        luma = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
        return View(time_s, luma, lambda: made, is_key=True)

    def views(self, until_s: float, every_s: float = 0.2, from_s: float = 0.0) -> Iterator[View]:
        """The frames of a stretch of time."""
        for i in range(round((until_s - from_s) / every_s)):
            yield self.view(from_s + i * every_s)


class HueDetector:
    """Finds what has the colours of litter and mats; what glares white may pass for litter."""

    tile, size, nms_iou = 416, 416, 0.5
    classes = ("litter", "vegetation_mat")
    thresholds = (0.7, 0.6)
    whole_only = frozenset({1})

    def __init__(self, score: float = 0.8, glare_score: float = 0.0) -> None:
        self.score, self.glare_score, self.calls = score, glare_score, 0

    def detect(self, bgr: Image) -> Detections:
        """Boxes of connected places of a colour."""
        self.calls += 1
        blue, green, red = (bgr[:, :, i].astype(np.int16) for i in range(3))
        bright = bgr.max(axis=2) > 60
        rows = list(_boxes(bright & (red > 2 * blue) & (red > 2 * green), self.score, 0))
        rows += _boxes(bright & (green > 1.8 * blue) & (green > 1.8 * red), self.score, 1)
        if self.glare_score:
            rows += _boxes(bgr.min(axis=2) > 225, self.glare_score, 0)
        if not rows:
            return Detections.none()
        table = np.array(rows, np.float32)
        return Detections(table[:, :4], table[:, 4], table[:, 5].astype(np.int64))


def _boxes(
    where: NDArray[np.bool_], score: float, label: int
) -> Iterator[tuple[float, float, float, float, float, int]]:
    count, _, stats, _ = cv2.connectedComponentsWithStats(where.astype(np.uint8))
    for x, y, width, height, area in stats[1:count].tolist():
        if area >= 12:
            yield (x, y, x + width, y + height, score, label)


def eyes(detector: HueDetector | None = None) -> Eyes:
    """Eyes with a fake detector and no discharge model."""
    return cast(Eyes, SimpleNamespace(detector=detector or HueDetector(), finder=None, sha256={}))


def pipeline(
    zones: Any = None,
    detector: HueDetector | None = None,
    memory: Memory | None = None,
    settings: VisionSettings = SETTINGS,
) -> CameraPipeline:
    """A pipeline on the river's zones."""
    return CameraPipeline("C1", Zones.parse(zones or WATER), eyes(detector), settings, memory)


def watch(camera: CameraPipeline, views: Iterable[View]) -> list[Sight]:
    """All sights of these views."""
    return [sight for view in views for sight in camera.see(view)]


def phases(sights: Iterable[Sight], kind: SightKind | None = None) -> list[Phase]:
    """The phases, of one kind where it is given."""
    return [sight.phase for sight in sights if kind is None or sight.kind is kind]
