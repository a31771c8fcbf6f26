"""Pascal VOC: an XML file a picture, with `object/name` and `object/bndbox` in pixels.

Corners are taken as written: most tools write them from 0, the original set wrote them from 1, and
a file does not say which. Objects marked difficult become places to leave out. The picture is the
one of the XML file's own name, else the one in `filename`, in `images` or `JPEGImages` beside the
folder of the annotations, or beside the XML.

The parser is the standard library's: the files are the user's own, and Expat bounds the growth of
entities since 2.4.1.
"""

import posixpath
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from xunhe_models.data.layouts.entries import Entry, Mark, Reading, missing_picture, number
from xunhe_models.data.layouts.folder import Folder, beside
from xunhe_models.data.problems import Problem, Reason

_CORNERS = ("xmin", "ymin", "xmax", "ymax")


def recognise(folder: Folder) -> bool:
    """Whether any XML file holds an annotation."""
    return any(_is_annotation(folder, name) for name in folder.labels(".xml"))


def read(folder: Folder) -> Iterator[Reading]:
    """Every XML file below the folder."""
    for name in folder.labels(".xml"):
        yield from _read_file(folder, name)


def _read_file(folder: Folder, name: str) -> Iterator[Reading]:
    try:
        root = ElementTree.fromstring(folder.path(name).read_bytes())  # noqa: S314 (see above)
    except (OSError, ElementTree.ParseError, ValueError, LookupError) as error:
        yield Problem(name, Reason.MALFORMED, f"no XML: {error}")
        return
    if root.tag != "annotation":
        yield Problem(name, Reason.MALFORMED, f"<{root.tag}> in place of <annotation>")
        return
    marks = []
    for i, thing in enumerate(root.findall("object"), 1):
        mark = _mark(f"{name} object {i}", thing)
        if isinstance(mark, Mark):
            marks.append(mark)
        else:
            yield mark
    yield _entry(folder, name, root, marks)


def _mark(where: str, thing: Element) -> Mark | Problem:
    texts = [thing.findtext(f"bndbox/{corner}", "").strip() for corner in _CORNERS]
    values = [value for text in texts if (value := number(text)) is not None]
    if len(values) != 4:
        return Problem(where, Reason.MALFORMED, f"bndbox {', '.join(texts)} is not four numbers")
    x0, y0, x1, y1 = values
    difficult = thing.findtext("difficult", "0").strip() == "1"
    return Mark(where, (x0, y0, x1, y1), thing.findtext("name", "").strip(), difficult)


def _entry(folder: Folder, name: str, root: Element, marks: list[Mark]) -> Reading:
    stem = posixpath.splitext(posixpath.basename(name))[0]
    file_name = root.findtext("filename", "").strip()
    folders = beside(name)
    # With a suffix, so that a dot in the stem is not taken for one.
    found = folder.find(f"{stem}.jpg", folders) or (file_name and folder.find(file_name, folders))
    if not found:
        return missing_picture(name, file_name or stem, len(marks))
    width, height = number(root.findtext("size/width")), number(root.findtext("size/height"))
    extent = (width, height) if width is not None and height is not None else None
    return Entry(name, folder.path(found), extent, tuple(marks))


def _is_annotation(folder: Folder, name: str) -> bool:
    try:
        with folder.path(name).open("rb") as file:
            return b"<annotation" in file.read(4096)
    except OSError:
        return False
