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


def overlaid(rng: np.random.Generator, scene: Field) -> Field:
    """What vendors burn in: frames round things, blinking or not, captions, times, black boxes."""
    _, height, width, _ = scene.shape
    frames = np.clip(scene, 0, 255).astype(np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        ink = _INKS[int(rng.integers(len(_INKS)))]
        x0, y0 = int(rng.integers(width)), int(rng.integers(height))
        x1, y1 = x0 + int(rng.integers(8, width)), y0 + int(rng.integers(8, height))
        blinks, kind = rng.random() < 0.3, rng.random()
        scale = rng.uniform(0.25, 0.7)
        for frame in frames:
            if blinks and rng.random() < 0.4:
                continue
            if kind < 0.6:
                cv2.rectangle(frame, (x0, y0), (x1, y1), ink, 1)
            elif kind < 0.95:
                text = f"2018-07-{rng.integers(10, 30)} 13:25:{rng.integers(10, 59)}"
                cv2.putText(frame, text[: int(rng.integers(3, 20))], (x0 // 2, y0), 0, scale, ink)
            else:
                cv2.rectangle(frame, (x0, y0), (x1, y1), (0, 0, 0), -1)
    return frames.astype(np.float32)


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
    """Through a lens and a codec: blur or sharpening, noise, stale blocks, JPEG."""
    blur, sharpen = rng.uniform(0.3, 1.1), rng.random() < 0.3
    keep, noise = rng.uniform(0, 0.6) * (rng.random() < 0.5), rng.uniform(0, 5)
    quality = int(rng.integers(35, 95))
    frames: list[Image] = []
    held = scene[0]
    for picture in scene:
        held = held * keep + picture * (1 - keep)
        seen = cv2.GaussianBlur(held, (0, 0), blur)
        if sharpen:
            seen = seen + (seen - cv2.GaussianBlur(seen, (0, 0), 1.2)) * 1.2
        seen = seen + rng.normal(0, noise, seen.shape[:2])[..., None]
        clipped = np.clip(seen, 0, 255).astype(np.uint8)
        _, packed = cv2.imencode(".jpg", clipped, (cv2.IMWRITE_JPEG_QUALITY, quality))
        frames.append(np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8))
    return np.stack(frames)
