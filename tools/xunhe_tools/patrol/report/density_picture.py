"""Litter along the reach, a bar for each 100 m."""

from xunhe.domain.flight import Flight
from xunhe_tools.hardware.drawing import INK, Drawing
from xunhe_tools.patrol.report.heat import CLEAN, heat

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BASE = 800.0, 170.0, 46.0, 20.0, 22.0, 130.0
_UNSEEN, _GRID = "#e9ecef", "#dee2e6"
_LEAST_TOP = 4  # pieces at the upper end of the axis


def drawing(flight: Flight) -> Drawing:
    """Grey where nothing was seen, a thin pale foot where there is no litter."""
    paper = Drawing(_WIDTH, _HEIGHT)
    if flight.coverage is None:
        return paper
    length_m = flight.coverage.length_m
    per_m = (_WIDTH - _LEFT - _RIGHT) / length_m
    most = max(_LEAST_TOP, *(part.count for part in flight.density), 1)
    paper.box((_LEFT, _TOP), (length_m * per_m, _BASE - _TOP), _UNSEEN, None)
    for seen in flight.coverage.seen:
        x = _LEFT + seen.from_m * per_m
        paper.box((x, _TOP), (seen.length_m * per_m, _BASE - _TOP), "#ffffff", None)
    _draw_grid(paper, most)
    for part in flight.density:
        x, wide = _LEFT + part.stretch.from_m * per_m, part.stretch.length_m * per_m
        high = (_BASE - _TOP) * part.count / most if part.count else 2.0
        ink = heat(part.count) if part.count else CLEAN
        paper.box((x + 0.6, _BASE - high), (max(wide - 1.2, 0.5), high), ink, None)
    _draw_axis(paper, length_m, per_m)
    return paper


def _draw_grid(paper: Drawing, most: int) -> None:
    for count in sorted({0, most // 2, most}):
        y = _BASE - (_BASE - _TOP) * count / most
        paper.line(((_LEFT, y), (_WIDTH - _RIGHT, y)), _GRID, 0.6)
        paper.words((_LEFT - 6, y + 3), str(count), 9, "end")
    paper.words((_LEFT, _TOP - 9), "每 100 m 漂浮垃圾件数 pieces of litter on each 100 m", 9)


def _draw_axis(paper: Drawing, length_m: float, per_m: float) -> None:
    step_m = next(step for step in (50, 100, 500, 1000, 5000, 20_000) if length_m / step <= 12)
    for i in range(int(length_m // step_m) + 1):
        x = _LEFT + i * step_m * per_m
        paper.line(((x, _BASE), (x, _BASE + 4)), INK, 0.8)
        paper.words((x, _BASE + 16), f"{i * step_m / 1000:g}", 9, "middle")
    paper.words((_WIDTH - _RIGHT, _BASE + 32), "河段公里 kilometre of the reach →", 9, "end")
