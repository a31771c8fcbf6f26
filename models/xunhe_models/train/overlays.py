"""What lies on a picture without being in the river: captions, clocks, logos, glare."""

from functools import cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw

from xunhe_models.lettering import chinese_font, font_file
from xunhe_models.train.photometric import Image

_CAPTIONS = (
    "2023-07-14 08:15:32 星期五",
    "CAM 06 北支河道",
    "河道监控 03",
    "水面巡查",
    "1080P 25FPS",
    "一号闸口 上游",
    "2019-11-02 17:40:05",
    "左岸 K12+300",
    "PTZ 预置点 5",
    "云溪桥下游",
)


@cache
def _caption(text: str, size: int) -> NDArray[np.uint8]:
    """Opacity (H, W), 0..255, of a line of text; Latin only where no Chinese font is at hand."""
    if font_file(bold=True) is None:
        text = text.encode("ascii", "ignore").decode() or "CAM 01"
    font = chinese_font(size, bold=True)
    x0, y0, x1, y1 = (int(v) for v in font.getbbox(text))
    sheet = Pillow.new("L", (x1 - x0 + 4, y1 - y0 + 4))
    ImageDraw.Draw(sheet).text((2 - x0, 2 - y0), text, fill=255, font=font)
    return np.asarray(sheet)


def captioned(image: Image, random: Generator) -> Image:
    """One to three captions as cameras and video editors burn them in."""
    for _ in range(int(random.integers(1, 4))):
        text = _CAPTIONS[int(random.integers(len(_CAPTIONS)))]
        mask = _caption(text, int(random.choice((11, 14, 18, 24, 32))))[:, : image.shape[1]]
        y = int(random.integers(0, max(image.shape[0] - mask.shape[0], 1)))
        x = int(random.integers(0, image.shape[1] - mask.shape[1] + 1))
        here = image[y : y + mask.shape[0], x : x + mask.shape[1]]
        if random.random() < 0.25:
            here[:] = here // 4
        ink = np.array((255, 255, 255) if random.random() < 0.7 else (0, 230, 255))
        opacity = mask[..., None] / 255.0
        here[:] = (here * (1 - opacity) + ink * opacity).astype(np.uint8)
    return image


def glared(image: Image, random: Generator) -> Image:
    """Sun on ripples: many short bright streaks in a patch."""
    height, width = image.shape[:2]
    centre = random.uniform(0, 1, 2) * (width, height)
    spread = random.uniform(0.05, 0.25, 2) * (width, height)
    layer: Image = np.zeros((height, width), np.uint8)
    for _ in range(int(random.integers(15, 120))):
        x, y = random.normal(centre, spread)
        length = random.uniform(1, 9)
        angle = random.normal(0, 10)
        axes = (max(round(length), 1), max(round(length * random.uniform(0.1, 0.4)), 1))
        cv2.ellipse(layer, (int(x), int(y)), axes, angle, 0, 360, int(random.integers(90, 255)), -1)
    layer = cv2.GaussianBlur(layer, (0, 0), random.uniform(0.5, 1.2))
    bright = cv2.merge((layer, layer, layer))
    lit: Image = cv2.add(image, bright)
    return lit
