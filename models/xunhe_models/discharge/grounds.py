"""The photographs that samples are drawn on, read from the shared data folder.

Only pictures without an outfall and outside the evaluation: the clean scenes up to number 079, the
first half of Surfrider's by name, the bridge camera. Natural rapids are no ground, since they flow;
two patches of them give the texture of white water.
"""

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from xunhe_models.discharge.generator import Grounds
from xunhe_models.discharge.textures import Image

_CLEAN_END = 80
_NO_GROUND = frozenset((6, 7, 8, 12, 14, 24, 26, 32, 51, 60, 66, 72))  # rapids, captions, lights
_EVERY_BRIDGE = 8
_LONGEST = 800
_RAPIDS = "014.webp"
_WHITE = ((210, 240, 290, 300), (290, 290, 420, 358))  # x0, y0, x1, y1 in it


def load_grounds(data: Path) -> Grounds:
    """From the folder with `river-scenes` and `river-plastic`; FileNotFoundError without them."""
    clean = [path for path in _pictures(data / "river-scenes/clean") if _is_ground(path)]
    surfrider = _pictures(data / "river-scenes/surfrider")
    bridge = _pictures(data / "river-plastic/images")[::_EVERY_BRIDGE]
    rapids = _read(data / "river-scenes/clean" / _RAPIDS)
    return Grounds(
        banks=_all(clean + surfrider[: len(surfrider) // 2]),
        waters=_all(bridge),
        white_water=[np.ascontiguousarray(rapids[y0:y1, x0:x1]) for x0, y0, x1, y1 in _WHITE],
    )


def dry_photographs(data: Path) -> list[Image]:
    """Pictures in which nothing is discharged, outside the evaluation, at most 480 pixels long."""
    clean = [path for path in _pictures(data / "river-scenes/clean") if _is_ground(path)]
    surfrider = _pictures(data / "river-scenes/surfrider")
    paths = clean + surfrider[: len(surfrider) // 2]
    paths += _pictures(data / "river-plastic/images")[::_EVERY_BRIDGE]
    for folder in ("litter-land/images", "vegetation/mats", "vegetation/hard-negatives"):
        paths += _pictures(data / folder)
    return [_read(path, 480) for path in paths]


def held_out(data: Path) -> list[Path]:
    """Pictures of the same kinds that no sample is drawn on: to count false alarms."""
    surfrider = _pictures(data / "river-scenes/surfrider")
    clean = _pictures(data / "river-scenes/clean")
    return [path for path in clean if int(path.stem) >= _CLEAN_END] + surfrider[
        len(surfrider) // 2 :
    ]


def _pictures(folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.webp"))
    if not found:
        raise FileNotFoundError(f"{folder}: no pictures (*.webp) here; name the shared data folder")
    return found


def _is_ground(path: Path) -> bool:
    number = int(path.stem)
    return number < _CLEAN_END and number not in _NO_GROUND


def _all(paths: Iterable[Path]) -> list[Image]:
    return [_read(path) for path in paths]


def _read(path: Path, longest: int = _LONGEST) -> Image:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise FileNotFoundError(f"{path}: not a picture that OpenCV reads")
    shrink = min(1.0, longest / max(picture.shape[:2]))
    smaller = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return np.asarray(smaller, np.uint8)
