"""What stands still: a bank or wall, the water's surface below it, and a mouth in the wall.

Pictures are (H, W, 3) float32, BGR 0..255; masks (H, W) float32 0..1; lengths in pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from xunhe_models.discharge.textures import Field, Image, Tiles, sampled

_STONE = ((128, 132, 136), (96, 104, 112), (150, 156, 160), (80, 96, 118), (70, 84, 98))
_RIVERS = ((92, 128, 146), (70, 92, 84), (96, 104, 96), (56, 64, 60), (118, 142, 156), (90, 80, 64))


@dataclass(frozen=True, slots=True)
class Grid:
    """Pixel coordinates of a canvas: `x` and `y`, (H, W) float32."""

    x: Field
    y: Field

    @classmethod
    def of(cls, height: int, width: int) -> "Grid":
        """From the size."""
        y, x = np.mgrid[:height, :width].astype(np.float32)
        return cls(x, y)


@dataclass(frozen=True, slots=True)
class Mouth:
    """An opening: centre, half width and half height; `shape` is round, square, arch or gate.

    `lip_y` is where water leaves it, `water_y` where the river's surface begins below it. `side`
    is -1 or 1 where a pipe is seen from its side and its body lies to the left or right, else 0.
    """

    x: float
    y: float
    rx: float
    ry: float
    shape: str
    water_y: float
    side: int = 0

    @property
    def lip_y(self) -> float:
        """The lower edge of the opening."""
        return self.y + self.ry * 0.85

    def xyxy(self) -> tuple[float, float, float, float]:
        """The opening's rectangle."""
        return self.x - self.rx, self.y - self.ry, self.x + self.rx, self.y + self.ry


def blend(under: Field, over: Field | tuple[int, int, int], mask: Field) -> Field:
    """`over` on `under` where `mask` is 1; the mask has one axis less."""
    alpha = mask[..., None]
    return np.asarray(under * (1 - alpha) + np.asarray(over, np.float32) * alpha, np.float32)


def step(distance: Field, softness: float = 1.0) -> Field:
    """1 where `distance` is positive, 0 where negative, a ramp between."""
    return np.asarray(np.clip(distance / (2 * softness) + 0.5, 0, 1), np.float32)


def from_photograph(
    rng: np.random.Generator,
    pictures: Sequence[Image],
    height: int,
    width: int,
    part: tuple[float, float],
) -> Field:
    """A crop of one of the pictures, from between two heights of it (0 top, 1 bottom)."""
    picture = pictures[int(rng.integers(len(pictures)))]
    top, bottom = (int(share * picture.shape[0]) for share in part)
    zoom = rng.uniform(0.4, 1.6) * max(height / max(bottom - top, 1), width / picture.shape[1])
    zoom = max(zoom, height / max(bottom - top, 1), width / picture.shape[1])
    crop_h, crop_w = int(height / zoom), int(width / zoom)
    y = top + int(rng.integers(max(1, bottom - top - crop_h + 1)))
    x = int(rng.integers(max(1, picture.shape[1] - crop_w + 1)))
    crop = picture[y : y + max(1, crop_h), x : x + max(1, crop_w)]
    if rng.random() < 0.5:
        crop = crop[:, ::-1]
    resized = cv2.resize(crop, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, np.float32)


def wall(rng: np.random.Generator, tiles: Tiles, grid: Grid) -> Field:
    """Concrete or stone: a colour, its weathering, joints or blocks, stains that run down."""
    colour = np.array(_STONE[int(rng.integers(len(_STONE)))], np.float32) * rng.uniform(0.6, 1.35)
    shift_x, shift_y = rng.uniform(0, 256, 2)
    rough = sampled(tiles.one_of(rng, tiles.fine), grid.x + shift_x, grid.y + shift_y)
    weather = sampled(tiles.one_of(rng, tiles.cloudy), grid.x + shift_y, grid.y + shift_x)
    runs = sampled(tiles.one_of(rng, tiles.streaky), grid.x + shift_x, grid.y + shift_y)
    light = 1 + rng.uniform(0.1, 0.5) * (rough - 0.5) + rng.uniform(0.1, 0.7) * (weather - 0.5)
    light += rng.uniform(0, 0.6) * (runs - 0.5) + _joints(rng, grid, weather)
    return np.asarray(colour * light[..., None], np.float32)


def _joints(rng: np.random.Generator, grid: Grid, weather: Field) -> Field:
    """Dark lines between courses of blocks; none on plain concrete."""
    if rng.random() < 0.4:
        return np.zeros_like(grid.x)
    course = rng.uniform(6, 26)
    block = course * rng.uniform(1.2, 3)
    bent = grid.y + (weather - 0.5) * rng.uniform(0, 8)
    row = np.floor(bent / course)
    along = np.mod(grid.x + row * block * 0.37, block)
    line = (np.mod(bent, course) < 1.2) | (along < 1.2)
    return np.asarray(line * -rng.uniform(0.1, 0.6), np.float32)


def river(
    rng: np.random.Generator, tiles: Tiles, grid: Grid, above: Field, water_y: float
) -> Field:
    """A drawn surface: its colour, the bank's reflection in it, patches of sky."""
    colour = np.array(_RIVERS[int(rng.integers(len(_RIVERS)))], np.float32) * rng.uniform(0.5, 1.3)
    mirrored = np.clip(2 * water_y - grid.y, 0, grid.y.shape[0] - 1)
    wobble = sampled(tiles.one_of(rng, tiles.cloudy), grid.x * 2, grid.y * 6) - 0.5
    x = grid.x + wobble * rng.uniform(2, 12)
    reflection = cv2.remap(above, x, mirrored, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    surface = colour * (1 - (share := rng.uniform(0, 0.65))) + reflection * share
    ripple = sampled(tiles.one_of(rng, tiles.fine), grid.x * 0.6, grid.y * rng.uniform(1, 4))
    surface = surface * (1 + rng.uniform(0.05, 0.4) * (ripple - 0.5))[..., None]
    if rng.random() < 0.5:
        patches = sampled(tiles.one_of(rng, tiles.cloudy), grid.x * 1.2, grid.y * 0.8)
        mask = step(patches - rng.uniform(0.6, 0.95), 0.06) * rng.uniform(0.3, 0.95)
        surface = blend(surface, (240, 232, 226), mask)
    return np.asarray(surface, np.float32)


def opening(grid: Grid, mouth: Mouth, grow: float = 1.0) -> Field:
    """Mask of the opening, drawn `grow` times as large."""
    u, v = (grid.x - mouth.x) / (mouth.rx * grow), (grid.y - mouth.y) / (mouth.ry * grow)
    if mouth.shape == "round":
        away = np.hypot(u, v)
    elif mouth.shape == "arch":
        away = np.where(v < 0, np.hypot(u, v), np.maximum(np.abs(u), np.abs(v)))
    else:
        away = np.maximum(np.abs(u), np.abs(v))
    return step((1 - away) * min(mouth.rx, mouth.ry) * grow)


def with_mouth(
    rng: np.random.Generator, tiles: Tiles, grid: Grid, ground: Field, mouth: Mouth
) -> Field:
    """The bank with the mouth in it: surround, rim, dark inside, perhaps bars or leaves."""
    picture = _surround(rng, tiles, grid, ground, mouth)
    if mouth.side:
        picture = _pipe(rng, tiles, grid, picture, mouth)
    if mouth.shape == "gate":
        picture = _gate_works(rng, tiles, grid, picture, mouth)
    rim = rng.uniform(1.08, 1.4)
    tone = np.array(_STONE[int(rng.integers(len(_STONE)))], np.float32) * rng.uniform(0.6, 1.6)
    rough = sampled(tiles.one_of(rng, tiles.fine), grid.x, grid.y)
    ring = np.asarray(tone * (0.8 + 0.4 * rough)[..., None], np.float32)
    if rng.random() < 0.35:  # a pipe that stands out from the wall: its side is seen
        aside = Mouth(
            mouth.x + mouth.rx * rng.uniform(-0.7, 0.7),
            mouth.y - mouth.ry * rng.uniform(-0.1, 0.25),
            mouth.rx,
            mouth.ry,
            mouth.shape,
            mouth.water_y,
        )
        picture = blend(picture, ring * rng.uniform(0.35, 0.8), opening(grid, aside, rim))
    picture = blend(picture, ring, opening(grid, mouth, rim))
    return _inside(rng, tiles, grid, picture, mouth)


def _pipe(
    rng: np.random.Generator, tiles: Tiles, grid: Grid, picture: Field, mouth: Mouth
) -> Field:
    """The body of a pipe seen from its side: a cylinder, light above and dark below."""
    length = mouth.ry * rng.uniform(1, 9)
    along = (grid.x - mouth.x) * mouth.side
    across = (grid.y - mouth.y - along * np.float32(rng.normal(0, 0.1))) / mouth.ry
    tone = np.array(_STONE[int(rng.integers(len(_STONE)))], np.float32) * rng.uniform(0.4, 1.6)
    rough = sampled(tiles.one_of(rng, tiles.fine), grid.x, grid.y)
    light = (0.9 - 0.5 * across) * (0.85 + 0.3 * rough)
    rounded = np.asarray((1.05 - np.abs(across)) * mouth.ry, np.float32)
    inside = step(rounded) * step(along) * step(length - along)
    return blend(picture, np.asarray(tone * light[..., None], np.float32), inside)


def _gate_works(
    rng: np.random.Generator, tiles: Tiles, grid: Grid, picture: Field, mouth: Mouth
) -> Field:
    """The frame over a gate, and the walls that lead its water down to the river."""
    rough = sampled(tiles.one_of(rng, tiles.fine), grid.x, grid.y)
    tone = np.array(_STONE[int(rng.integers(len(_STONE)))], np.float32) * rng.uniform(0.7, 1.7)
    stone = np.asarray(tone * (0.8 + 0.4 * rough)[..., None], np.float32)
    thick = max(1.0, mouth.rx * rng.uniform(0.1, 0.35))
    away, top = np.abs(grid.x - mouth.x), mouth.y - mouth.ry * rng.uniform(1.2, 2.6)
    flared = mouth.rx * 1.1 + np.clip(grid.y - mouth.lip_y, 0, None) * rng.uniform(0, 0.6)
    posts = step(thick / 2 - np.abs(away - flared)) * step(grid.y - top)
    beam = step(thick / 2 - np.abs(grid.y - top)) * step(mouth.rx * 1.3 - away)
    if rng.random() < 0.5:  # between the walls an apron
        picture = blend(picture, stone * 0.8, step(flared - away) * step(grid.y - mouth.lip_y))
    return blend(picture, stone, np.maximum(posts, beam))


def pale_things(rng: np.random.Generator, picture: Field) -> Field:
    """Posts, booms, signs, painted trunks: pale, sharp and still."""
    height, width, _ = picture.shape
    shown = picture.copy()
    for _ in range(int(rng.integers(1, 5))):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        tone = tuple(float(v) for v in rng.uniform(170, 255) + rng.normal(0, 8, 3))
        reach = rng.uniform(0.02, 0.5) * width
        angle = rng.choice((0.0, np.pi / 2)) + rng.normal(0, 0.2)
        end = (round(x + reach * np.cos(angle)), round(y + reach * np.sin(angle)))
        cv2.line(shown, (x, y), end, tone, max(1, round(reach * rng.uniform(0.03, 0.3))))
    return shown


def _surround(
    rng: np.random.Generator, tiles: Tiles, grid: Grid, ground: Field, mouth: Mouth
) -> Field:
    """A piece of wall round the mouth, where the bank itself is grown over."""
    if rng.random() < 0.45:
        return ground
    half_w, up = mouth.rx * rng.uniform(1.3, 4), mouth.ry * rng.uniform(1.3, 2.5)
    edges = np.minimum(half_w - np.abs(grid.x - mouth.x), grid.y - (mouth.y - up))
    ragged = sampled(tiles.one_of(rng, tiles.cloudy), grid.x * 2, grid.y * 2) - 0.5
    return blend(ground, wall(rng, tiles, grid), step(edges + ragged * rng.uniform(0, 9), 1.5))


def _inside(
    rng: np.random.Generator, tiles: Tiles, grid: Grid, picture: Field, mouth: Mouth
) -> Field:
    hole = opening(grid, mouth)
    depth = np.clip((grid.y - (mouth.y - mouth.ry)) / (2 * mouth.ry), 0, 1)
    if mouth.shape == "gate":
        tone = np.array((126, 112, 98), np.float32) * rng.uniform(0.5, 1.4)
        grain = sampled(tiles.one_of(rng, tiles.streaky), grid.x * 2, grid.y)
        return blend(picture, np.asarray(tone * (0.7 + 0.5 * grain)[..., None], np.float32), hole)
    dark = rng.uniform(4, 45) + depth * rng.uniform(0, 45)
    inside = np.repeat(dark[..., None], 3, axis=2) * np.array((1.0, 1.0, 1.05), np.float32)
    picture = blend(picture, np.asarray(inside, np.float32), hole)
    if rng.random() < 0.15:  # bars
        gap = max(3.0, mouth.rx * rng.uniform(0.25, 0.6))
        bars = (np.mod(grid.x - mouth.x, gap) < max(1.0, gap * 0.25)) * hole
        picture = blend(picture, (96, 100, 104), np.asarray(bars, np.float32))
    if rng.random() < 0.2:  # leaves that hang over it
        leaves = sampled(tiles.one_of(rng, tiles.fine), grid.x * 0.7, grid.y * 0.7)
        above = step(mouth.y - mouth.ry * rng.uniform(0, 0.9) - grid.y, 2.0)
        near = opening(grid, mouth, 1.5)
        mask = step(leaves - rng.uniform(0.4, 0.7), 0.1) * above * near
        picture = blend(picture, (40, 110, 70), mask)
    return picture


def stained(
    rng: np.random.Generator, tiles: Tiles, grid: Grid, picture: Field, mouth: Mouth
) -> Field:
    """Lime, rust or wet marks below the lip: what a dry mouth keeps from better days."""
    s = np.clip((grid.y - mouth.lip_y) / max(1.0, mouth.water_y - mouth.lip_y), 0, 1)
    half = mouth.rx * (rng.uniform(0.1, 0.9) + rng.uniform(-0.3, 0.4) * s)
    runs = sampled(tiles.one_of(rng, tiles.streaky), grid.x * 2, grid.y)
    inside = step(half - np.abs(grid.x - mouth.x), 1.5)
    band = step(grid.y - mouth.lip_y) * step(mouth.water_y - grid.y)
    tones = ((176, 184, 188), (52, 88, 132), (44, 48, 50), (44, 84, 62))
    tone = tones[int(rng.integers(len(tones)))]
    return blend(picture, tone, inside * band * runs * np.float32(rng.uniform(0.2, 0.75)))
