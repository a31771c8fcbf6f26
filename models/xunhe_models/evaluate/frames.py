"""The pixels of labelled pictures, files and frames of clips alike, in one pass over each clip.

Read as `xunhe detect` reads them. What cannot be read is given as its error: an evaluation names it
and goes on.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from xunhe_models.data.pictures import Picture
from xunhe_models.data.reading import MARK
from xunhe_models.images import SUFFIXES, Frame, Reason, UnreadableError, read_image, read_images
from xunhe_models.videos import read_video

Seen = tuple[Picture, Frame | UnreadableError]


def clip_of(picture: Picture) -> Path | None:
    """The clip that a picture is a frame of; None for a still."""
    name, mark, _ = picture.path.name.rpartition(MARK)
    return picture.path.with_name(name) if mark else None


def number_of(picture: Picture) -> int:
    """The number of a clip's frame, from 0 in decoding order."""
    return int(picture.path.name.rpartition(MARK)[2])


def frames_of(pictures: Iterable[Picture]) -> Iterator[Seen]:
    """Stills in their order, then the frames clip by clip."""
    of_clip: dict[Path, list[Picture]] = {}
    for picture in pictures:
        clip = clip_of(picture)
        if clip is None:
            yield picture, _read(picture.path)
        else:
            of_clip.setdefault(clip, []).append(picture)
    for clip, wanted in of_clip.items():
        yield from _of_clip(clip, {number_of(picture): picture for picture in wanted})


def _read(path: Path) -> Frame | UnreadableError:
    try:
        return read_image(path)
    except UnreadableError as error:
        return error


def _of_clip(clip: Path, wanted: dict[int, Picture]) -> Iterator[Seen]:
    moving = read_images if clip.suffix.lower() in SUFFIXES else read_video
    problem = UnreadableError(Reason.TRUNCATED, "the clip ends before this frame")
    try:
        for frame in moving(clip, 0.0):
            if frame.number in wanted:
                yield wanted.pop(frame.number), frame
            if not wanted:
                return
    except UnreadableError as error:
        problem = error
    for picture in wanted.values():
        yield picture, problem
