"""A drawing of lines, polygons and words, as SVG and as a page of a PDF.

Coordinates in points (1/72 inch), y downwards. The same calls give the same bytes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from io import BytesIO
from typing import Literal

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from xunhe.adapters.documents.fonts import FONT, register

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]

INK, FAINT, RED, BLUE, GREEN, PAPER = (
    "#1d2733",
    "#9aa7b4",
    "#b3261e",
    "#1f5fa8",
    "#2e7d32",
    "#ffffff",
)
_FAMILY = "'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif"
_BEFORE = {"start": 0.0, "middle": 0.5, "end": 1.0}


@dataclass(frozen=True, slots=True)
class Path:
    points: tuple[Point, ...]
    ink: str | None
    fill: str | None
    width: float
    dash: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Words:
    at: Point
    text: str
    size: float
    anchor: Anchor
    ink: str
    bold: bool


@dataclass(slots=True)
class Drawing:
    """Shapes in the order in which they are drawn."""

    width: float
    height: float
    shapes: list[Path | Words] = field(default_factory=list)

    def line(
        self,
        points: Iterable[Point],
        ink: str = INK,
        width: float = 1,
        dash: Sequence[float] = (),
    ) -> None:
        self.shapes.append(Path(tuple(points), ink, None, width, tuple(dash)))

    def area(
        self, points: Iterable[Point], fill: str | None, ink: str | None = None, width: float = 1
    ) -> None:
        """A closed polygon."""
        corners = tuple(points)
        self.shapes.append(Path((*corners, corners[0]), ink, fill, width, ()))

    def box(
        self,
        at: Point,
        size: Point,
        fill: str | None = PAPER,
        ink: str | None = INK,
        width: float = 1,
    ) -> None:
        (x, y), (w, h) = at, size
        self.area(((x, y), (x + w, y), (x + w, y + h), (x, y + h)), fill, ink, width)

    def words(
        self,
        at: Point,
        text: str,
        size: float = 9,
        anchor: Anchor = "start",
        ink: str = INK,
        bold: bool = False,
    ) -> None:
        """`at` is on the base line."""
        self.shapes.append(Words(at, text, size, anchor, ink, bold))

    def svg(self) -> str:
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {self.height:g}"'
            f' width="{self.width:g}" height="{self.height:g}" font-family="{_FAMILY}">'
        )
        ground = f'<rect width="{self.width:g}" height="{self.height:g}" fill="{PAPER}"/>'
        return "\n".join((head, ground, *map(_svg, self.shapes), "</svg>", ""))


def pdf(pages: Iterable[Drawing], title: str) -> bytes:
    """The drawings as pages of one file, without the hour of its making."""
    register()
    file = BytesIO()
    canvas = Canvas(file, invariant=1)
    canvas.setTitle(title)
    for page in pages:
        canvas.setPageSize((page.width, page.height))
        paint(canvas, page)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def paint(canvas: Canvas, drawing: Drawing) -> None:
    """The drawing with its lower left corner at the canvas's origin; the font is registered."""
    for shape in drawing.shapes:
        _paint(canvas, shape, drawing.height)


def _svg(shape: Path | Words) -> str:
    if isinstance(shape, Words):
        weight = ' font-weight="bold"' if shape.bold else ""
        return (
            f'<text x="{shape.at[0]:.2f}" y="{shape.at[1]:.2f}" font-size="{shape.size:g}"'
            f' text-anchor="{shape.anchor}" fill="{shape.ink}"{weight}>{escape(shape.text)}</text>'
        )
    points = " ".join(f"{x:.2f},{y:.2f}" for x, y in shape.points)
    dash = f' stroke-dasharray="{" ".join(f"{d:g}" for d in shape.dash)}"' if shape.dash else ""
    return (
        f'<polyline points="{points}" fill="{shape.fill or "none"}"'
        f' stroke="{shape.ink or "none"}" stroke-width="{shape.width:g}"{dash}/>'
    )


def _paint(canvas: Canvas, shape: Path | Words, height: float) -> None:
    if isinstance(shape, Words):
        _paint_words(canvas, shape, height)
        return
    canvas.setLineWidth(shape.width)
    canvas.setDash(*((list(shape.dash), 0) if shape.dash else ([], 0)))
    path = canvas.beginPath()
    path.moveTo(shape.points[0][0], height - shape.points[0][1])
    for x, y in shape.points[1:]:
        path.lineTo(x, height - y)
    if shape.ink:
        canvas.setStrokeColor(shape.ink)
    if shape.fill:
        canvas.setFillColor(shape.fill)
    canvas.drawPath(path, stroke=int(bool(shape.ink)), fill=int(bool(shape.fill)))


def _paint_words(canvas: Canvas, words: Words, height: float) -> None:
    x = words.at[0] - _BEFORE[words.anchor] * pdfmetrics.stringWidth(words.text, FONT, words.size)
    canvas.setFillColor(words.ink)
    canvas.setFont(FONT, words.size)
    canvas.drawString(x, height - words.at[1], words.text)
