"""Tracks of patrols (巡河轨迹): how far somebody walked, where nothing was heard, what he saw.

A telephone gives a position every few seconds while it is awake and none while it sleeps. What lies
between two positions that are far apart in time is a gap: it is marked and no way is counted in it,
however straight the line over it. Positions that the telephone itself does not trust are left out,
and so are leaps that nobody makes on foot or in a boat.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import NamedTuple

from xunhe.domain.position import LonLat, distance_m, distance_to_line_m
from xunhe.domain.registry import Reach

MAX_FIXES = 20_000  # five and a half hours at one a second
GAP = timedelta(seconds=90)
WORST_ACCURACY_M = 60.0
LEAST_STEP_M = 8.0  # a telephone that lies still wanders less
FASTEST_M_S = 15.0  # a boat of the patrol; what is faster is a leap of the receiver
FASTEST_FLYING_M_S = 30.0
SEEN_M = 50.0  # the water within so much of the track was looked at
_SAMPLE_M = 20.0  # how finely a reach is looked at


@dataclass(frozen=True, slots=True)
class Fix:
    """One position, WGS-84; `accuracy_m` as the receiver says, 0 where it says nothing."""

    at: datetime
    lon_lat: LonLat
    accuracy_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing was heard in between; `straight_m` is the way over it that nobody saw."""

    since: datetime
    until: datetime
    straight_m: float


@dataclass(frozen=True, slots=True)
class Track:
    """What a telephone's positions say.

    `stretches` are the lines walked between gaps, `left_out` the positions that were not used.
    """

    stretches: tuple[tuple[LonLat, ...], ...]
    gaps: tuple[Gap, ...]
    length_m: float
    left_out: int

    def distance_m(self, place: LonLat) -> float:
        """From a place to the nearest part of the track."""
        return min((_to_stretch_m(place, line) for line in self.stretches), default=float("inf"))


class Followed(NamedTuple):
    """The share (0 to 1) of a line that was walked along, and the parts that were not."""

    share: float
    missed: tuple[tuple[LonLat, ...], ...]


def measured(fixes: Iterable[Fix], fastest_m_s: float = FASTEST_M_S) -> Track:
    """The track of positions in any order; the same instant twice counts once."""
    given = sorted(fixes, key=lambda fix: fix.at)
    kept = list(_believable(given, fastest_m_s))
    lines: list[list[LonLat]] = [[kept[0].lon_lat]] if kept else []
    gaps: list[Gap] = []
    length_m = 0.0
    for before, fix in pairwise(kept):
        step_m = distance_m(lines[-1][-1], fix.lon_lat)
        if fix.at - before.at > GAP:
            gaps.append(Gap(before.at, fix.at, distance_m(before.lon_lat, fix.lon_lat)))
            lines.append([fix.lon_lat])
        elif step_m >= max(LEAST_STEP_M, fix.accuracy_m):
            lines[-1].append(fix.lon_lat)
            length_m += step_m
    return Track(tuple(map(tuple, lines)), tuple(gaps), length_m, len(given) - len(kept))


def seen_share(track: Track, line: Sequence[LonLat]) -> float:
    """The share (0 to 1) of a reach's line that lies within `SEEN_M` of the track."""
    return followed(track, line).share


def followed(track: Track, line: Sequence[LonLat]) -> Followed:
    """How much of a line lies within `SEEN_M` of the track."""
    samples = [(place, track.distance_m(place) <= SEEN_M) for place in _samples(line)]
    runs = (
        tuple(place for place, _ in run)
        for is_seen, run in groupby(samples, key=lambda one: one[1])
        if not is_seen
    )
    seen = sum(is_seen for _, is_seen in samples)
    return Followed(seen / len(samples), tuple(run for run in runs if len(run) > 1))


def reaches_seen(track: Track, reaches: Iterable[Reach]) -> dict[str, float]:
    """Code → share of each reach that was looked at, of those that were at all."""
    shares = {reach.code: seen_share(track, reach.line) for reach in reaches}
    return {code: share for code, share in shares.items() if share}


def share_of(seen: Mapping[str, float], reaches: Iterable[Reach]) -> float:
    """The share of all these reaches' length, from the share of each (left out: none)."""
    lengths_m = {reach.code: reach.length_m for reach in reaches}
    looked_at_m = sum(seen.get(code, 0.0) * length_m for code, length_m in lengths_m.items())
    return looked_at_m / sum(lengths_m.values())


def _believable(fixes: Sequence[Fix], fastest_m_s: float) -> Iterator[Fix]:
    last: Fix | None = None
    for fix in fixes:
        if fix.accuracy_m > WORST_ACCURACY_M:
            continue
        if last is not None and _is_leap(last, fix, fastest_m_s):
            continue
        last = fix
        yield fix


def _is_leap(before: Fix, after: Fix, fastest_m_s: float) -> bool:
    seconds = (after.at - before.at).total_seconds()
    if seconds == 0:
        return True
    unsure_m = before.accuracy_m + after.accuracy_m
    return distance_m(before.lon_lat, after.lon_lat) - unsure_m > fastest_m_s * seconds


def _samples(line: Sequence[LonLat]) -> Iterator[LonLat]:
    """Places along a line, at most `_SAMPLE_M` apart, both ends among them."""
    yield line[0]
    for start, end in pairwise(line):
        parts = max(1, -int(-distance_m(start, end) // _SAMPLE_M))
        for part in range(1, parts + 1):
            share = part / parts
            yield (
                start[0] + share * (end[0] - start[0]),
                start[1] + share * (end[1] - start[1]),
            )


def _to_stretch_m(place: LonLat, line: Sequence[LonLat]) -> float:
    return distance_m(place, line[0]) if len(line) == 1 else distance_to_line_m(place, line)
