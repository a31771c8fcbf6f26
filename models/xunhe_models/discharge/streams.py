"""What an outfall brings, moving over T frames: jets, splashes, foam, coloured plumes, sheen.

A layer is an `alpha` (T, H, W) and a `colour` (T, H, W, 3), both float32; it lies on a scene.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe_models.discharge.scenery import Grid, Mouth, step
from xunhe_models.discharge.textures import Field, Tiles, sampled

Times = NDArray[np.float64]

_CLEAR = (226, 222, 214)
_WATERS = ((150, 176, 192), (128, 140, 144), (92, 118, 138), (176, 188, 190), (60, 66, 70))
_DYES = ((60, 50, 190), (40, 40, 40), (190, 110, 40), (60, 160, 60), (40, 120, 210), (170, 60, 150))
_PLAIN = 40.0  # grey levels of difference that nobody overlooks
_MILK = (214, 218, 220)


@dataclass(frozen=True, slots=True)
class Layer:
    """Something that moves: `alpha` (T, H, W) 0..1 and `colour` (T, H, W, 3), BGR 0..255."""

    alpha: Field
    colour: Field

    def on(self, scene: Field) -> Field:
        """Laid on a scene (T, H, W, 3)."""
        alpha = self.alpha[..., None]
        return np.asarray(scene * (1 - alpha) + self.colour * alpha, np.float32)

    def within(self, mask: Field) -> "Layer":
        """Cut to a mask (H, W)."""
        return Layer(self.alpha * mask, self.colour)

    def seen_on(self, scene: Field) -> Field:
        """How much it shows there, (H, W) 0..1: clear water before a pale wall is not seen."""
        change = np.abs(self.colour - scene).max(axis=3) * self.alpha
        return np.asarray(np.clip(change.mean(axis=0) / _PLAIN, 0, 1), np.float32)


@dataclass(frozen=True, slots=True)
class Jet:
    """The way of falling water, from the lip to its foot.

    `half` is half its width at the lip, `spread` how much wider it is at the foot, `drift` how far
    it goes sideways, `wander` how far it strays on a rough wall; `speed` in pixels a second;
    `steady` 0..1 is how little it flickers.
    """

    x: float
    top_y: float
    foot_y: float
    half: float
    spread: float
    drift: float
    speed: float
    steady: float
    strength: float
    water: tuple[float, float, float]
    wander: float = 0.0

    @property
    def foot_x(self) -> float:
        """Where it meets the river."""
        return self.x + self.drift

    @classmethod
    def drawn(cls, rng: np.random.Generator, mouth: Mouth, trickle: bool) -> "Jet":
        """A jet that fills much of the mouth, or a trickle from its lowest point."""
        share = rng.uniform(0.08, 0.25) if trickle else rng.uniform(0.3, 1.0)
        half = max(0.8 if trickle else 1.6, max(mouth.rx, 0.6 * mouth.ry) * share)
        fall = max(2.0, mouth.water_y - mouth.lip_y)
        drift = fall * rng.normal(0, 0.8 if rng.random() < 0.2 else 0.2)
        if mouth.side:  # a pipe seen from its side throws the water away from itself
            drift = -mouth.side * fall * abs(rng.normal(0, 0.3 if trickle else 0.7))
        clear = rng.random() < 0.75
        water = _CLEAR if clear else _WATERS[int(rng.integers(len(_WATERS)))]
        return cls(
            x=mouth.x + rng.uniform(-0.5, 0.5) * max(0.0, mouth.rx - half),
            top_y=mouth.lip_y - mouth.ry * rng.uniform(0, 0.35),
            foot_y=mouth.lip_y + fall,
            half=half,
            spread=rng.uniform(-0.25, 0.9),
            drift=float(drift),
            speed=rng.uniform(40, 500),
            steady=float(rng.beta(1.5, 1.5)),
            strength=rng.uniform(0.5, 0.95) if trickle else rng.uniform(0.7, 1.0),
            water=(float(water[0]), float(water[1]), float(water[2])),
            wander=mouth.rx * rng.uniform(0, 0.8) if trickle and rng.random() < 0.6 else 0.0,
        )


def falling(rng: np.random.Generator, tiles: Tiles, grid: Grid, jet: Jet, times: Times) -> Layer:
    """The jet in the air: streaks along its way, whiter and more broken towards the foot."""
    length = max(1.0, jet.foot_y - jet.top_y)
    s = np.clip((grid.y - jet.top_y) / length, 0, 1)
    way = grid.x - (jet.x + jet.drift * np.sqrt(s))
    if jet.wander:
        bends = sampled(tiles.one_of(rng, tiles.cloudy), np.zeros_like(grid.y), grid.y) - 0.5
        way = way - bends * jet.wander * np.sqrt(s)
    half = jet.half * (1 + jet.spread * s)
    streaks, breaks = tiles.one_of(rng, tiles.streaky), tiles.one_of(rng, tiles.white)
    fixed = sampled(streaks, way * rng.uniform(1.5, 5), grid.y * 0.5)
    ends = step(grid.y - jet.top_y) * step(jet.foot_y - grid.y, 1.5)
    ragged, whiten = rng.uniform(0.1, 0.7), rng.uniform(0, 0.8)
    dull = rng.uniform(0.5, 0.85)
    grain = rng.uniform(1, 3)
    alphas, tones = [], []
    for time_s in times:
        along = grid.y * 0.6 - jet.speed * time_s
        moving = sampled(breaks, way * grain, along * grain)
        texture = jet.steady * fixed + (1 - jet.steady) * moving
        edge = half * (1 - ragged * s * (1 - texture)) - np.abs(way)
        alphas.append(step(edge) * ends * jet.strength * (0.6 + 0.4 * texture))
        tones.append(dull + 0.5 * texture + whiten * s * (texture - 0.3))
    return Layer(_stacked(alphas), _toned(tones, jet.water))


def splash(rng: np.random.Generator, tiles: Tiles, grid: Grid, jet: Jet, times: Times) -> Layer:
    """The boil at the foot: white clumps, thrown anew at every moment."""
    reach = jet.half * (1 + jet.spread) * rng.uniform(1.2, 3.2)
    flat = rng.uniform(0.3, 1.1)
    u, v = (
        (grid.x - jet.foot_x) / reach,
        (grid.y - jet.foot_y - reach * flat * 0.5) / (reach * flat),
    )
    near = np.clip(1.25 - np.hypot(u, v), 0, 1) * step(grid.y - jet.foot_y + reach * 0.25, 2)
    first, second = tiles.one_of(rng, tiles.white), tiles.one_of(rng, tiles.white)
    grain, level = rng.uniform(1.2, 4) * 14 / max(reach, 8), rng.uniform(0.25, 0.7)
    rest = sampled(second, grid.x * grain, grid.y * grain)
    alphas, tones = [], []
    for time_s in times:
        a = sampled(first, grid.x * grain + 90 * time_s, grid.y * grain - jet.speed * time_s)
        b = sampled(second, grid.x * grain - 60 * time_s, grid.y * grain + 40 * time_s)
        clumps = (1 - jet.steady) * (a + b) / 2 + jet.steady * rest
        alphas.append(near**0.7 * step(clumps - level + 0.25 * near, 0.12) * jet.strength)
        tones.append(0.6 + 0.55 * clumps)
    return Layer(_stacked(alphas), _toned(tones, jet.water, towards_white=0.6))


@dataclass(frozen=True, slots=True)
class Trail:
    """Where the outfall's water goes in the river: from (x, y) along `angle`, wider by `opening`.

    `angle` in radians from +x towards +y; `length`, `half` in pixels, `speed` in pixels a second;
    `bend` is how far the river has carried it aside at `length`, by `length`.
    """

    x: float
    y: float
    angle: float
    half: float
    opening: float
    length: float
    speed: float
    bend: float = 0.0

    @classmethod
    def shot(cls, rng: np.random.Generator, mouth: Mouth) -> "Trail":
        """From a gate out into the river, where the current bends it."""
        half = max(2.0, mouth.rx * rng.uniform(0.5, 1.0))
        return cls(
            x=mouth.x,
            y=mouth.lip_y - mouth.ry * rng.uniform(0, 0.3),
            angle=np.pi / 2 + rng.normal(0, 0.35),
            half=half,
            opening=rng.uniform(-0.05, 0.5),
            length=half * rng.uniform(2.5, 9),
            speed=rng.uniform(20, 250),
            bend=rng.normal(0, 0.45),
        )

    def after(self, rng: np.random.Generator) -> "Trail":
        """What drifts on from its end with the current."""
        reach = 0.8 * self.length
        aside = self.bend * reach * 0.8
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        return Trail(
            x=self.x + reach * cos - aside * sin,
            y=self.y + reach * sin + aside * cos,
            angle=self.angle + float(np.arctan(1.6 * self.bend)),
            half=self.half * rng.uniform(0.3, 0.9),
            opening=rng.uniform(0, 0.15),
            length=self.length * rng.uniform(1, 5),
            speed=self.speed * rng.uniform(0.2, 0.6),
            bend=rng.normal(0, 0.15),
        )

    @classmethod
    def drawn(cls, rng: np.random.Generator, x: float, y: float, half: float) -> "Trail":
        """Mostly across the picture, a little downwards."""
        across = rng.uniform(-0.1, 0.7)
        return cls(
            x=x,
            y=y,
            angle=across if rng.random() < 0.5 else float(np.pi - across),
            half=half * rng.uniform(0.3, 1.3),
            opening=rng.uniform(0.0, 0.35),
            length=half * rng.uniform(6, 30),
            speed=rng.uniform(4, 60),
        )

    def along(self, grid: Grid) -> tuple[Field, Field]:
        """Distances along and across the way, (H, W) each."""
        dx, dy = grid.x - self.x, grid.y - self.y
        cos, sin = np.float32(np.cos(self.angle)), np.float32(np.sin(self.angle))
        along, across = dx * cos + dy * sin, dy * cos - dx * sin
        if self.bend:
            across = across - np.float32(self.bend / self.length) * np.clip(along, 0, None) ** 2
        return along, across

    def cover(self, grid: Grid, ragged: Field) -> Field:
        """How much of the outfall's water is where, 0..1, thinner with distance."""
        along, across = self.along(grid)
        half = self.half + self.opening * np.clip(along, 0, None)
        inside = step(half * (0.6 + 0.8 * ragged) - np.abs(across), 2.0)
        fade = np.clip(1.1 - along / self.length, 0, 1) * step(along + self.half, self.half * 0.5)
        return np.asarray(inside * fade, np.float32)


def tongue(rng: np.random.Generator, tiles: Tiles, grid: Grid, trail: Trail, times: Times) -> Layer:
    """White water that shoots out of a gate: a glaring sheet that breaks into clumps.

    From far and above its movement may be lost in the glare, and in a codec of few bits.
    """
    tile, edge = tiles.one_of(rng, tiles.white), tiles.one_of(rng, tiles.cloudy)
    grain, steady = rng.uniform(0.6, 2.5) * 14 / max(trail.half, 6), rng.beta(1.2, 1.2)
    solid, dull = rng.uniform(0.1, 0.9), rng.uniform(0.6, 1.05)
    white = (244.0, 248.0, 246.0) if rng.random() < 0.7 else _WATERS[int(rng.integers(4))]
    along, across = trail.along(grid)
    far = np.clip(along / trail.length, 0, 1)
    rest = sampled(tile, along * grain, across * grain)
    alphas, tones = [], []
    for time_s in times:
        moved = along - trail.speed * time_s
        clumps = sampled(tile, moved * grain, across * grain) * (1 - steady) + rest * steady
        cover = trail.cover(grid, sampled(edge, moved * 0.7, across * 2))
        whole = step(clumps - 0.7 + solid * (1.2 - far), 0.15)
        alphas.append(np.minimum(1, 2.5 * cover) * whole)
        tones.append(dull + 0.35 * clumps)
    return Layer(_stacked(alphas) * np.float32(rng.uniform(0.75, 1)), _toned(tones, white, 0.4))


def foam(rng: np.random.Generator, tiles: Tiles, grid: Grid, trail: Trail, times: Times) -> Layer:
    """White clumps and lace that drift along the trail."""
    tile, edge = tiles.one_of(rng, tiles.white), tiles.one_of(rng, tiles.cloudy)
    grain, level = rng.uniform(0.8, 4), rng.uniform(0.3, 0.6)
    white = np.array((232, 236, 236), np.float32) * rng.uniform(0.75, 1.08)
    along, across = trail.along(grid)
    alphas, tones = [], []
    for time_s in times:
        moved = along - trail.speed * time_s
        clumps = sampled(tile, moved * grain, across * grain * rng.uniform(0.97, 1.03))
        cover = trail.cover(grid, sampled(edge, moved * 2, across * 2))
        alphas.append(step(clumps - 1 + cover * (1 - level) * 1.2, 0.12) * np.minimum(1, 2 * cover))
        tones.append(0.75 + 0.35 * clumps)
    return Layer(_stacked(alphas) * np.float32(rng.uniform(0.7, 1)), _toned(tones, tuple(white)))


def dye(rng: np.random.Generator, tiles: Tiles, grid: Grid, trail: Trail, times: Times) -> Layer:
    """Water of another colour that spreads from the mouth; `milk` and black count as colours."""
    colours = (*_DYES, _MILK)
    colour = np.array(colours[int(rng.integers(len(colours)))], np.float32)
    tile, edge = tiles.one_of(rng, tiles.cloudy), tiles.one_of(rng, tiles.cloudy)
    strength = rng.uniform(0.35, 0.9)
    along, across = trail.along(grid)
    alphas: list[Field] = []
    tones: list[Field] = []
    for time_s in times:
        moved = along - trail.speed * 0.5 * time_s
        swirl = sampled(tile, moved * 1.5, across * 1.5)
        cover = trail.cover(grid, sampled(edge, moved, across * 2))
        soft = cv2.blur(cover * strength * (0.6 + 0.4 * swirl), (3, 3))
        alphas.append(np.asarray(soft, np.float32))
        tones.append(0.8 + 0.4 * swirl)
    return Layer(_stacked(alphas), _toned(tones, tuple(colour)))


def sheen(rng: np.random.Generator, tiles: Tiles, grid: Grid, trail: Trail, times: Times) -> Layer:
    """A film of oil: colours that follow its thickness, as interference gives them."""
    tile, edge = tiles.one_of(rng, tiles.cloudy), tiles.one_of(rng, tiles.cloudy)
    bands, strength = rng.uniform(1.5, 5), rng.uniform(0.25, 0.65)
    along, across = trail.along(grid)
    phases = np.array((0.0, 2.1, 4.2), np.float32) + np.float32(rng.uniform(0, 6))
    alphas: list[Field] = []
    colours: list[Field] = []
    for time_s in times:
        moved = along - trail.speed * 0.3 * time_s
        thick = sampled(tile, moved * 0.8, across * 0.8) * bands * np.float32(2 * np.pi)
        colours.append(np.asarray(135 + 95 * np.sin(thick[..., None] + phases), np.float32))
        alphas.append(trail.cover(grid, sampled(edge, moved, across)) * np.float32(strength))
    return Layer(_stacked(alphas), _stacked(colours))


def _stacked(fields: Sequence[NDArray[np.floating]]) -> Field:
    return np.stack(fields).astype(np.float32)


def _toned(
    tones: Sequence[NDArray[np.floating]], colour: tuple[float, ...], towards_white: float = 0.0
) -> Field:
    base = np.array(colour, np.float32) * (1 - towards_white) + 235 * towards_white
    return np.clip(_stacked(tones)[..., None] * base, 0, 255)
