"""Where a plume goes: the reaches, sections, intakes and stations below, and when it comes there.

Counted from the lowest alarm above each place: what the plume has already done is not guessed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from xunhe.water.evidence import Alarm
from xunhe.water.graph import RiverGraph, Travel
from xunhe.water.transport import channel_of, simulate

_CELL_M, _MOST_CELLS = 100.0, 200
_SHORT_M = 4 * _CELL_M  # nothing disperses on a way as short as this
_FOLLOWED = 2.0  # of the likely travel time: by then the peak has passed, dispersed as it is
_SOONEST_S = 600.0  # a discharge that was found has lasted for some samples


@dataclass(frozen=True, slots=True)
class Arrival:
    """A place below, `kind` of it reach, station, section or intake; instants in s since 1970.

    The front comes between `early_s` and `late_s` nine times in ten. `least_share` to `most_share`
    is the greatest concentration there over that at the alarmed place `since`: the least, should
    the discharge end now; the most, should it go on.
    """

    place: str
    kind: str
    metres: float
    since: str
    early_s: float
    likely_s: float
    late_s: float
    least_share: float
    most_share: float


@dataclass(frozen=True, slots=True)
class _Course:
    """From the lowest alarm above a place to that place."""

    place: str
    kind: str
    alarm: Alarm
    travel: Travel


def arrivals(alarms: Sequence[Alarm], graph: RiverGraph, now_s: float) -> tuple[Arrival, ...]:
    """All that lies below the alarms, the first that is reached first.

    Places that have alarmed are left out. `now_s` is the present: a discharge that goes on has
    lasted until then at least.
    """
    courses = list(_courses(alarms, graph))
    found: list[Arrival] = []
    for alarm in alarms:
        own = [course for course in courses if course.alarm is alarm]
        shares = _least_shares(alarm, [course.travel for course in own], graph, now_s)
        found += [_arrival(course, share) for course, share in zip(own, shares, strict=True)]
    return tuple(sorted(found, key=lambda arrival: (arrival.likely_s, arrival.place)))


def _courses(alarms: Sequence[Alarm], graph: RiverGraph) -> Iterator[_Course]:
    registry = graph.registry
    alarmed = {alarm.place for alarm in alarms}
    here = {registry.place(station).reach for station in alarmed}
    for code in registry.reaches.keys() - here:
        yield from _nearest(
            code, "reach", [(a, graph.travel_to_reach(a.place, code)) for a in alarms]
        )
    for kind, places in registry.places():
        for code in places.keys() - alarmed if kind in ("station", "section", "intake") else ():
            yield from _nearest(code, kind, [(a, graph.travel(a.place, code)) for a in alarms])


def _nearest(
    place: str, kind: str, ways: Sequence[tuple[Alarm, Travel | None]]
) -> Iterator[_Course]:
    met = [(alarm, travel) for alarm, travel in ways if travel is not None]
    if met:
        yield _Course(place, kind, *min(met, key=lambda way: way[1].metres))


def _arrival(course: _Course, least_share: float) -> Arrival:
    alarm, travel = course.alarm, course.travel
    return Arrival(
        place=course.place,
        kind=course.kind,
        metres=travel.metres,
        since=alarm.place,
        early_s=alarm.from_s + travel.early_s,
        likely_s=(alarm.from_s + alarm.to_s) / 2 + travel.likely_s,
        late_s=alarm.to_s + travel.late_s,
        least_share=min(least_share, travel.dilution),
        most_share=travel.dilution,
    )


def _least_shares(
    alarm: Alarm, travels: Sequence[Travel], graph: RiverGraph, now_s: float
) -> list[float]:
    """Greatest concentration at the end of each way, should what came by until now be all.

    All ways lead down the same river, so the longest holds the others.
    """
    longest = max(travels, key=lambda travel: travel.metres, default=None)
    if longest is None or longest.metres < _SHORT_M:
        return [1.0] * len(travels)
    velocities = [graph.velocity(leg.reach).likely_m_s for leg in longest.legs]
    cells = min(round(longest.metres / _CELL_M), _MOST_CELLS)
    channel = channel_of(longest.legs, velocities, cells)
    ended_s = now_s if alarm.until_s is None else alarm.until_s
    lasted_s = max(ended_s - alarm.from_s, _SOONEST_S)
    inlet = _pulse(channel.step_s, lasted_s, lasted_s + _FOLLOWED * longest.likely_s)
    places = [channel.cell_at(travel.metres) for travel in travels]
    peaks = simulate(channel, inlet, channel.step_s, places).max(axis=0)
    return [float(peak) for peak in peaks]


def _pulse(step_s: float, lasting_s: float, followed_s: float) -> NDArray[np.float64]:
    """1 while it lasts, then 0, one value a step."""
    ends_s = (np.arange(ceil(followed_s / step_s)) + 1) * step_s
    return np.clip((lasting_s - ends_s) / step_s + 1, 0.0, 1.0)
