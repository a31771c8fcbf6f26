"""What moves without any discharge: ripples, glare, people, overlays, rain, light, the camera.

Scenes are (T, H, W, 3) float32, BGR 0..255.
"""

import cv2
import numpy as np

from xunhe_models.discharge.scenery import Grid, step
from xunhe_models.discharge.streams import Times
from xunhe_models.discharge.textures import Field, Image, Tiles, sampled

_INKS = ((40, 40, 230), (230, 40, 40), (255, 0, 255), (0, 255, 255), (0, 230, 0), (255, 255, 255))


def rippled(
    rng: np.random.Generator, tiles: Tiles, grid: Grid, picture: Field, water: Field, times: Times
) -> Field:
    """The still picture, its water (mask (H, W)) moved by waves: reflections and glare dance."""
    tile = tiles.one_of(rng, tiles.cloudy)
    height = rng.uniform(0, 5) if rng.random() < 0.75 else 0.0
    speed, fx, fy = rng.uniform(5, 60), rng.uniform(0.5, 3), rng.uniform(1, 6)
    frames = []
    for time_s in times:
        wave = sampled(tile, grid.x * fx + speed * time_s, grid.y * fy + 0.6 * speed * time_s) - 0.5
        x, y = grid.x + wave * height * water, grid.y + wave * height * 1.5 * water
        moved = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        frames.append(moved)
    return np.stack(frames).astype(np.float32)


def glare(
    rng: np.random.Generator, tiles: Tiles, grid: Grid, scene: Field, water: Field, times: Times
) -> Field:
    """Glints of sun and bright wave crests that come and go on the water."""
    tile, where = tiles.one_of(rng, tiles.fine), tiles.one_of(rng, tiles.cloudy)
    level, fy = rng.uniform(0.8, 0.97), rng.uniform(1.5, 6)
    place = step(sampled(where, grid.x + 31, grid.y + 7) - rng.uniform(0.2, 0.8), 0.1) * water
    speed = rng.uniform(10, 120)
    lit = scene.copy()
    for index, time_s in enumerate(times):
        waves = sampled(tile, grid.x * 0.8 + speed * time_s, grid.y * fy - speed * time_s)
        mask = (step(waves - level, 0.05) * place)[..., None]
        lit[index] = lit[index] * (1 - mask) + 248 * mask
    return lit


def weir(
    rng: np.random.Generator, tiles: Tiles, grid: Grid, scene: Field, water: Field, times: Times
) -> Field:
    """Natural white water without a mouth: a sill or rapids across the river.

    It churns where it is; a discharge begins at an opening.
    """
    height, width = grid.x.shape
    tile, edge = tiles.one_of(rng, tiles.white), tiles.one_of(rng, tiles.cloudy)
    rapids = rng.random() < 0.4
    thick = height * (rng.uniform(0.1, 0.5) if rapids else rng.uniform(0.01, 0.08))
    middle = rng.uniform(0.25, 1) * height + (grid.x - width / 2) * np.float32(rng.normal(0, 0.15))
    ragged = sampled(edge, grid.x * 2, grid.y * 2) - 0.5
    band = step(thick - np.abs(grid.y - middle + ragged * thick), 2.0) * water
    grain, speed = rng.uniform(0.8, 3), rng.uniform(10, 150)
    level = rng.uniform(0.4, 0.75) if rapids else rng.uniform(0.1, 0.4)
    churned = scene.copy()
    for index, time_s in enumerate(times):
        clumps = sampled(tile, grid.x * grain, grid.y * grain - speed * time_s)
        alpha = (step(clumps - level, 0.12) * band)[..., None]
        churned[index] = churned[index] * (1 - alpha) + (190 + 60 * clumps)[..., None] * alpha
    return churned


def wake(
    rng: np.random.Generator, tiles: Tiles, grid: Grid, scene: Field, water: Field, times: Times
) -> Field:
    """A boat under way: a hull, and behind it two arms of broken water that open."""
    height, width = grid.x.shape
    tile, size = tiles.one_of(rng, tiles.white), rng.uniform(3, 14)
    x, y = rng.uniform(0, width), rng.uniform(0.3, 1) * height
    heading, opening = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.4)
    speed, length = rng.uniform(5, 60), size * rng.uniform(4, 15)
    hull = rng.uniform(20, 230, 3).astype(np.float32)
    left = scene.copy()
    for index, time_s in enumerate(times):
        dx = grid.x - x - np.float32(np.cos(heading) * speed * time_s)
        dy = grid.y - y - np.float32(np.sin(heading) * speed * time_s)
        behind = -(dx * np.float32(np.cos(heading)) + dy * np.float32(np.sin(heading)))
        aside = np.abs(dy * np.float32(np.cos(heading)) - dx * np.float32(np.sin(heading)))
        arms = step(size * 0.4 - np.abs(aside - np.clip(behind, 0, None) * opening), 1.5)
        clumps = sampled(tile, dx * 2, dy * 2)
        fade = step(behind) * np.clip(1 - behind / length, 0, 1) * water
        alpha = (arms * fade * step(clumps - 0.3, 0.2))[..., None]
        left[index] = left[index] * (1 - alpha) + 240 * alpha
        boat = (step(1 - np.hypot(behind / size, aside / (size * 0.4)), 0.2) * water)[..., None]
        left[index] = left[index] * (1 - boat) + hull * boat
    return left


def foliage(
    rng: np.random.Generator, tiles: Tiles, grid: Grid, scene: Field, dry: Field, times: Times
) -> Field:
    """Leaves and grass that shiver in the wind, where `dry` (H, W) says that there is no water."""
    tile, height = tiles.one_of(rng, tiles.cloudy), rng.uniform(0.4, 2.5)
    moved = scene.copy()
    for index, time_s in enumerate(times):
        push = (sampled(tile, grid.x + 40 * time_s, grid.y - 25 * time_s) - 0.5) * height * 2 * dry
        moved[index] = cv2.remap(
            scene[index], grid.x + push, grid.y + push * 0.4, cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )  # fmt: skip
    return moved


def passing(rng: np.random.Generator, scene: Field, times: Times) -> Field:
    """People, cars or birds that cross the picture: blobs of one or two colours."""
    _, height, width, _ = scene.shape
    frames = np.clip(scene, 0, 255).astype(np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        vx, size = rng.normal(0, 30), rng.uniform(2, 14)
        tall = rng.uniform(0.5, 2.5)
        coat, head = (tuple(int(v) for v in rng.integers(0, 256, 3)) for _ in range(2))
        for frame, time_s in zip(frames, times, strict=True):
            place = round(x + vx * time_s), round(y)
            cv2.ellipse(frame, (place, (round(size), round(size * tall)), 0.0), coat, -1)
            crown = (place[0], round(y - size * tall * 0.5))
            cv2.circle(frame, crown, max(1, round(size * 0.25)), head, -1)
    return frames.astype(np.float32)


def overlaid(rng: np.random.Generator, scene: Field, truth: Field) -> tuple[Field, Field]:
    """What vendors burn in: frames round things, blinking or not, captions, times, filled boxes.

    Returns the scene and the truth (N, H, W) without what the boxes cover.
    """
    _, height, width, _ = scene.shape
    frames, left = np.clip(scene, 0, 255).astype(np.uint8), truth.copy()
    for _ in range(int(rng.integers(1, 4))):
        ink = _INKS[int(rng.integers(len(_INKS)))]
        x0, y0 = int(rng.integers(width)), int(rng.integers(height))
        x1, y1 = x0 + int(rng.integers(8, width)), y0 + int(rng.integers(8, height))
        kind = rng.random()
        if kind < 0.6:
            _framed(rng, frames, (x0, y0, x1, y1), ink)
        elif kind < 0.92:
            _captioned(rng, frames, (x0 // 2, y0), ink)
        else:
            frames[:, y0 : y1 + 1, x0 : x1 + 1] = ink if rng.random() < 0.2 else 0
            left[:, y0 : y1 + 1, x0 : x1 + 1] = 0
    return frames.astype(np.float32), left


def _framed(
    rng: np.random.Generator, frames: Image, box: tuple[int, int, int, int], ink: tuple[int, ...]
) -> None:
    blinks, thick = rng.random() < 0.3, int(rng.integers(1, 4))
    for frame in frames:
        if not blinks or rng.random() > 0.4:
            cv2.rectangle(frame, box[:2], box[2:], ink, thick)


def _captioned(
    rng: np.random.Generator, frames: Image, place: tuple[int, int], ink: tuple[int, ...]
) -> None:
    scale, length = rng.uniform(0.25, 0.7), int(rng.integers(3, 20))
    for frame in frames:  # a clock's digits change
        text = f"2018-07-10 13:{rng.integers(10, 59)}:{rng.integers(10, 59)}"
        cv2.putText(frame, text[:length], place, 0, scale, ink)


def rain(rng: np.random.Generator, tiles: Tiles, grid: Grid, scene: Field) -> Field:
    """Streaks of falling drops, everywhere, different in each frame; and a veil."""
    tile = tiles.one_of(rng, tiles.streaky)
    level, slant = rng.uniform(0.93, 0.99), rng.normal(0, 0.2)
    depth = rng.uniform(15, 60)
    wet = scene * 0.9 + 14
    for index in range(len(wet)):
        shift_x, shift_y = rng.uniform(0, 256, 2)
        drops = sampled(tile, grid.x * 3 + grid.y * slant + shift_x, grid.y * 1.5 + shift_y)
        wet[index] += depth * step(drops - level, 0.03)[..., None]
    return np.asarray(wet, np.float32)


def shadow(rng: np.random.Generator, grid: Grid, scene: Field, times: Times) -> Field:
    """The edge of a cloud's or a tree's shadow, resting or on its way."""
    angle, speed = rng.uniform(0, 2 * np.pi), rng.normal(0, 25)
    depth, soft = rng.uniform(0.4, 0.85), rng.uniform(1, 30)
    along = grid.x * np.float32(np.cos(angle)) + grid.y * np.float32(np.sin(angle))
    start = float(rng.uniform(float(along.min()), float(along.max())))
    shaded = [step(along - start - speed * time_s, soft) for time_s in times]
    return np.asarray(scene * (1 - (1 - depth) * np.stack(shaded)[..., None]), np.float32)


def lit(rng: np.random.Generator, scene: Field) -> Field:
    """Exposure, contrast, tint; now and then a ramp of light over the stack, or a night in grey."""
    gain, gamma = rng.uniform(0.5, 1.3), rng.uniform(0.75, 1.35)
    tint = rng.normal(1, 0.06, 3).astype(np.float32)
    ramp = np.ones(len(scene))
    if rng.random() < 0.15:
        ramp = np.linspace(1, rng.uniform(0.7, 1.4), len(scene))
    shown = np.clip(scene / 255, 0, 1) ** gamma * gain * ramp[:, None, None, None] * tint
    if rng.random() < 0.06:
        shown = shown.mean(axis=3, keepdims=True).repeat(3, axis=3)
    return np.asarray(np.clip(shown * 255, 0, 255), np.float32)


def recorded(rng: np.random.Generator, scene: Field) -> Image:
    """Through a lens and a codec: blur or sharpening, noise, stale blocks, few pixels, JPEG."""
    blur, sharpen = rng.uniform(0.3, 1.1), rng.random() < 0.35
    keep, noise = rng.uniform(0, 0.6) * (rng.random() < 0.5), rng.uniform(0, 5)
    starved = rng.random() < 0.3
    quality = int(rng.integers(10, 35) if starved else rng.integers(35, 95))
    shrink = rng.uniform(0.45, 0.9) if starved else 1.0
    frames: list[Image] = []
    held = scene[0]
    for picture in scene:
        held = held * keep + picture * (1 - keep)
        seen = cv2.GaussianBlur(held, (0, 0), blur)
        if sharpen:
            seen = seen + (seen - cv2.GaussianBlur(seen, (0, 0), 1.2)) * 1.2
        seen = seen + rng.normal(0, noise, seen.shape[:2])[..., None]
        frames.append(_packed(np.clip(seen, 0, 255).astype(np.uint8), quality, shrink))
    return np.stack(frames)


def _packed(picture: Image, quality: int, shrink: float) -> Image:
    """As JPEG and back; `shrink` below 1 for a stream of fewer pixels, shown enlarged."""
    small = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    _, packed = cv2.imencode(".jpg", small, (cv2.IMWRITE_JPEG_QUALITY, quality))
    read = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    if read.shape != picture.shape:
        read = np.asarray(cv2.resize(read, picture.shape[1::-1], interpolation=cv2.INTER_CUBIC))
    return read
