"""What a label file says, before it is believed: names of its own, corners unchecked."""

import math
from dataclasses import dataclass
from pathlib import Path

from xunhe_models.data.problems import Problem, Reason


@dataclass(frozen=True, slots=True)
class Mark:
    """One box of a label file: corners x0, y0, x1, y1 in the unit of its entry."""

    where: str
    corners: tuple[float, float, float, float]
    class_name: str
    ignore: bool = False  # a crowd, or marked as too difficult


@dataclass(frozen=True, slots=True)
class Entry:
    """What a label file says of one picture.

    `extent` is the width and height that the corners refer to: pixels as stated in the file, None
    where nothing is stated. With `fractions` the corners are parts of the picture's sides.
    """

    where: str
    image: Path
    extent: tuple[float, float] | None
    marks: tuple[Mark, ...]
    fractions: bool = False
    site: str | None = None


Reading = Entry | Problem


def number(value: object) -> float | None:
    """A finite number from text or JSON, or None."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def missing_picture(where: str, name: str, marks: int) -> Problem:
    """The problem of a label whose picture is nowhere below the folder, or in several places."""
    text = f"{name or 'no name'}: no such file, or several in different folders; boxes: {marks}"
    return Problem(where, Reason.MISSING_IMAGE, text)
