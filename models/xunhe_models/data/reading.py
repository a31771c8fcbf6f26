"""The pixels of labelled pictures, files and frames of clips alike, in one pass over each clip.

A picture's path is a file, or `CLIP#NUMBER` for one frame of a clip (counted from 0 in decoding
order). Everything is read as `xunhe detect` reads it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xunhe_models.data.pictures import Box, Picture
from xunhe_models.images import SUFFIXES, Frame, Reason, UnreadableError, read_image, read_images
from xunhe_models.videos import read_video

MARK = "#"
Seen = tuple[Picture, Frame | UnreadableError]


def with_pixels(pictures: Iterable[Picture]) -> Iterator[tuple[Picture, NDArray[np.uint8]]]:
    """Each picture with its BGR pixels (H, W, 3), boxes in these pixels.

    Raises OSError naming what cannot be read.
    """
    for picture, frame in frames_of(pictures):
        if isinstance(frame, UnreadableError):
            raise OSError(f"{picture.path}: {frame}") from frame
        yield _reduced(picture, frame.scale_xy), frame.bgr


def frames_of(pictures: Iterable[Picture]) -> Iterator[Seen]:
    """Stills in their order, then the frames clip by clip; what cannot be read as its error."""
    of_clip: dict[Path, list[Picture]] = {}
    for picture in pictures:
        clip = clip_of(picture)
        if clip is None:
            yield picture, _read(picture.path)
        else:
            of_clip.setdefault(clip, []).append(picture)
    for clip, wanted in of_clip.items():
        yield from _of_clip(clip, wanted)


def clip_of(picture: Picture) -> Path | None:
    """The clip that a picture is a frame of; None for a still."""
    name, mark, _ = picture.path.name.rpartition(MARK)
    return picture.path.with_name(name) if mark else None


def number_of(picture: Picture) -> int:
    """The number of a clip's frame, from 0 in decoding order."""
    return int(picture.path.name.rpartition(MARK)[2])


def _reduced(picture: Picture, scale_xy: tuple[float, float]) -> Picture:
    """The boxes of a picture that was too large to be read at its full size."""
    x, y = scale_xy
    if x == y == 1:
        return picture
    boxes = (Box(b.x0 / x, b.y0 / y, b.x1 / x, b.y1 / y, b.label) for b in picture.boxes)
    return replace(picture, boxes=tuple(boxes))


def _read(path: Path) -> Frame | UnreadableError:
    try:
        return read_image(path)
    except UnreadableError as error:
        return error


def _of_clip(clip: Path, pictures: Iterable[Picture]) -> Iterator[Seen]:
    wanted: dict[int, list[Picture]] = {}
    for picture in pictures:
        wanted.setdefault(number_of(picture), []).append(picture)
    moving = read_images if clip.suffix.lower() in SUFFIXES else read_video
    problem = UnreadableError(Reason.TRUNCATED, "the clip ends before this frame")
    try:
        for frame in moving(clip, 0.0):
            for picture in wanted.pop(frame.number or 0, ()):
                yield picture, frame
            if not wanted:
                return
    except UnreadableError as error:
        problem = error
    for of_frame in wanted.values():
        yield from ((picture, problem) for picture in of_frame)
