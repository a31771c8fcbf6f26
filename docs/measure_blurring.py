"""How well faces and number plates are found, by size: the figures of docs/evidence.md.

`python docs/measure_blurring.py FOLDER [--clean FOLDER]`. FOLDER holds pictures of one face each,
named with where it is: NAME,X0,Y0,X1,Y1.jpg (pixels); skimage's astronaut and matplotlib's Grace
Hopper, both in the public domain, are in those packages. `--clean` holds pictures without plates,
to count what is blurred for nothing. Plates are drawn here.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from xunhe_models.lettering import chinese_font
from xunhe_models.privacy.faces import FaceFinder
from xunhe_models.privacy.plates import find_plates

Picture = NDArray[np.uint8]
Box = tuple[float, float, float, float]
FACE_PX = (12, 16, 24, 32, 48, 64, 96, 128, 200)
PLATE_PX = (24, 32, 48, 64, 96, 128, 200)
TIMES = 24
HIDDEN = 0.8  # of a face or plate that must lie in what is found
CANVAS = (720, 1280)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("faces", type=Path)
    parser.add_argument("--clean", type=Path)
    options = parser.parse_args()
    finder = FaceFinder()
    photos = [(cv2.imread(str(p)), _box_of(p)) for p in sorted(options.faces.glob("*,*,*,*,*.*"))]
    for size in FACE_PX:
        scenes = [_face_scene(*photos[k % len(photos)], size, k) for k in range(TIMES)]
        print(f"face {size:4d} px wide: {_recall(scenes, lambda bgr: finder.find(bgr)[:, :4]):.2f}")
    for colour in ("blue", "green", "yellow"):
        for size in PLATE_PX:
            scenes = [_plate_scene(colour, size, k) for k in range(TIMES)]
            print(f"{colour} plate {size:4d} px wide: {_recall(scenes, find_plates):.2f}")
    if options.clean:
        _false(options.clean, finder)


def _recall(scenes, find) -> float:  # type: ignore[no-untyped-def]
    return float(
        np.mean(
            [
                any(_inside(box, found) >= HIDDEN for found in _grown(find(bgr)))
                for bgr, box in scenes
            ]
        )
    )


def _grown(boxes: NDArray[np.float32]) -> Iterator[Box]:
    """As `xunhe.adapters.blur` enlarges what it hides."""
    for x0, y0, x1, y1 in boxes.tolist():
        w, h = x1 - x0, y1 - y0
        yield x0 - 0.25 * w, y0 - 0.25 * h, x1 + 0.25 * w, y1 + 0.25 * h


def _inside(box: Box, found: Box) -> float:
    wide = max(0.0, min(box[2], found[2]) - max(box[0], found[0]))
    high = max(0.0, min(box[3], found[3]) - max(box[1], found[1]))
    return wide * high / ((box[2] - box[0]) * (box[3] - box[1]))


def _box_of(path: Path) -> Box:
    x0, y0, x1, y1 = (float(v) for v in path.stem.split(",")[1:])
    return x0, y0, x1, y1


def _face_scene(photo: Picture, box: Box, width_px: int, seed: int) -> tuple[Picture, Box]:
    """A person cut out roughly, on a ground of noise: turned up to 20°, mirrored, dark, blurred."""
    random = np.random.default_rng(seed)
    scale = width_px / (box[2] - box[0])
    angle = random.uniform(-20, 20)
    centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    turn = cv2.getRotationMatrix2D(centre, angle, scale)
    room = 0.4
    place = random.uniform((room, room), (1 - room, 1 - room)) * (CANVAS[1], CANVAS[0])
    turn[:, 2] += place - centre
    if scale < 1:  # as a lens does, not as a sampler
        photo = cv2.GaussianBlur(photo, (0, 0), 0.4 / scale)
    ground = _ground(random)
    warped = cv2.warpAffine(photo, turn, CANVAS[::-1])
    inside = cv2.warpAffine(np.full(photo.shape[:2], 255, np.uint8), turn, CANVAS[::-1]) > 127
    ground[inside] = warped[inside]
    half_w, half_h = width_px / 2, scale * (box[3] - box[1]) / 2
    found = (place[0] - half_w, place[1] - half_h, place[0] + half_w, place[1] + half_h)
    bgr = _spoiled(ground, random)
    if seed % 2:
        bgr = np.ascontiguousarray(bgr[:, ::-1])
        found = (CANVAS[1] - found[2], found[1], CANVAS[1] - found[0], found[3])
    return bgr, found


def _plate_scene(colour: str, width_px: int, seed: int) -> tuple[Picture, Box]:
    """A drawn plate on a car-coloured panel, seen up to 40° from the side."""
    random = np.random.default_rng(seed)
    plate = _plate(colour, random)
    height, width = plate.shape[:2]
    side, tilt = random.uniform(-0.25, 0.25), random.uniform(-0.12, 0.12)
    size = np.array((width_px, width_px * height / width * random.uniform(0.9, 1.2)))
    at = random.uniform((0.3, 0.3), (0.6, 0.7)) * (CANVAS[1], CANVAS[0])
    near, far = 1 + max(side, 0), 1 + max(-side, 0)
    quad = np.array(((0, 1 - near), (1, tilt * 3 + 1 - far), (1, tilt * 3 + 1), (0, 1))) * size + at
    start = np.array(((0, 0), (width, 0), (width, height), (0, height)), np.float32)
    if width_px < width:
        plate = cv2.GaussianBlur(plate, (0, 0), 0.4 * width / width_px)
    view = cv2.getPerspectiveTransform(start, quad.astype(np.float32))
    ground = _ground(random)
    (x0, y0), (x1, y1) = quad.min(axis=0), quad.max(axis=0)
    w = x1 - x0
    body = tuple(int(v) for v in random.choice(_BODIES, 1)[0])
    cv2.rectangle(ground, (int(x0 - w), int(y0 - w)), (int(x1 + w), int(y1 + w / 2)), body, -1)
    warped = cv2.warpPerspective(plate, view, CANVAS[::-1])
    inside = cv2.warpPerspective(np.full((height, width), 255, np.uint8), view, CANVAS[::-1]) > 127
    ground[inside] = warped[inside]
    return _spoiled(ground, random), (float(x0), float(y0), float(x1), float(y1))


_BODIES = ((240, 240, 240), (40, 40, 40), (150, 150, 155), (40, 40, 160), (110, 60, 30))
_PLATES = {
    "blue": ((30, 80, 180), (30, 80, 180), (255, 255, 255), 440),
    "green": ((235, 245, 240), (90, 190, 120), (10, 10, 10), 480),
    "yellow": ((245, 190, 30), (245, 190, 30), (10, 10, 10), 440),
}


def _plate(colour: str, random: Generator) -> Picture:
    top, bottom, ink, width = _PLATES[colour]
    fade = np.linspace(0, 1, 140)[:, None, None]
    sheet = np.repeat((np.array(top) * (1 - fade) + np.array(bottom) * fade), width, axis=1)
    image = Image.fromarray(sheet.astype(np.uint8))
    text = "浙粤苏沪京鲁"[int(random.integers(6))] + "".join(
        random.choice(list("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"), 6 + (colour == "green"))
    )
    font = chinese_font(84)
    pen = ImageDraw.Draw(image)
    step = (width - 30) / len(text)
    for k, letter in enumerate(text):
        pen.text((15 + (k + 0.5) * step, 70), letter, fill=ink, font=font, anchor="mm")
    pen.rectangle((4, 4, width - 5, 135), outline=ink, width=3)
    return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])


def _ground(random: Generator) -> Picture:
    """Coarse noise in the colours of a bank."""
    coarse = random.normal((110, 125, 120), 35, (18, 32, 3)).clip(0, 255).astype(np.uint8)
    return cv2.resize(coarse, CANVAS[::-1], interpolation=cv2.INTER_CUBIC)


def _spoiled(bgr: Picture, random: Generator) -> Picture:
    """Light, focus and JPEG as cameras give them."""
    dark = np.clip(bgr * random.uniform(0.5, 1.1), 0, 255).astype(np.uint8)
    soft = cv2.GaussianBlur(dark, (0, 0), random.uniform(0.3, 0.9))
    quality = int(random.integers(55, 92))
    return cv2.imdecode(cv2.imencode(".jpg", soft, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1)


def _false(folder: Path, finder: FaceFinder) -> None:
    suffixes = (".jpg", ".png", ".webp")
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in suffixes)[:60]
    plates, faces, shares = 0, 0, []
    for file in files:
        bgr = cv2.imread(str(file))
        if max(bgr.shape[:2]) > 1920:
            bgr = cv2.resize(bgr, None, fx=1920 / max(bgr.shape[:2]), fy=1920 / max(bgr.shape[:2]))
        found = [find_plates(bgr), finder.find(bgr)[:, :4]]
        plates, faces = plates + len(found[0]), faces + len(found[1])
        boxes = np.concatenate(found)
        area = ((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])).sum()
        shares.append(area / (bgr.shape[0] * bgr.shape[1]))
    print(
        f"{len(files)} clean pictures: {plates} plates and {faces} faces found,"
        f" {100 * np.mean(shares):.2f} % of the area (mean)"
    )


if __name__ == "__main__":
    main()
