"""What does not move: sky, banks, walls, houses, and the still water with their mirror images."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe_tools.virtual_river.scene_ground import HEIGHT, WIDTH, Ground
from xunhe_tools.virtual_river.scene_litter import Rng
from xunhe_tools.virtual_river.scene_noise import Bgr, Gray, rough, tinted

Floats = NDArray[np.float32]
Polygon = list[tuple[float, float]]


class Still:
    """A picture under construction, float BGR (HEIGHT, WIDTH, 3)."""

    def __init__(self, rng: Rng) -> None:
        self.rng = rng
        self.bgr: Floats = np.zeros((HEIGHT, WIDTH, 3), np.float32)

    def fill(self, mask: Gray, colours: Floats) -> None:
        """Lay `colours` (HEIGHT, WIDTH, 3) where the mask is set, with its soft edges."""
        weight = (cv2.GaussianBlur(mask, (0, 0), 0.8).astype(np.float32) / 255)[..., None]
        self.bgr += (colours - self.bgr) * weight

    def sky(self, mask: Gray) -> None:
        """Pale, lighter towards the horizon."""
        rows = np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None]
        relief = 0.05 * rough(self.rng, WIDTH, HEIGHT, 90) + 0.12 * rows
        self.fill(mask, tinted((214, 198, 182), relief))

    def leaves(self, mask: Gray, colour: tuple[float, float, float], grain_px: float) -> None:
        """Grass, hedges and trees by the size of their grain."""
        coarse = rough(self.rng, WIDTH, HEIGHT, grain_px * 6)
        fine = rough(self.rng, WIDTH, HEIGHT, grain_px)
        self.fill(mask, tinted(colour, 0.16 * coarse + 0.22 * fine))

    def concrete(self, mask: Gray, block_px: tuple[int, int], water_y: float) -> None:
        """Blocks with joints, streaks of damp, a wet and green foot."""
        rng = self.rng
        relief = 0.05 * rough(rng, WIDTH, HEIGHT, 40) + 0.035 * rough(rng, WIDTH, HEIGHT, 1.6)
        streaks = rough(rng, WIDTH, 4, 14)[:1]
        colours = tinted((150, 156, 158), relief - 0.05 * np.maximum(streaks, 0))
        for y in range(int(water_y), 0, -block_px[1]):
            cv2.line(colours, (0, y), (WIDTH, y), (118, 122, 124), 2, cv2.LINE_AA)
            odd = (int(water_y) - y) // block_px[1] % 2
            for x in range(odd * block_px[0] // 2, WIDTH, block_px[0]):
                cv2.line(colours, (x, y), (x, y - block_px[1]), (122, 126, 128), 2, cv2.LINE_AA)
        rows = np.arange(HEIGHT, dtype=np.float32)[:, None]
        wet = np.clip(1 - (water_y - rows) / 46 + 0.25 * rough(rng, WIDTH, HEIGHT, 26), 0, 1)
        damp = np.array((74, 92, 86), np.float32)
        self.fill(mask, np.asarray(colours + (damp - colours) * 0.75 * wet[..., None], np.float32))

    def water(self, mask: Gray, mirror_y: float, near: tuple[float, float, float]) -> None:
        """Far rows mirror what stands above row `mirror_y`; near ones show the water itself."""
        flipped = np.zeros_like(self.bgr)
        line = int(mirror_y)
        above = self.bgr[:line][::-1]
        reach = min(HEIGHT - line, line)
        flipped[line : line + reach] = above[:reach]
        flipped[line + reach :] = above[-1].mean(axis=0)
        # Ripples smear a mirror image, mostly towards the viewer.
        soft = cv2.GaussianBlur(flipped, (0, 0), 9, sigmaY=34) * 0.72
        rows = np.arange(HEIGHT, dtype=np.float32)[:, None, None]
        share = np.clip(0.78 - (rows - line) / (HEIGHT - line) * 0.66, 0, 1)
        body = (
            np.array(near, np.float32) * (1 + 0.05 * rough(self.rng, WIDTH, HEIGHT, 120))[..., None]
        )
        self.fill(mask, np.asarray(body + (soft - body) * share, np.float32))

    def done(self) -> Bgr:
        """As a frame."""
        return np.clip(self.bgr, 0, 255).astype(np.uint8)


def mask_of(polygon: Polygon) -> Gray:
    """uint8 (HEIGHT, WIDTH), 255 inside a polygon of pixels."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(mask, [np.round(np.array(polygon)).astype(np.int32)], (255,))
    return mask


def below(edge: Polygon) -> Gray:
    """255 under a line that runs from the left to the right of the frame."""
    return mask_of([*edge, (WIDTH, HEIGHT), (0, HEIGHT)])


def ragged(rng: Rng, y: float, height: float, grain_px: float) -> Polygon:
    """A line of tree tops or grass: (x, y) from left to right."""
    bumps = rough(rng, WIDTH, 4, grain_px)[0]
    return [
        (float(x), float(y - height * bumps[min(x, WIDTH - 1)])) for x in range(0, WIDTH + 8, 8)
    ]


def pipe(picture: Bgr, centre: tuple[int, int], radius: int) -> None:
    """A concrete pipe's mouth in a wall, seen from in front and a little above."""
    x, y = centre
    cv2.rectangle(
        picture,
        (x - radius - 22, y - radius - 18),
        (x + radius + 22, y + radius + 12),
        (136, 142, 144),
        -1,
    )
    cv2.rectangle(
        picture,
        (x - radius - 22, y - radius - 18),
        (x + radius + 22, y + radius + 12),
        (96, 100, 102),
        2,
    )
    cv2.circle(picture, centre, radius + 8, (176, 180, 180), -1, cv2.LINE_AA)
    cv2.circle(picture, centre, radius, (52, 56, 58), -1, cv2.LINE_AA)
    cv2.circle(picture, (x, y - radius // 5), radius - 5, (22, 24, 26), -1, cv2.LINE_AA)
    stain = picture[y + radius : y + radius + 74, x - radius // 2 : x + radius // 2]
    stain[:] = (stain * 0.72 + np.array((38, 48, 58)) * 0.28).astype(np.uint8)


def house(picture: Bgr, left: int, foot: int, width: int, height: int) -> None:
    """White walls, a grey tiled roof, a door and windows."""
    top = foot - height
    cv2.rectangle(picture, (left, top), (left + width, foot), (208, 212, 212), -1)
    cv2.rectangle(picture, (left + width * 3 // 4, top), (left + width, foot), (182, 186, 188), -1)
    roof = [(left - 8, top), (left + width // 6, top - height // 2)]
    roof += [(left + width * 5 // 6, top - height // 2), (left + width + 8, top)]
    cv2.fillPoly(picture, [np.array(roof, np.int32)], (78, 76, 74), cv2.LINE_AA)
    for i in range(2):
        x = left + width // 6 + i * width // 3
        cv2.rectangle(
            picture,
            (x, top + height // 4),
            (x + width // 7, top + height * 3 // 5),
            (70, 66, 58),
            -1,
        )


def mat(rng: Rng, picture: Bgr, polygon: Polygon, ground: Ground) -> None:
    """Water hyacinth: rosettes of round leaves, the far ones first and smaller."""
    area = mask_of(polygon)
    ys, xs = np.nonzero(area)
    shade = cv2.GaussianBlur(area, (0, 0), 5)[..., None].astype(np.float32) / 255
    picture[:] = (picture * (1 - 0.75 * shade) + np.array((28, 58, 40)) * 0.75 * shade).astype(
        np.uint8
    )
    picks = np.sort(rng.integers(0, len(ys), len(ys) // 28))  # nonzero goes from the far rows down
    for pick in picks:
        size = 0.065 * ground.px_per_m(float(ys[pick])) * rng.uniform(0.6, 1.25)
        _leaf(rng, picture, (float(xs[pick]), float(ys[pick])), size)


def _leaf(rng: Rng, picture: Bgr, at: tuple[float, float], size: float) -> None:
    green = np.array((52, 140, 88)) * rng.uniform(0.55, 1.3) + rng.normal(0, 9, 3)
    light = np.clip(green * 1.35 + 10, 0, 255)
    turn, x, y = rng.uniform(0, 180), round(at[0] * 8), round(at[1] * 8)
    axes = (max(8, round(size * 8)), max(6, round(size * 5)))
    dark = tuple((np.clip(green, 0, 255) * 0.55).tolist())
    cv2.ellipse(picture, (x, y + 10), axes, turn, 0, 360, dark, -1, cv2.LINE_AA, 3)
    plain = tuple(np.clip(green, 0, 255).tolist())
    cv2.ellipse(picture, (x, y), axes, turn, 0, 360, plain, -1, cv2.LINE_AA, 3)
    half = (axes[0] * 5 // 8, axes[1] * 3 // 8)
    cv2.ellipse(
        picture, (x - 6, y - 8), half, turn, 0, 360, tuple(light.tolist()), -1, cv2.LINE_AA, 3
    )


def boom(picture: Bgr, start: tuple[int, int], end: tuple[int, int], floats: int) -> None:
    """Orange floats on a line, as stop litter on village rivers."""
    cv2.line(picture, start, end, (60, 60, 60), 2, cv2.LINE_AA)
    for i in range(floats + 1):
        share = i / floats
        x, y = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
        radius = 6 + round(5 * share)
        cv2.ellipse(
            picture, (x, y + 3), (radius + 3, radius), 0, 0, 360, (24, 40, 60), -1, cv2.LINE_AA
        )
        cv2.ellipse(
            picture, (x, y - 2), (radius + 2, radius), 0, 0, 360, (40, 110, 226), -1, cv2.LINE_AA
        )
        cv2.ellipse(
            picture, (x - 3, y - 6), (radius // 2, 2), 0, 0, 360, (190, 210, 240), -1, cv2.LINE_AA
        )
