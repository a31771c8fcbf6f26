"""The buoy in solid CAD (build123d), of the dimensions by which its floating is calculated.

Metres as in xunhe_tools.hardware.floating, drawn in millimetres; the hull's bottom is at 0.
"""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from build123d import (
    Align,
    Box,
    Compound,
    Cone,
    Cylinder,
    Edge,
    Part,
    Pos,
    Unit,
    export_step,
)

from hardware.buoy.marks import Mark
from hardware.buoy.shape import Shape
from xunhe_tools.hardware.drawing import FAINT, Drawing, Point
from xunhe_tools.hardware.floating import Hull

_BOTTOM = (Align.CENTER, Align.CENTER, Align.MIN)
_PAGE = 520.0
VIEWS = {  # (from where the eye looks, up)
    "side": ((0.0, -1.0, 0.0), (0.0, 0.0, 1.0)),
    "above": ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0)),
    "oblique": ((1.0, -1.0, 0.6), (0.0, 0.0, 1.0)),
}


def hull_solid(hull: Hull) -> Part:
    """The ring that floats; its volume is checked against the formula's."""
    ring = Cylinder(_mm(hull.diameter_m) / 2, _mm(hull.depth_m), align=_BOTTOM)
    return ring - Cylinder(_mm(hull.well_m) / 2, _mm(hull.depth_m), align=_BOTTOM)


def assembly(hull: Hull, shape: Shape) -> Compound:
    """All parts in place, each labelled as in the list of masses."""
    parts = {
        "hull": hull_solid(hull),
        "lid": _slab(shape.lid_m, shape.case_at_m, hull.depth_m),
        "case": _slab(shape.case_m, shape.case_at_m, hull.depth_m + shape.lid_m[2]),
        "panel": _slab(
            shape.panel_m, shape.case_at_m, hull.depth_m + shape.lid_m[2] + shape.case_m[2]
        ),
        "mast": Pos(_mm(shape.mast_at_m), 0, _mm(hull.depth_m)) * _mast(shape),
        "keel": _keel(shape),
        "ballast": Pos(0, 0, _mm(shape.ballast_m[0]))
        * Cylinder(_mm(shape.ballast_diameter_m) / 2, _mm(shape.ballast_m[1]), align=_BOTTOM),
        "probes": _probes(shape),
    }
    for name, part in parts.items():
        part.label = name
    return Compound(label="xunhe buoy, revision A", children=list(parts.values()))


def step(model: Compound) -> str:
    """The model as STEP (AP214), without the hour and the place of its making."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "buoy.step"
        export_step(model, file, unit=Unit.MM)
        text = file.read_text("utf-8")
    return re.sub(r"(FILE_NAME\('[^']*',)'[^']*'", r"\1'1970-01-01T00:00:00'", text)


def picture(model: Compound, view: str, title: str, marks: Sequence[Mark] = ()) -> Drawing:
    """A line drawing of one view, hidden edges left out, with its dimensions."""
    eye, up = VIEWS[view]
    visible, _ = model.project_to_viewport(tuple(5000 * each for each in eye), up, (0, 0, 0))
    lines = [_points(edge) for edge in visible]
    ends = [point for mark in marks for point in mark.points]
    xs, ys = zip(*(point for line in (*lines, ends) for point in line), strict=True)
    scale = 420 / max(max(xs) - min(xs), max(ys) - min(ys))

    def place(point: Point) -> Point:
        return _PAGE / 2 + (point[0] - (min(xs) + max(xs)) / 2) * scale, 60 + (
            max(ys) - point[1]
        ) * scale

    drawing = Drawing(_PAGE, _PAGE)
    for line in lines:
        drawing.line([place(point) for point in line])
    for mark in marks:
        mark.draw(drawing, place)
    drawing.words((50, 34), title, 13, bold=True)
    drawing.words(
        (50, _PAGE - 14), "毫米；计算的模型，未建造 / mm; calculated model, not built", 9, ink=FAINT
    )
    return drawing


def _points(edge: Edge) -> list[Point]:
    steps = 1 if edge.geom_type.name == "LINE" else 72
    return [(at.X, at.Y) for at in (edge.position_at(n / steps) for n in range(steps + 1))]


def _slab(size_m: tuple[float, float, float], aside_m: float, height_m: float) -> Part:
    length, width, height = map(_mm, size_m)
    return Pos(_mm(aside_m), 0, _mm(height_m)) * Box(length, width, height, align=_BOTTOM)


def _mast(shape: Shape) -> Part:
    pole = Cylinder(_mm(shape.mast_m[0]) / 2, _mm(shape.mast_m[1]), align=_BOTTOM)
    lamp = Cone(45, 35, 120, align=_BOTTOM)
    return pole + Pos(0, 0, _mm(shape.mast_m[1])) * lamp


def _keel(shape: Shape) -> Part:
    """Three rods from the hull's ring to the ballast, a third of a turn apart."""
    length = -_mm(shape.ballast_m[0])
    rod = Cylinder(_mm(shape.rod_diameter_m) / 2, length, align=_BOTTOM)
    radius = _mm(shape.keel_radius_m)
    places = [(radius, 0.0), (-radius / 2, 0.866 * radius), (-radius / 2, -0.866 * radius)]
    rods = [Pos(x, y, -length) * rod for x, y in places]
    return rods[0] + rods[1] + rods[2]


def _probes(shape: Shape) -> Part:
    radius, (width, length) = _mm(shape.probe_radius_m), shape.probe_m
    body = Cylinder(_mm(width) / 2, _mm(length), align=_BOTTOM)
    places = [(radius, 0.0), (-radius / 2, 0.866 * radius), (-radius / 2, -0.866 * radius)]
    bodies = [Pos(x, y, -_mm(length) + 50) * body for x, y in places]
    return bodies[0] + bodies[1] + bodies[2]


def _mm(metres: float) -> float:
    return 1000 * metres
