"""Dimensions written on the pictures of the buoy; points in millimetres of the view's plane."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from hardware.buoy.shape import Shape
from xunhe_tools.hardware.drawing import BLUE, Drawing, Point
from xunhe_tools.hardware.floating import Hull

_TICK = 4.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A line with its words at the middle; ticks at the ends unless it is dashed.

    `anchor`: of the words beside an upright line; "end" puts them on its left.
    """

    points: tuple[Point, ...]
    text: str
    dash: tuple[float, ...] = ()
    anchor: Literal["start", "end"] = "start"

    def draw(self, drawing: Drawing, place: Callable[[Point], Point]) -> None:
        """On the page, by the function that places a point of the view on it."""
        line = [place(point) for point in self.points]
        drawing.line(line, BLUE, 0.8, self.dash)
        (x, y), (end_x, end_y) = line[0], line[-1]
        upright = abs(end_x - x) < abs(end_y - y)
        for at in () if self.dash else (line[0], line[-1]):
            across = (_TICK, 0.0) if upright else (0.0, _TICK)
            drawing.line(
                ((at[0] - across[0], at[1] - across[1]), (at[0] + across[0], at[1] + across[1])),
                BLUE,
                0.8,
            )
        middle = ((x + end_x) / 2, (y + end_y) / 2)
        if upright:
            beside = middle[0] + (4 if self.anchor == "start" else -4)
            drawing.words((beside, middle[1] + 3), self.text, 9, self.anchor, BLUE)
        else:
            drawing.words((middle[0], middle[1] - 3), self.text, 9, "middle", BLUE)


def of_side(hull: Hull, shape: Shape, draught_m: float) -> tuple[Mark, ...]:
    """Seen with the mast on the right; heights from the hull's bottom."""
    rim, deck, water = 500 * hull.diameter_m, 1000 * hull.depth_m, 1000 * draught_m
    keel, plate = 1000 * shape.ballast_m[0], 500 * shape.ballast_diameter_m
    mast, right, left = 1000 * shape.mast_m[1], rim + 70, -rim - 70
    return (
        Mark(((left - 250, water), (right + 250, water)), "", (8, 4)),
        _upright(right, 0, deck),
        _upright(right, deck, deck + mast),
        _upright(right, keel, 0),
        _upright(left, water, deck, "干舷 freeboard ", "end"),
        _upright(left, 0, water, "吃水 draught ", "end"),
        _level(-plate, plate, keel - 90, "⌀"),
        _level(-rim, rim, keel - 190, "⌀"),
    )


def of_above(hull: Hull, shape: Shape) -> tuple[Mark, ...]:
    """The well beneath its lid; how far mast and case stand off the axis."""
    well, below = 500 * hull.well_m, -500 * hull.diameter_m - 40
    turns = [math.tau * n / 72 for n in range(73)]
    ring = tuple((well * math.cos(turn), well * math.sin(turn)) for turn in turns)
    return (
        Mark(ring, "", (4, 3)),
        _level(-well, well, 0, "井 well ⌀"),
        _level(0, 1000 * shape.mast_at_m, below),
        _level(1000 * shape.case_at_m, 0, below),
    )


def _upright(
    x: float, low: float, high: float, words: str = "", anchor: Literal["start", "end"] = "start"
) -> Mark:
    return Mark(((x, low), (x, high)), f"{words}{high - low:.0f}", anchor=anchor)


def _level(left: float, right: float, y: float, words: str = "") -> Mark:
    return Mark(((left, y), (right, y)), f"{words}{right - left:.0f}")
