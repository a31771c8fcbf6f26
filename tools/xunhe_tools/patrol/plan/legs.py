"""Lines become legs: as much as one battery flies, out from a place of take-off and back to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, hypot

from xunhe_tools.patrol.plan.corridor import Line, Metres, length_m
from xunhe_tools.patrol.plan.drone import Drone
from xunhe_tools.patrol.plan.no_fly import Zone, way

_STEP_M = 50.0  # between places at which a leg may end
_TURN_S = 2.0  # to slow down, turn and speed up again


class PlanError(ValueError):
    """Why no plan can be made, and what to try; in Chinese and English."""


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A place to fly to; `is_survey`: the camera takes the way up to it."""

    place: Metres
    is_survey: bool


@dataclass(frozen=True, slots=True)
class Leg:
    """One battery: from `home` over the waypoints and back. `seconds` counts everything."""

    home: Metres
    waypoints: tuple[Waypoint, ...]
    metres: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Battery:
    """How the drone flies, and for how many seconds of a battery."""

    drone: Drone
    height_m: float
    speed_m_s: float
    usable_s: float

    def seconds(self, metres: float, corners: int) -> float:
        """Of a flight over so many metres and corners, with climb and descent."""
        vertical_s = self.height_m / self.drone.climb_m_s + self.height_m / self.drone.descend_m_s
        return metres / self.speed_m_s + corners * _TURN_S + vertical_s


@dataclass(frozen=True, slots=True)
class _Place:
    """Of the way that the camera is to take; `begins` a piece of it."""

    place: Metres
    begins: bool


def legs(
    pieces: Sequence[Line], homes: Sequence[Metres], zones: Sequence[Zone], battery: Battery
) -> list[Leg]:
    """All pieces in order. PlanError where a battery does not reach."""
    places = [place for piece in pieces for place in _places(piece)]
    found: list[Leg] = []
    at = 0
    while at < len(places) - 1:
        at, leg = max(
            (_farthest(places, at, home, zones, battery) for home in homes),
            key=lambda one: (one[0], -one[1].metres),
        )
        found.append(leg)
        if at < len(places) - 1 and places[at + 1].begins:
            at += 1
    return found


def _farthest(
    places: Sequence[_Place], at: int, home: Metres, zones: Sequence[Zone], battery: Battery
) -> tuple[int, Leg]:
    """(where it ends, the longest leg) that begins at a place, from a home.

    PlanError where a battery does not take it even one step.
    """
    best: tuple[int, Leg] | None = None
    out = _transit(home, places[at].place, zones)
    for end in range(at + 1, len(places)):
        out = [*out, *_step(places[end - 1], places[end], zones)]
        back = way(places[end].place, home, zones)[1:-1]
        leg = _leg(home, _corners([*out, *(Waypoint(place, False) for place in back)]), battery)
        if leg.seconds > battery.usable_s:
            break
        best = end, leg
    if best is None:
        raise PlanError(
            "一块电池飞不到再返回：用 --home 给一个更近的起飞点 / a battery does not get there and"
            " back: name a nearer place of take-off by --home"
        )
    return best


def _places(piece: Line) -> Iterator[_Place]:
    yield _Place(piece[0], begins=True)
    for start, end in pairwise(piece):
        steps = max(1, ceil(hypot(end[0] - start[0], end[1] - start[1]) / _STEP_M))
        for i in range(1, steps + 1):
            share = i / steps
            place = (
                start[0] + share * (end[0] - start[0]),
                start[1] + share * (end[1] - start[1]),
            )
            yield _Place(place, begins=False)


def _transit(start: Metres, end: Metres, zones: Sequence[Zone]) -> list[Waypoint]:
    return [Waypoint(place, False) for place in way(start, end, zones)[1:]]


def _step(before: _Place, after: _Place, zones: Sequence[Zone]) -> list[Waypoint]:
    if after.begins:
        return _transit(before.place, after.place, zones)
    return [Waypoint(after.place, True)]


def _corners(waypoints: Sequence[Waypoint]) -> tuple[Waypoint, ...]:
    """Without those in the middle of a straight line."""
    kept = [waypoints[0]]
    for here, after in pairwise(waypoints[1:]):
        if not _is_straight(kept[-1], here, after):
            kept.append(here)
    return (*kept, *waypoints[1:][-1:])


def _is_straight(before: Waypoint, here: Waypoint, after: Waypoint) -> bool:
    (x, y), (hx, hy), (ax, ay) = before.place, here.place, after.place
    area = abs((hx - x) * (ay - y) - (hy - y) * (ax - x))
    is_onward = (hx - x) * (ax - hx) + (hy - y) * (ay - hy) > 0
    return here.is_survey == after.is_survey and is_onward and area < 1e-6 * (1 + hypot(ax, ay))


def _leg(home: Metres, waypoints: tuple[Waypoint, ...], battery: Battery) -> Leg:
    metres = length_m([home, *(each.place for each in waypoints), home])
    return Leg(home, waypoints, metres, battery.seconds(metres, len(waypoints)))
