"""The plan as a drawing: river, legs, places of take-off, no-fly zones, scale."""

from collections.abc import Callable, Iterable

from xunhe.domain.position import LonLat
from xunhe.vision.georeference.earth import offset_m
from xunhe_tools.hardware.drawing import BLUE, FAINT, GREEN, INK, RED, Drawing, Point
from xunhe_tools.patrol.plan.flight_plan import FlightPlan
from xunhe_tools.patrol.plan.words import told

_WIDTH, _HEIGHT, _MARGIN, _HEAD = 800.0, 620.0, 40.0, 60.0
_WATER, _ZONE = "#cfe3f5", "#f6d5d3"
_INKS = (BLUE, GREEN, "#8a2be2", "#b26a00")
_SCALES_M = (5000, 2000, 1000, 500, 200, 100, 50)


def drawing(plan: FlightPlan) -> Drawing:
    """North is up."""
    paper = Drawing(_WIDTH, _HEIGHT)
    to_paper, per_metre = _projection(plan)
    river = [to_paper(place) for place in plan.order.reach.line]
    paper.line(river, _WATER, max(2.0, plan.order.width_m * per_metre))
    paper.line(river, FAINT, 0.8, (4, 3))
    for zone in plan.zones:
        paper.area((to_paper(place) for place in zone), _ZONE, RED)
    for number, leg in enumerate(plan.legs):
        _draw_leg(paper, plan, number, to_paper)
        x, y = to_paper(leg.home)
        paper.area(((x, y - 6), (x + 5, y + 4), (x - 5, y + 4)), INK)
    for i, line in enumerate(told(plan)[:2]):
        paper.words((_MARGIN, 24 + 16 * i), line, 12 if i == 0 else 10, bold=i == 0)
    _draw_scale(paper, per_metre)
    return paper


def _projection(plan: FlightPlan) -> tuple[Callable[[LonLat], Point], float]:
    """(place to paper, points a metre) that hold everything."""
    origin = plan.order.reach.line[0]
    places = [*plan.order.reach.line, *(place for zone in plan.zones for place in zone)]
    places += [leg.home for leg in plan.legs]
    places += [each.lon_lat for leg in plan.legs for each in leg.waypoints]
    east, north = zip(*(offset_m(place, origin) for place in places), strict=True)
    across, up = max(east) - min(east) or 1.0, max(north) - min(north) or 1.0
    room = (_WIDTH - 2 * _MARGIN, _HEIGHT - 2 * _MARGIN - _HEAD)
    per_metre = min(room[0] / across, room[1] / up)

    def to_paper(place: LonLat) -> Point:
        x, y = offset_m(place, origin)
        return _MARGIN + (x - min(east)) * per_metre, _HEAD + _MARGIN + (max(north) - y) * per_metre

    return to_paper, per_metre


def _draw_leg(
    paper: Drawing, plan: FlightPlan, number: int, to_paper: Callable[[LonLat], Point]
) -> None:
    leg, ink = plan.legs[number], _INKS[number % len(_INKS)]
    before = to_paper(leg.home)
    for here in leg.waypoints:
        after = to_paper(here.lon_lat)
        paper.line(
            (before, after), ink, 2.2 if here.is_survey else 0.8, () if here.is_survey else (3, 3)
        )
        before = after
    paper.line((before, to_paper(leg.home)), ink, 0.8, (3, 3))
    surveyed: Iterable[LonLat] = (each.lon_lat for each in leg.waypoints if each.is_survey)
    x, y = to_paper(next(iter(surveyed)))
    paper.words((x + 6, y - 6), str(number + 1), 11, ink=ink, bold=True)


def _draw_scale(paper: Drawing, per_metre: float) -> None:
    metres = next((each for each in _SCALES_M if each * per_metre < 200), _SCALES_M[-1])
    y = _HEIGHT - 18
    paper.line(((_MARGIN, y), (_MARGIN + metres * per_metre, y)), INK, 2)
    paper.words((_MARGIN, y - 5), f"{metres} m", 9)
    paper.words((_WIDTH - _MARGIN, y), "N ↑", 11, "end")
