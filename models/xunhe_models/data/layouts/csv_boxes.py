"""CSV: one row a box, with the columns image, width, height, xmin, ymin, xmax, ymax, class.

Corners in pixels. `filename` may stand for `image`; other columns are let be, except `site`. A row
of class `none`, or without corners, is a picture with nothing to find. The pictures lie in
`images/` beside the CSV, or beside it.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from xunhe_models.data.layouts.entries import Entry, Mark, Reading, missing_picture, number
from xunhe_models.data.layouts.folder import Folder, beside
from xunhe_models.data.problems import Problem, Reason

COLUMNS = ("image", "width", "height", "xmin", "ymin", "xmax", "ymax", "class")
_CORNERS = COLUMNS[3:7]
_NOTHING = "none"


@dataclass(frozen=True, slots=True)
class _Row:
    where: str
    field: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Picture:
    """Rows that agree in all of this belong together, wherever they stand."""

    where: str = field(compare=False)
    image: str
    sides: tuple[str, str]
    site: str


def recognise(folder: Folder) -> bool:
    """Whether any CSV has all the columns."""
    return any(not _missing(header(folder, name)) for name in folder.labels(".csv"))


def header(folder: Folder, name: str) -> list[str]:
    """The column names of a CSV, in lower case; empty for a file that cannot be read."""
    try:
        with folder.path(name).open(encoding="utf-8-sig", errors="replace", newline="") as file:
            return _names(next(csv.reader(file), []))
    except (OSError, csv.Error):
        return []


def read(folder: Folder) -> Iterator[Reading]:
    """Every CSV below the folder that has the columns; where none has, each is named."""
    files = folder.labels(".csv")
    good = [name for name in files if not _missing(header(folder, name))]
    for name in good or files:
        yield from _read_file(folder, name)


def _names(columns: list[str]) -> list[str]:
    plain = [column.strip().lower() for column in columns]
    return ["image" if column == "filename" else column for column in plain]


def _missing(columns: list[str]) -> list[str]:
    return [column for column in COLUMNS if column not in columns]


def _read_file(folder: Folder, name: str) -> Iterator[Reading]:
    try:
        text = folder.path(name).read_text("utf-8-sig", errors="replace")
    except OSError as error:
        yield Problem(name, Reason.MALFORMED, error.strerror or str(error))
        return
    columns = header(folder, name)
    if missing := _missing(columns):
        yield Problem(name, Reason.MALFORMED, f"no column {', '.join(missing)}")
        return
    pictures: dict[_Picture, list[Mark]] = {}
    for row in _rows(name, text, columns):
        mark = row if isinstance(row, Problem) else _mark(row)
        if isinstance(mark, Problem):
            yield mark
        elif isinstance(row, _Row):
            marks = pictures.setdefault(_picture(row), [])
            marks += [mark] if mark is not None else []
    for picture, marks in pictures.items():
        yield _entry(folder, name, picture, marks)


def _rows(name: str, text: str, columns: list[str]) -> Iterator[_Row | Problem]:
    """The rows after the header; csv gives up on a row, not on the file."""
    rows = csv.reader(io.StringIO(text, newline=""))
    next(rows, None)
    while True:
        try:
            fields = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Problem(f"{name} line {rows.line_num}", Reason.MALFORMED, str(error))
            continue
        where = f"{name} line {rows.line_num}"
        if len(fields) == len(columns):
            yield _Row(where, dict(zip(columns, (f.strip() for f in fields), strict=True)))
        elif fields:
            text = f"{len(fields)} fields, the header has {len(columns)}"
            yield Problem(where, Reason.MALFORMED, text)


def _mark(row: _Row) -> Mark | Problem | None:
    """The box of a row, or None where the row says that there is none."""
    texts = [row.field[column] for column in _CORNERS]
    if row.field["class"].lower() == _NOTHING or not any(texts):
        return None
    corners = [number(text) for text in texts]
    if None in corners:
        return Problem(row.where, Reason.MALFORMED, f"corners {', '.join(texts)} are no numbers")
    x0, y0, x1, y1 = (corner for corner in corners if corner is not None)
    return Mark(row.where, (x0, y0, x1, y1), row.field["class"])


def _picture(row: _Row) -> _Picture:
    sides = row.field["width"], row.field["height"]
    return _Picture(row.where, row.field["image"], sides, row.field.get("site", ""))


def _entry(folder: Folder, name: str, picture: _Picture, marks: list[Mark]) -> Reading:
    image = folder.find(picture.image, beside(name))
    if image is None:
        return missing_picture(picture.where, picture.image, len(marks))
    width, height = (number(side) for side in picture.sides)
    extent = (width, height) if width is not None and height is not None else None
    return Entry(picture.where, folder.path(image), extent, tuple(marks), site=picture.site or None)
