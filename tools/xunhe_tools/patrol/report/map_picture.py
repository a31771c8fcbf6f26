"""The flight on a map: water, litter per 100 m, the way flown, what was not seen, the findings."""

from collections.abc import Callable, Iterable
from math import cos, pi, sin

from xunhe.domain.finding import FlightFinding
from xunhe.domain.flight import Flight
from xunhe.domain.position import LonLat
from xunhe.vision.findings.course import Course
from xunhe.vision.findings.water import Water
from xunhe.vision.georeference.earth import offset_m
from xunhe_tools.hardware.drawing import INK, PAPER, Drawing, Point
from xunhe_tools.patrol.report.facts import COLOURS, GONE_COLOUR, colour_of
from xunhe_tools.patrol.report.heat import CLEAN, STEPS, heat
from xunhe_tools.patrol.report.stretches import on_ground

WIDTH = 800.0
_MOST_HEIGHT, _LEAST_HEIGHT, _MARGIN, _FOOT = 620.0, 260.0, 46.0, 74.0
_WATER, _SHORE, _PATH, _UNSEEN, _LAND = "#dbeaf3", "#9dbfd3", "#5c677d", "#c92a2a", "#fbfaf6"
_SCALES_M = (5000, 2000, 1000, 500, 200, 100, 50, 20, 10)
_DOT, _LABEL = 5.0, 9.0
_RINGS = (16.0, 28.0, 42.0, 58.0)  # where a label may stand, from its place
_APART = (22.0, 12.0)  # of labels, across and down

ToPaper = Callable[[LonLat], Point]


def drawing(flight: Flight, course: Course, water: Water) -> Drawing:
    """North is up."""
    to_paper, per_metre, height = _projection(flight, water)
    paper = Drawing(WIDTH, height)
    paper.box((0, 0), (WIDTH, height - _FOOT), _LAND, None)
    for ring in water.rings:
        paper.area([to_paper(place) for place in ring], _WATER, _WATER, 1.2)
    for ring in water.islands:
        paper.area([to_paper(place) for place in ring], _LAND, _SHORE, 0.8)
    _draw_density(paper, flight, course, to_paper)
    _draw_unseen(paper, flight, course, to_paper)
    if len(flight.path) > 1:
        paper.line([to_paper(point.lon_lat) for point in flight.path], _PATH, 0.9, (4, 3))
    _draw_kilometres(paper, flight, course, to_paper)
    _draw_findings(paper, flight.findings, to_paper)
    _draw_foot(paper, per_metre)
    return paper


def _projection(flight: Flight, water: Water) -> tuple[ToPaper, float, float]:
    """(place to paper, points a metre, height of the paper) that hold everything."""
    places = [place for ring in water.rings for place in ring]
    places += [point.lon_lat for point in flight.path]
    origin = places[0]
    east, north = zip(*(offset_m(place, origin) for place in places), strict=True)
    across, up = max(east) - min(east) or 1.0, max(north) - min(north) or 1.0
    room = (WIDTH - 2 * _MARGIN, _MOST_HEIGHT - 2 * _MARGIN - _FOOT)
    per_metre = min(room[0] / across, room[1] / up)
    height = max(up * per_metre + 2 * _MARGIN + _FOOT, _LEAST_HEIGHT)
    left = (WIDTH - across * per_metre) / 2
    top = (height - _FOOT - up * per_metre) / 2

    def to_paper(place: LonLat) -> Point:
        x, y = offset_m(place, origin)
        return left + (x - min(east)) * per_metre, top + (max(north) - y) * per_metre

    return to_paper, per_metre, height


def _draw_density(paper: Drawing, flight: Flight, course: Course, to_paper: ToPaper) -> None:
    for part in flight.density:
        line = [to_paper(place) for place in on_ground(part.stretch, flight, course)]
        paper.line(line, heat(part.count), 7)


def _draw_unseen(paper: Drawing, flight: Flight, course: Course, to_paper: ToPaper) -> None:
    for gap in flight.coverage.unseen if flight.coverage else ():
        line = [to_paper(place) for place in on_ground(gap, flight, course)]
        paper.line(line, _UNSEEN, 2.4, (2, 3))


def _draw_kilometres(paper: Drawing, flight: Flight, course: Course, to_paper: ToPaper) -> None:
    if flight.coverage is None:
        return
    length_m = flight.coverage.length_m
    step_m = next(step for step in (100, 500, 1000, 5000, 20_000) if length_m / step <= 12)
    for i in range(int(length_m // step_m) + 1):
        along = i * step_m * course.length_m / length_m
        x, y = to_paper(course.lon_lat(along, 0.0))
        paper.area(_circle((x, y), 2.0), INK)
        paper.words((x, y + 14), f"{i * step_m / 1000:g} km", 7.5, "middle", "#495057")


def _draw_findings(paper: Drawing, findings: Iterable[FlightFinding], to_paper: ToPaper) -> None:
    taken: list[Point] = []
    placed = [(one, to_paper(one.at.lon_lat)) for one in findings if one.at is not None]
    taken += [spot for _, spot in placed]
    for one, spot in placed:
        label = _free(spot, taken)
        taken.append(label)
        ink = colour_of(one)
        paper.line((spot, label), ink, 0.8)
        paper.area(_circle(spot, _DOT), ink if one.is_there else PAPER, ink, 1.4)
        x, y = label
        paper.box((x - 10, y - 7), (20, 13), PAPER, ink, 0.8)
        paper.words((x, y + 3), one.id[:3], _LABEL - 1, "middle", ink, bold=True)


def _free(spot: Point, taken: list[Point]) -> Point:
    """Where a label stands off other labels and places; the farthest ring where all is full."""
    candidates = [
        (spot[0] + ring * cos(turn), spot[1] + ring * sin(turn))
        for ring in _RINGS
        for turn in (-pi / 2, pi / 2, -pi / 4, pi / 4, -3 * pi / 4, 3 * pi / 4, 0.0, pi)
    ]
    is_free = (
        spot
        for spot in candidates
        if not any(abs(spot[0] - x) < _APART[0] and abs(spot[1] - y) < _APART[1] for x, y in taken)
    )
    return next(is_free, candidates[-1])


def _draw_foot(paper: Drawing, per_metre: float) -> None:
    """Scale, north, and what the signs mean."""
    top = paper.height - _FOOT
    paper.line(((0, top), (WIDTH, top)), "#ced4da", 0.8)
    metres = next((each for each in _SCALES_M if each * per_metre < 170), _SCALES_M[-1])
    paper.line(((20, top + 26), (20 + metres * per_metre, top + 26)), INK, 2.2)
    paper.words((20, top + 18), f"{metres} m", 9)
    paper.words((20, top + 50), "北 N ↑", 11, bold=True)
    _draw_kinds(paper, top + 22)
    _draw_heat(paper, top + 52)


def _draw_kinds(paper: Drawing, y: float) -> None:
    x = 205.0
    for kind, ink in COLOURS.items():
        paper.area(_circle((x, y - 3), _DOT - 1), ink, ink)
        paper.words((x + 9, y), f"{kind.label_zh} {kind.label_en}", 8.5)
        x += 24 + 8.5 * len(kind.label_zh) + 4.3 * len(kind.label_en)
    paper.area(_circle((x, y - 3), _DOT - 1), PAPER, GONE_COLOUR, 1.4)
    paper.words((x + 9, y), "已消失 gone", 8.5)


def _draw_heat(paper: Drawing, y: float) -> None:
    paper.words((205 - 4, y), "每 100 m 垃圾件数 pieces of litter", 8.5)
    x = 370.0
    for label, colour in (("0", CLEAN), *((f"≥{least}", colour) for least, colour in STEPS)):
        paper.box((x, y - 8), (16, 9), colour, None)
        paper.words((x + 19, y), label, 8.5)
        x += 48
    paper.line(((x + 4, y - 3), (x + 24, y - 3)), _UNSEEN, 2.4, (2, 3))
    paper.words((x + 28, y), "未看到 not seen", 8.5)


def _circle(middle: Point, radius: float) -> list[Point]:
    turns = (2 * pi * i / 20 for i in range(20))
    return [(middle[0] + radius * cos(turn), middle[1] + radius * sin(turn)) for turn in turns]
