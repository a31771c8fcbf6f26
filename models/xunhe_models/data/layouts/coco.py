"""COCO: JSON with `images`, `annotations` and `categories`.

`bbox` is x, y, width, height in pixels. Crowds become places to leave out. Segmentations are not
looked at.
"""

import json
from collections.abc import Iterator
from typing import Any

from xunhe_models.data.layouts.entries import Entry, Mark, Reading, missing_picture, number
from xunhe_models.data.layouts.folder import Folder, beside
from xunhe_models.data.problems import Problem, Reason

_Corners = tuple[float, float, float, float]
_Record = dict[str, Any]


def recognise(folder: Folder) -> bool:
    """Whether any JSON file speaks of images and annotations, be it whole or damaged."""
    return any(_speaks_of_both(folder, name) for name in folder.labels(".json"))


def read(folder: Folder) -> Iterator[Reading]:
    """Every such JSON file below the folder; where none is, each is named."""
    files = folder.labels(".json")
    good = [name for name in files if _speaks_of_both(folder, name)]
    for name in good or files:
        yield from read_file(folder, name)


def read_file(folder: Folder, name: str) -> Iterator[Reading]:
    """One JSON file."""
    try:
        content = json.loads(folder.path(name).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        yield Problem(name, Reason.MALFORMED, f"no JSON: {error}")
        return
    if not isinstance(content, dict) or not {"images", "annotations"} <= content.keys():
        yield Problem(name, Reason.MALFORMED, "no object with images and annotations")
        return
    categories = {_id(c.get("id")): str(c.get("name")) for c in _records(content, "categories")}
    marks: dict[str, list[Mark]] = {
        _id(image.get("id")): [] for image in _records(content, "images")
    }
    for i, annotation in enumerate(_records(content, "annotations")):
        where = f"{name} annotation {annotation.get('id', f'number {i}')}"
        mark = _mark(where, annotation, categories)
        if isinstance(mark, Problem):
            yield mark
        elif (image_id := _id(annotation.get("image_id"))) in marks:
            marks[image_id].append(mark)
        else:
            text = f"image_id {annotation.get('image_id')!r} is not among the images"
            yield Problem(where, Reason.MALFORMED, text)
    for image in _records(content, "images"):
        found = marks.pop(_id(image.get("id")), None)
        if found is None:
            text = f"{image.get('file_name')}: an earlier image has the same id"
            yield Problem(f"{name} image {image.get('id')}", Reason.MALFORMED, text)
        else:
            yield _entry(folder, name, image, found)


def _speaks_of_both(folder: Folder, name: str) -> bool:
    try:
        content = folder.path(name).read_bytes()
    except OSError:
        return False
    return b'"images"' in content and b'"annotations"' in content


def _records(content: _Record, key: str) -> list[_Record]:
    """The objects in a list; what is none of them has nothing to name it by."""
    found = content.get(key)
    return (
        [record for record in found if isinstance(record, dict)] if isinstance(found, list) else []
    )


def _id(value: object) -> str:
    """Identifiers as text: some writers use numbers here and text there."""
    return str(value)


def _mark(where: str, annotation: _Record, categories: dict[str, str]) -> Mark | Problem:
    box = annotation.get("bbox")
    corners = _corners(box)
    if corners is None:
        return Problem(where, Reason.MALFORMED, f"bbox {str(box)[:60]} is not four numbers")
    category = annotation.get("category_id")
    name = categories.get(_id(category), f"category {category}")
    return Mark(where, corners, name, ignore=bool(annotation.get("iscrowd")))


def _corners(box: object) -> _Corners | None:
    values = [number(v) for v in box] if isinstance(box, list) else []
    if len(values) != 4 or None in values:
        return None
    x, y, width, height = (value for value in values if value is not None)
    return x, y, x + width, y + height


def _entry(folder: Folder, name: str, image: _Record, marks: list[Mark]) -> Reading:
    where = f"{name} image {image.get('id')}"
    file_name = image.get("file_name")
    found = folder.find(file_name, beside(name)) if isinstance(file_name, str) else None
    if found is None:
        return missing_picture(where, str(file_name), len(marks))
    width, height = number(image.get("width")), number(image.get("height"))
    extent = (width, height) if width is not None and height is not None else None
    return Entry(where, folder.path(found), extent, tuple(marks))
