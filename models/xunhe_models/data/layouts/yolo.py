"""YOLO: a text file a picture, `class cx cy w h` a line, in parts of the picture's sides.

The text lies beside the picture, or in `labels` where the picture lies in `images`. A line may hold
a polygon in place of the box (class and three or more points): its bounds are taken. A picture
without a text file has nothing to find. The classes stand in `data.yaml` (`names:`), `classes.txt`
or `obj.names`.
"""

import posixpath
import re
from collections.abc import Iterator

from xunhe_models.data.layouts.entries import Entry, Mark, Reading, missing_picture, number
from xunhe_models.data.layouts.folder import IMAGE_FOLDERS, Folder
from xunhe_models.data.layouts.yolo_names import class_names
from xunhe_models.data.problems import Problem, Reason

_LINE = re.compile(r"\s*\d+(\s+[-+]?[\d.]+(e[-+]?\d+)?){4,}\s*$", re.IGNORECASE)
_Corners = tuple[float, float, float, float]


def recognise(folder: Folder) -> bool:
    """Whether any text file begins with a line of labels, or pictures have a list of classes."""
    if folder.images and class_names(folder):
        return True
    return any(_is_label_file(folder, name) for name in folder.labels(".txt"))


def read(folder: Folder) -> Iterator[Reading]:
    """Every picture below the folder, then the text files that belong to none."""
    names = class_names(folder)
    texts = set(folder.labels(".txt"))
    used: set[str] = set()
    for image in folder.images:
        text = next((t for t in _text_names(image) if t in texts), None)
        if text is not None:
            used.add(text)
        yield from _read_picture(folder, image, text, names)
    for text in sorted(texts - used):
        if _is_label_file(folder, text):
            lines = len(_lines(folder, text))
            yield missing_picture(text, posixpath.splitext(text)[0], lines)


def _text_names(image: str) -> Iterator[str]:
    """Where the labels of a picture may lie, below the root."""
    stem = posixpath.splitext(image)[0]
    parts = stem.split("/")
    for i in reversed(range(len(parts) - 1)):
        if parts[i] in IMAGE_FOLDERS:
            yield "/".join((*parts[:i], "labels", *parts[i + 1 :])) + ".txt"
    yield stem + ".txt"


def _read_picture(
    folder: Folder, image: str, text: str | None, names: dict[int, str]
) -> Iterator[Reading]:
    marks = []
    for i, line in enumerate(_lines(folder, text) if text else [], 1):
        mark = _mark(f"{text} line {i}", line, names)
        if isinstance(mark, Mark):
            marks.append(mark)
        elif mark is not None:
            yield mark
    yield Entry(text or image, folder.path(image), None, tuple(marks), fractions=True)


def _lines(folder: Folder, name: str) -> list[str]:
    try:
        return folder.path(name).read_text("utf-8-sig", errors="replace").splitlines()
    except OSError:
        return ["unreadable file"]  # named as a malformed line by the caller


def _mark(where: str, line: str, names: dict[int, str]) -> Mark | Problem | None:
    fields = line.split()
    if not fields:
        return None
    values = [found for text in fields[1:] if (found := number(text)) is not None]
    if len(values) != len(fields) - 1 or not fields[0].isdecimal():
        return Problem(where, Reason.MALFORMED, f"not numbers: {line[:60]!r}")
    corners = _corners(values)
    if corners is None:
        text = f"{len(fields)} fields; a box has 5, a polygon an odd number from 7 on"
        return Problem(where, Reason.MALFORMED, text)
    name = names.get(int(fields[0])) if len(fields[0]) < 10 else None
    return Mark(where, corners, name or f"class {fields[0]}")


def _corners(values: list[float]) -> _Corners | None:
    if len(values) == 4:
        cx, cy, w, h = values
        return cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2
    if len(values) >= 6 and len(values) % 2 == 0:
        xs, ys = values[::2], values[1::2]
        return min(xs), min(ys), max(xs), max(ys)
    return None


def _is_label_file(folder: Folder, name: str) -> bool:
    try:
        with folder.path(name).open(encoding="utf-8-sig", errors="replace") as file:
            return _LINE.match(file.readline(100_000)) is not None
    except OSError:
        return False
