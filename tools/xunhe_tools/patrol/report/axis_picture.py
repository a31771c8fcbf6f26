"""Findings on the time axis of a film, where nobody knows their places."""

from xunhe.domain.finding import FindingKind
from xunhe.domain.flight import Flight
from xunhe_tools.hardware.drawing import INK, Drawing
from xunhe_tools.patrol.report.facts import COLOURS, film_time

_WIDTH, _LEFT, _RIGHT, _TOP, _ROW, _FOOT = 800.0, 70.0, 24.0, 16.0, 34.0, 34.0
_LANE, _GRID = "#f1f3f5", "#dee2e6"
_LEAST_PT = 5.0
_STEPS_S = (5, 10, 30, 60, 120, 300, 600, 1800)


def drawing(flight: Flight) -> Drawing:
    """A lane for each kind that was found."""
    kinds = [kind for kind in FindingKind if flight.of_kind(kind)] or [FindingKind.LITTER]
    paper = Drawing(_WIDTH, _TOP + _ROW * len(kinds) + _FOOT)
    per_s = (_WIDTH - _LEFT - _RIGHT) / max(flight.lasts_s, 1.0)
    base = _TOP + _ROW * len(kinds)
    for i, kind in enumerate(kinds):
        y = _TOP + _ROW * i
        paper.box((_LEFT, y), (_WIDTH - _LEFT - _RIGHT, _ROW - 8), _LANE, None)
        paper.words((_LEFT - 8, y + 17), kind.label_zh, 11, "end")
        for one in flight.of_kind(kind):
            x = _LEFT + one.first_s * per_s
            wide = max((one.last_s - one.first_s) * per_s, _LEAST_PT)
            paper.box((x, y + 2), (wide, _ROW - 12), COLOURS[kind], None)
            paper.words((x + wide + 3, y + 17), one.id, 8)
    _draw_seconds(paper, flight.lasts_s, per_s, base)
    return paper


def _draw_seconds(paper: Drawing, lasts_s: float, per_s: float, base: float) -> None:
    step_s = next((step for step in _STEPS_S if lasts_s / step <= 14), _STEPS_S[-1])
    for i in range(int(lasts_s // step_s) + 1):
        x = _LEFT + i * step_s * per_s
        paper.line(((x, _TOP), (x, base)), _GRID, 0.6)
        paper.words((x, base + 12), film_time(i * step_s), 9, "middle")
    paper.words((_WIDTH - _RIGHT, base + 28), "录像时间 time on the film →", 9, "end", INK)
