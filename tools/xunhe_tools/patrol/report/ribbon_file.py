"""The unrolled river as a PNG: four channels, the last one says what was seen."""

from pathlib import Path

import cv2
import numpy as np

from xunhe.vision.findings.course import Course
from xunhe.vision.findings.ribbon import Ribbon


def encode(ribbon: Ribbon) -> bytes:
    """The bytes of the file."""
    alpha = np.where(ribbon.seen, 255, 0).astype(np.uint8)
    _, data = cv2.imencode(".png", np.dstack([ribbon.bgr, alpha]))
    return bytes(data)


def read(path: Path, course: Course, half_width_m: float) -> Ribbon | None:
    """Of this course and width; None where there is none of it."""
    empty = Ribbon.empty(course, half_width_m)
    try:
        picture = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    except (OSError, cv2.error):
        return None
    if picture is None or picture.shape != (*empty.far.shape, 4):
        return None
    far = np.where(picture[..., 3] > 0, 0.0, np.inf).astype(np.float32)
    return Ribbon(course, half_width_m, np.ascontiguousarray(picture[..., :3], np.uint8), far)
