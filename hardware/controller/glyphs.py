"""The signs of two-legged parts, 28 points wide, legs left and right."""

from collections.abc import Callable

from xunhe_tools.hardware.drawing import INK, Drawing, Point


def draw(drawing: Drawing, symbol: str, at: Point) -> None:
    """The sign of a symbol with its middle at `at`."""
    _SIGNS[symbol.partition("_")[0]](drawing, *at)


def _resistor(drawing: Drawing, x: float, y: float) -> None:
    drawing.box((x - 12, y - 4), (24, 8))
    _legs(drawing, x, y, 12)


def _capacitor(drawing: Drawing, x: float, y: float) -> None:
    for side in (-2, 2):
        drawing.line(((x + side, y - 6), (x + side, y + 6)), width=1.4)
    _legs(drawing, x, y, 2)


def _inductor(drawing: Drawing, x: float, y: float) -> None:
    bows = [(x - 12 + 2 * n, y - (4 if n % 2 else 0)) for n in range(13)]
    drawing.line(bows, width=1.2)
    _legs(drawing, x, y, 12)


def _diode(drawing: Drawing, x: float, y: float) -> None:
    drawing.area(((x + 6, y - 5), (x + 6, y + 5), (x - 5, y)), INK)
    drawing.line(((x - 5, y - 6), (x - 5, y + 6)), width=1.4)
    _legs(drawing, x, y, 5)


def _fuse(drawing: Drawing, x: float, y: float) -> None:
    drawing.box((x - 11, y - 3.5), (22, 7))
    drawing.line(((x - 14, y), (x + 14, y)))


def _switch(drawing: Drawing, x: float, y: float) -> None:
    drawing.line(((x - 8, y), (x + 7, y - 7)), width=1.2)
    _legs(drawing, x, y, 8)


def _point(drawing: Drawing, x: float, y: float) -> None:
    drawing.area(((x - 4, y), (x, y - 4), (x + 4, y), (x, y + 4)), "#ffd54f", INK, 0.8)


def _legs(drawing: Drawing, x: float, y: float, inner: float) -> None:
    for side in (-1, 1):
        drawing.line(((x + side * inner, y), (x + side * 14, y)))


_SIGNS: dict[str, Callable[[Drawing, float, float], None]] = {
    "R": _resistor,
    "C": _capacitor,
    "L": _inductor,
    "D": _diode,
    "FUSE": _fuse,
    "SWITCH": _switch,
    "TP": _point,
}
