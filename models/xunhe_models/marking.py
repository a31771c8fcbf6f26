"""Boxes and their names on a picture, for people to look at; shared by all who draw them."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from xunhe_models.lettering import Font, chinese_font, font_file

Colour = tuple[int, int, int]
Edges = tuple[float, float, float, float]  # first and last pixels: x0, y0, x1, y1

LABELS = {
    "litter": "漂浮垃圾",
    "vegetation_mat": "漂浮植物",
    "flowing": "排水",
    "foaming": "泡沫",
    "coloured": "着色",
    "sheen": "油膜",
    "discharge": "疑似排污",
    "dumping": "疑似倾倒",
    "blind_camera": "画面异常",
}
# Okabe and Ito's colours: told apart by colour-blind eyes, and from water and leaves.
_COLOURS = {
    "litter": (230, 159, 0),
    "vegetation_mat": (204, 121, 167),
    "flowing": (86, 180, 233),
    "foaming": (240, 228, 66),
}
_OTHER_COLOURS = ((86, 180, 233), (240, 228, 66), (213, 94, 0))


@dataclass(frozen=True, slots=True)
class Mark:
    """One box, first and last pixels, with its class and what else to write beside its name."""

    edges: Edges
    label: str
    text: str


def draw(picture: Image.Image, marks: Sequence[Mark], faint: Sequence[Mark] = ()) -> None:
    """Draw on `picture`: faint boxes lowest, then names, and the boxes of `marks` over all.

    `marks` begin with the best. Names are Chinese where a font for them is installed.
    """
    pen = ImageDraw.Draw(picture)
    longer = max(picture.size)
    unit, font = max(1, round(longer / 1200)), chinese_font(max(12, round(longer / 70)))
    for mark in faint:
        pen.rectangle(mark.edges, outline=colour_of(mark.label), width=unit)
    for mark in reversed(marks):  # the best last
        text = f"{_name(mark.label)} {mark.text}"
        _write(pen, text, _beside(pen, text, font, mark.edges), font, colour_of(mark.label))
    for mark in reversed(marks):
        _frame(pen, mark.edges, unit, colour_of(mark.label))


def _name(label: str) -> str:
    return label if font_file() is None else LABELS.get(label, label)


def _frame(pen: ImageDraw.ImageDraw, edges: Edges, unit: int, colour: Colour) -> None:
    """Thick, with a black edge, and outside of the object, which may be small."""
    x0, y0, x1, y1 = edges
    for grow, width, ink in ((4 * unit, unit, (0, 0, 0)), (3 * unit, 3 * unit, colour)):
        pen.rectangle((x0 - grow, y0 - grow, x1 + grow, y1 + grow), outline=ink, width=width)


def _beside(pen: ImageDraw.ImageDraw, text: str, font: Font, edges: Edges) -> Edges:
    """Where a label stands: over its box, under it at the top, never out of the picture."""
    _, _, right, bottom = pen.textbbox((0, 0), text, font=font)
    x0, y0, _, y1 = edges
    gap = bottom / 3
    x = max(0, min(x0, pen.im.size[0] - right - gap))
    y = y0 - bottom - 2 * gap if y0 >= bottom + 2 * gap else y1 + gap
    return x, y, x + right + gap, y + bottom + gap / 2


def _write(pen: ImageDraw.ImageDraw, text: str, place: Edges, font: Font, colour: Colour) -> None:
    x0, y0, x1, _ = place
    pen.rectangle(place, fill=colour)
    _, _, right, _ = pen.textbbox((0, 0), text, font=font)
    pen.text((x0 + (x1 - x0 - right) / 2, y0), text, fill=(0, 0, 0), font=font)


def colour_of(label: str) -> Colour:
    """The colour of a label, the same everywhere."""
    if label in _COLOURS:
        return _COLOURS[label]
    return _OTHER_COLOURS[sum(label.encode()) % len(_OTHER_COLOURS)]
