"""The files below a data set's folder, and how a label file's names lead to them."""

import os
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from xunhe_models.images import SUFFIXES

# Folders that say how a data set is stored, and nothing about where a picture was taken.
IMAGE_FOLDERS = ("images", "JPEGImages", "imgs", "img")
LABEL_FOLDERS = frozenset(("annotations", "labels", "annotation", "label", "xml", "xmls"))


@dataclass(frozen=True, slots=True)
class Folder:
    """Names are paths below `root`, with forward slashes, in alphabetical order."""

    root: Path
    images: tuple[str, ...]
    others: tuple[str, ...]
    _by_stem: dict[str, list[str]]
    _by_last_part: dict[str, list[str]]

    @classmethod
    def of(cls, root: Path) -> Self:
        """List the folder once; hidden folders are left out, links to folders not followed."""
        names = sorted(_walk(root))
        images = tuple(n for n in names if Path(n).suffix.lower() in SUFFIXES)
        by_stem: dict[str, list[str]] = {}
        by_last_part: dict[str, list[str]] = {}
        for name in images:
            stem = _stem(name)
            by_stem.setdefault(stem, []).append(name)
            by_last_part.setdefault(posixpath.basename(stem), []).append(name)
        others = tuple(n for n in names if Path(n).suffix.lower() not in SUFFIXES)
        return cls(root, images, others, by_stem, by_last_part)

    def labels(self, suffix: str) -> list[str]:
        """Files that are no pictures, by their suffix."""
        return [name for name in self.others if name.lower().endswith(suffix)]

    def find(self, name: str, beside: Iterable[str]) -> str | None:
        """The picture that a label file calls `name`; `beside` are folders to look in first.

        The suffix may differ, since pictures get re-encoded. Where no folder has it, a name that
        occurs once anywhere will do. Nothing outside the root is ever found.
        """
        name = name.replace("\\", "/").strip()
        for folder in (*beside, "", *IMAGE_FOLDERS):
            wanted = posixpath.normpath(posixpath.join(folder, name))
            if found := _exact_or_only(self._by_stem.get(_stem(wanted), []), wanted):
                return found
        last = posixpath.basename(name)
        return _exact_or_only(self._by_last_part.get(_stem(last), []), last)

    def path(self, name: str) -> Path:
        """The file of a name."""
        return self.root / name


def beside(label_file: str) -> list[str]:
    """Folders in which the pictures of a label file usually lie, best first."""
    here = posixpath.dirname(label_file)
    parts = here.split("/") if here else []
    swapped = [
        "/".join((*parts[:i], images, *parts[i + 1 :]))
        for i in reversed(range(len(parts)))
        if parts[i].lower() in LABEL_FOLDERS
        for images in IMAGE_FOLDERS
    ]
    return [*swapped, here, *(posixpath.join(here, images) for images in IMAGE_FOLDERS)]


def _walk(root: Path) -> Iterable[str]:
    for folder, below, files in os.walk(root):
        below[:] = [name for name in below if not name.startswith(".")]
        for file in files:
            if not file.startswith("."):
                yield (Path(folder) / file).relative_to(root).as_posix()


def _stem(name: str) -> str:
    return posixpath.splitext(name)[0].casefold()


def _exact_or_only(found: list[str], wanted: str) -> str | None:
    exact = [n for n in found if n == wanted or n.endswith("/" + wanted)]
    if len(exact) == 1:
        return exact[0]
    return found[0] if len(found) == 1 else None
