"""Pictures with their pixels, in one pass over each clip.

A picture's path is a file, or `CLIP#NUMBER` for one frame of a clip (counted from 0 in decoding
order).
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe_models.data.pictures import Picture

MARK = "#"


def with_pixels(pictures: Iterable[Picture]) -> Iterator[tuple[Picture, NDArray[np.uint8]]]:
    """Each picture with its BGR pixels (H, W, 3): files first, then the frames clip by clip.

    Raises OSError naming what cannot be read.
    """
    of_clip: dict[Path, dict[int, list[Picture]]] = {}
    for picture in pictures:
        if MARK in picture.path.name:
            name, _, count = picture.path.name.rpartition(MARK)
            clip = picture.path.with_name(name)
            of_clip.setdefault(clip, {}).setdefault(int(count), []).append(picture)
        else:
            yield picture, _image(picture.path)
    for clip, wanted in of_clip.items():
        for number, frame in _frames(clip, wanted.keys()):
            for picture in wanted[number]:
                yield picture, frame


def _image(path: Path) -> NDArray[np.uint8]:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise OSError(f"{path} is missing or no picture that can be read")
    return np.asarray(image, np.uint8)


def _frames(clip: Path, wanted: Iterable[int]) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    left = set(wanted)
    with av.open(str(clip)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number in left:
                left.remove(number)
                yield number, np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
            if not left:
                return
    raise OSError(f"{clip} ends before frame {min(left)}")
