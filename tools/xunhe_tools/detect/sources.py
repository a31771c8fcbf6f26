"""Which files a run looks at, under which names, and their frames."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from xunhe_models import images, videos
from xunhe_models.images import Frame


class SourceError(ValueError):
    """A path that names nothing to look at."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file, and the name it has in the results: relative to the folder that was given."""

    path: Path
    name: str
    given: Path

    @property
    def is_video(self) -> bool:
        """By its suffix; a file without a known one is a video unless it begins like a picture."""
        suffix = self.path.suffix.lower()
        if suffix in images.SUFFIXES:
            return False
        return suffix in videos.SUFFIXES or not images.is_image(self.path)

    @property
    def is_stream(self) -> bool:
        """Whether it may have many frames, so that they are better shared out than the files."""
        return self.is_video or self.path.suffix.lower() == ".gif"

    def frames(self, every_s: float) -> Iterator[Frame]:
        """Its frames; UnreadableError, after those that could be read, where there are no more."""
        if not self.is_video:
            return images.read_images(self.path, every_s)
        return videos.read_video(self.path, every_s)


def find_sources(paths: list[Path], leave_out: Path | None = None) -> list[Source]:
    """Every picture and video at the paths, in order, each file once.

    Folders are walked by name; hidden files, files of other kinds and those in `leave_out` are not
    taken. Where two files would have one name, the path as given stands before it.
    SourceError where a path names nothing to look at.
    """
    found: dict[Path, Source] = {}
    for path in paths:
        of_path = list(_at(path, leave_out.resolve() if leave_out else None))
        if not of_path:
            raise SourceError(
                f"{path}: no pictures or videos in this folder; known suffixes:"
                f" {' '.join(sorted(images.SUFFIXES | videos.SUFFIXES))}"
            )
        for source in of_path:
            found.setdefault(source.path.resolve(), source)
    times = Counter(source.name for source in found.values())
    return [_told_apart(source) if times[source.name] > 1 else source for source in found.values()]


def _at(path: Path, leave_out: Path | None) -> Iterator[Source]:
    if path.is_file():
        yield Source(path, _printable(path.name), path.parent)
    elif path.is_dir():
        for file in _files(path, leave_out):
            yield Source(file, _printable(file.relative_to(path).as_posix()), path)
    elif path.exists():
        raise SourceError(f"{path} is neither a file nor a folder")
    else:
        raise SourceError(f"{path} does not exist: name pictures, videos or folders")


def _files(folder: Path, leave_out: Path | None) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, onerror=_refuse):
        here = Path(parent)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and (here / name).resolve() != leave_out
        )
        for name in sorted(names):
            file = here / name
            known = file.suffix.lower() in images.SUFFIXES | videos.SUFFIXES
            if known and not name.startswith(".") and file.is_file():
                yield file


def _refuse(error: OSError) -> NoReturn:
    raise SourceError(f"{error.filename}: {error.strerror}") from error


def _told_apart(source: Source) -> Source:
    return replace(source, name=_printable((source.given / source.name).as_posix()))


def _printable(name: str) -> str:
    """A file's name may hold bytes that are not UTF-8; no JSON can."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
