"""The scenes that the virtual cameras look at: an outfall in a wall, a boom in a village.

No photograph is in them: everything is drawn from a seed. Two times run: what drifts, falls and
ripples goes by the wall clock, so that it looks natural however fast the river's clock runs;
discharges and daylight go by the river's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import cv2
import numpy as np

from xunhe_tools.virtual_river import scene_bank as bank
from xunhe_tools.virtual_river.scene_float import Passing, Resting, Traffic, drawn_things
from xunhe_tools.virtual_river.scene_ground import HEIGHT, WIDTH, Ground
from xunhe_tools.virtual_river.scene_light import Light
from xunhe_tools.virtual_river.scene_litter import Rng
from xunhe_tools.virtual_river.scene_noise import Bgr, Gray
from xunhe_tools.virtual_river.scene_outfall import OutfallWater, outflow
from xunhe_tools.virtual_river.scene_water import Water
from xunhe_tools.virtual_river.script import Discharge

CURRENT_M_S = 0.6

WALL = Ground(horizon_y=57.0, px_per_m_row=0.2564, depth_px_m=4177.0)
VILLAGE = Ground(horizon_y=42.0, px_per_m_row=0.2654, depth_px_m=3768.0)
WALL_WATER_Y = 330
PIPE, PIPE_RADIUS = (430, 236), 40
_VILLAGE_FAR_Y = 196
_HALF_WIDTH_M = 4.5
BOOM = ((196, 470), (560, 560))


class Drift(Protocol):
    """What is carried along."""

    def at(self, time_s: float) -> Iterator[Passing]:
        """What is under way, the farthest first."""


@dataclass(slots=True)
class Scene:
    """Everything in front of one camera; `frame` is deterministic in its two times."""

    still: Bgr
    water: Water
    ground: Ground
    light: Light
    traffic: Drift
    resting: tuple[Resting, ...]
    outfall: OutfallWater | None
    discharges: tuple[Discharge, ...]

    def frame(self, time_s: float, river_s: float) -> Bgr:
        """The picture at a wall time and a river time in seconds, BGR uint8 (720, 1280, 3)."""
        frame = self.still.copy()
        self.water.paint(frame, time_s)
        if self.outfall is not None:
            self.outfall.paint(frame, outflow(self.discharges, CURRENT_M_S, river_s), time_s)
        for passing in self.traffic.at(time_s):
            passing.lay(frame, self.ground, time_s)
        for resting in self.resting:
            resting.lay(frame, self.ground, time_s)
        self.light.fall(frame, time_s, river_s)
        return frame


def outfall_scene(seed: int, discharges: Sequence[Discharge]) -> Scene:
    """A wall with a pipe, seen from the other bank; the river flows from left to right."""
    rng = np.random.default_rng((seed, 1))
    picture = bank.Still(rng)
    picture.sky(bank.mask_of([(0, 0), (WIDTH, 0), (WIDTH, 120), (0, 120)]))
    picture.leaves(bank.below(bank.ragged(rng, 52, 12, 60)), (46, 84, 66), 5)
    picture.leaves(bank.below([(0, 118), (WIDTH, 112)]), (72, 122, 98), 2.5)
    wall = bank.mask_of([(0, 150), (WIDTH, 144), (WIDTH, WALL_WATER_Y), (0, WALL_WATER_Y)])
    picture.concrete(wall, (150, 44), WALL_WATER_Y)
    _with(picture, lambda bgr: cv2.line(bgr, (0, 150), (WIDTH, 144), (178, 184, 186), 9))
    _with(picture, lambda bgr: bank.pipe(bgr, PIPE, PIPE_RADIUS))
    area = bank.mask_of([(0, WALL_WATER_Y), (WIDTH, WALL_WATER_Y), (WIDTH, HEIGHT), (0, HEIGHT)])
    picture.water(area, WALL_WATER_Y, (78, 96, 84))
    near = bank.mask_of([(0, 640), (170, 676), (330, HEIGHT), (0, HEIGHT)])
    picture.leaves(near, (58, 112, 92), 3)
    return Scene(
        still=picture.done(),
        water=_water(rng, WALL, picture, cv2.subtract(area, near), (840, 470), (CURRENT_M_S, 0)),
        ground=WALL,
        light=Light(rng),
        traffic=Traffic(
            seed=seed * 2 + 1,
            things=drawn_things(rng, 6),
            every_s=45.0,
            lasts_s=42.0,
            from_m=(-10.5, 7.2),
            to_m=(-10.5, 9.5),
            velocity_m_s=(CURRENT_M_S, 0.0),
        ),
        resting=(),
        outfall=OutfallWater(rng, WALL, PIPE, PIPE_RADIUS, WALL_WATER_Y, CURRENT_M_S),
        discharges=tuple(discharges),
    )


def village_scene(seed: int) -> Scene:
    """A village river from a bridge, looking upstream; it flows towards the camera."""
    rng = np.random.default_rng((seed, 2))
    picture = bank.Still(rng)
    picture.sky(bank.mask_of([(0, 0), (WIDTH, 0), (WIDTH, 160), (0, 160)]))
    picture.leaves(bank.below(bank.ragged(rng, 96, 16, 50)), (52, 92, 74), 5)
    picture.leaves(bank.below([(0, 178), (WIDTH, 178)]), (76, 128, 104), 2.5)
    for left, foot, width, height in ((60, 196, 150, 74), (250, 188, 110, 56), (930, 192, 170, 80)):
        _with(picture, partial(bank.house, left=left, foot=foot, width=width, height=height))
    left_wall = bank.mask_of([(0, 250), _edge(-5.4, 190), _edge(-4.5, 196), (0, _row_at(-4.5, 0))])
    picture.concrete(left_wall, (120, 30), 520)
    far = [_edge(-_HALF_WIDTH_M, _VILLAGE_FAR_Y), _edge(_HALF_WIDTH_M, _VILLAGE_FAR_Y)]
    sides = [(WIDTH, _row_at(_HALF_WIDTH_M, WIDTH)), (WIDTH, HEIGHT), (0, HEIGHT)]
    area = bank.mask_of([*far, *sides, (0, _row_at(-_HALF_WIDTH_M, 0))])
    picture.water(area, _VILLAGE_FAR_Y, (84, 100, 86))
    _with(picture, lambda bgr: bank.mat(rng, bgr, MAT, VILLAGE))
    _with(picture, lambda bgr: bank.boom(bgr, *BOOM, floats=13))
    mask = cv2.subtract(area, bank.mask_of(MAT))
    caught = drawn_things(rng, 6)
    return Scene(
        still=picture.done(),
        water=_water(rng, VILLAGE, picture, mask, (760, 360), (0, -CURRENT_M_S)),
        ground=VILLAGE,
        light=Light(rng),
        traffic=Traffic(
            seed=seed * 2,
            things=drawn_things(rng, 12),
            every_s=14.0,
            lasts_s=36.0,
            from_m=(0.4, 23.0),
            to_m=(3.0, 23.0),
            velocity_m_s=(0.0, -CURRENT_M_S),
        ),
        resting=tuple(
            Resting(thing, VILLAGE.metres(x, y), turn, phase)
            for thing, (x, y), turn, phase in zip(
                caught[:3],
                ((520, 520), (470, 440), (560, 545)),
                (8, -20, 30),
                (0, 2, 4),
                strict=True,
            )
        ),
        outfall=None,
        discharges=(),
    )


MAT: bank.Polygon = [
    (64, 474), (120, 424), (182, 372), (262, 350), (356, 366), (424, 420), (470, 470), (492, 530),
    (440, 522), (330, 496), (196, 466), (120, 470),
]  # fmt: skip


def _edge(x_m: float, y: float) -> tuple[float, float]:
    """The point of picture row y that lies `x_m` across."""
    return VILLAGE.centre_x + x_m * VILLAGE.px_per_m(y), y


def _row_at(x_m: float, x: float) -> float:
    """The row at which the line `x_m` across meets picture column x."""
    return VILLAGE.horizon_y + (x - VILLAGE.centre_x) / (x_m * VILLAGE.px_per_m_row)


def _with(picture: bank.Still, draw: Callable[[Bgr], object]) -> None:
    """Let OpenCV draw on the picture as it stands."""
    frame = picture.done()
    draw(frame)
    picture.bgr = frame.astype(np.float32)


def _water(
    rng: Rng,
    ground: Ground,
    picture: bank.Still,
    mask: np.ndarray,
    shine_at: tuple[int, int],
    current_m_s: tuple[float, float],
) -> Water:
    area: Gray = np.asarray(mask, np.uint8)
    glare = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.ellipse(glare, shine_at, (190, 60), -8, 0, 360, (150,), -1)
    soft = np.asarray(cv2.GaussianBlur(glare, (0, 0), 30), np.uint8)
    soft[soft < 4] = 0
    shine: Gray = np.minimum(soft, area)
    return Water(rng, ground, picture.done(), area, shine, current_m_s)
