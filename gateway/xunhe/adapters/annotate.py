"""The annotated picture of an incident: boxes, their names in Chinese, their scores."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xunhe.domain.sight import Corners
from xunhe_models.marking import Mark, draw

_QUALITY = 88


def annotated_jpeg(clean_jpeg: bytes, boxes: tuple[Corners, ...], label: str) -> bytes:
    """The picture with its boxes, numbered from 1 in their order; empty if it is no picture."""
    bgr = decoded(clean_jpeg)
    if bgr is None:
        return b""
    picture = Image.fromarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))
    width, height = picture.size
    marks = [
        Mark(
            (
                x0 * width,
                y0 * height,
                max(x0 * width, x1 * width - 1),
                max(y0 * height, y1 * height - 1),
            ),
            label,
            f"#{number} {score:.2f}",
        )
        for number, (x0, y0, x1, y1, score) in enumerate(boxes, 1)
    ]
    draw(picture, marks)
    drawn = cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2BGR)
    return encoded(np.asarray(drawn, np.uint8), _QUALITY)


def decoded(jpeg: bytes) -> NDArray[np.uint8] | None:
    """BGR (H, W, 3), or None for bytes that are no picture."""
    if not jpeg:
        return None
    bgr = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    return None if bgr is None else np.asarray(bgr, np.uint8)


def encoded(bgr: NDArray[np.uint8], quality: int) -> bytes:
    """JPEG of BGR (H, W, 3)."""
    done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"a picture of {bgr.shape} cannot be written as JPEG")
    return bytes(data.tobytes())
