"""Where not to fly: zones are cut out of the lines, and ways between them lead around.

A zone is the convex hull of what was drawn, with a margin: rather too large than too small.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, hypot, pi, sin

from xunhe_tools.patrol.plan.corridor import Line, Metres

_TOUCH_M = 1e-6
_RING = 16
_CLEAR_M = 0.5  # how far outside a zone its corners are passed


class NoWayError(ValueError):
    """A place lies inside a zone, or zones close it in."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A convex polygon, corners anticlockwise."""

    corners: Line

    @classmethod
    def around(cls, polygon: Sequence[Metres], margin_m: float) -> "Zone":
        """The hull of a polygon with a margin. ValueError where it has no area."""
        hull = _hull(polygon)
        if len(hull) < 3:
            raise ValueError("a no-fly polygon has three corners that are not on one line")
        return cls(_grown(hull, margin_m))

    def inside(self, start: Metres, end: Metres) -> tuple[float, float] | None:
        """The shares (from, to) of a segment that lie inside; None where none does."""
        low, high = 0.0, 1.0
        for corner, next_corner in pairwise((*self.corners, self.corners[0])):
            first, last = _left_of(corner, next_corner, start), _left_of(corner, next_corner, end)
            if first <= _TOUCH_M and last <= _TOUCH_M:
                return None
            if first <= _TOUCH_M or last <= _TOUCH_M:
                share = first / (first - last)
                low, high = (max(low, share), high) if first < last else (low, min(high, share))
        return (low, high) if low < high else None

    def holds(self, place: Metres) -> bool:
        """Whether a place lies inside."""
        sides = pairwise((*self.corners, self.corners[0]))
        return all(_left_of(corner, next_corner, place) > _TOUCH_M for corner, next_corner in sides)

    @property
    def passing(self) -> Line:
        """Corners to fly round it by."""
        return _grown(self.corners, _CLEAR_M)


def cut(line: Line, zones: Sequence[Zone]) -> list[Line]:
    """The pieces of a line outside all zones, in order."""
    pieces: list[list[Metres]] = []
    for start, end in pairwise(line):
        for low, high in _outside(start, end, zones):
            first, last = _between(start, end, low), _between(start, end, high)
            if pieces and pieces[-1][-1] == first:
                pieces[-1].append(last)
            else:
                pieces.append([first, last])
    return [tuple(piece) for piece in pieces]


def way(start: Metres, end: Metres, zones: Sequence[Zone]) -> Line:
    """The shortest way outside all zones. NoWayError where there is none."""
    if is_clear(start, end, zones):
        return (start, end)
    if any(zone.holds(place) for zone in zones for place in (start, end)):
        raise NoWayError("起飞点在禁飞区内 / a place of take-off lies in a no-fly zone")
    corners = [place for zone in zones for place in zone.passing]
    nodes = [start, end, *(place for place in corners if not any(z.holds(place) for z in zones))]
    return _shortest(nodes, zones)


def is_clear(start: Metres, end: Metres, zones: Sequence[Zone]) -> bool:
    """Whether a straight way touches no zone."""
    return all(zone.inside(start, end) is None for zone in zones)


def _shortest(nodes: Sequence[Metres], zones: Sequence[Zone]) -> Line:
    """Dijkstra's, from the first node to the second, over clear straight ways."""
    queue: list[tuple[float, int, tuple[int, ...]]] = [(0.0, 0, (0,))]
    done: set[int] = set()
    while queue:
        far_m, at, trail = heapq.heappop(queue)
        if at == 1:
            return tuple(nodes[i] for i in trail)
        if at in done:
            continue
        done.add(at)
        for i, node in enumerate(nodes):
            if i not in done and is_clear(nodes[at], node, zones):
                step_m = hypot(node[0] - nodes[at][0], node[1] - nodes[at][1])
                heapq.heappush(queue, (far_m + step_m, i, (*trail, i)))
    raise NoWayError("禁飞区之间没有通路 / no-fly zones close the way")


def _outside(start: Metres, end: Metres, zones: Sequence[Zone]) -> Iterator[tuple[float, float]]:
    """The shares of a segment that no zone holds."""
    held = sorted(found for zone in zones if (found := zone.inside(start, end)) is not None)
    at = 0.0
    for low, high in held:
        if low > at:
            yield at, low
        at = max(at, high)
    if at < 1.0:
        yield at, 1.0


def _between(start: Metres, end: Metres, share: float) -> Metres:
    if share in (0.0, 1.0):
        return end if share else start
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _grown(corners: Line, margin_m: float) -> Line:
    """The hull of a ring around each corner, which nowhere comes nearer than the margin."""
    radius_m = margin_m / cos(pi / _RING)
    turns = [2 * pi * i / _RING for i in range(_RING)]
    ring = [(radius_m * cos(turn), radius_m * sin(turn)) for turn in turns]
    return _hull([(east + x, north + y) for east, north in corners for x, y in ring])


def _hull(points: Sequence[Metres]) -> Line:
    """Andrew's monotone chain, anticlockwise."""
    ordered = sorted(set(points))
    halves = [_chain(ordered), _chain(ordered[::-1])]
    return tuple(halves[0][:-1] + halves[1][:-1])


def _chain(ordered: Sequence[Metres]) -> list[Metres]:
    chain: list[Metres] = []
    for point in ordered:
        while len(chain) > 1 and _left_of(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _left_of(start: Metres, end: Metres, place: Metres) -> float:
    """Above zero where the place lies on the left of start to end; m²."""
    east, north = end[0] - start[0], end[1] - start[1]
    return east * (place[1] - start[1]) - north * (place[0] - start[0])
