"""Follows things from look to look.

Our own, since the kept libraries assume what does not hold here: looks that come at one rate (ours
come five times a second, every two or every twenty seconds), cover the whole frame (ours cover
crops, so that "not seen" and "not looked at" differ), and things that leave within seconds (a heap
lies for days). A way is a straight line through the last observations; the assignment takes the
best pairs first, ties in the order of age, so that the same frames give the same tracks.
"""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from statistics import median

from xunhe.domain.sight import SightKind
from xunhe.vision.detection import Seen, Viewing
from xunhe.vision.drift import Motion, Way
from xunhe.vision.geometry import Box, Vector, centre, iou, moved, overlap, size
from xunhe.vision.light import Light
from xunhe.vision.stillness import Appearance, likeness

_KEPT = 24  # observations
_SCORES = 15
_LOOKS = 12
_STARTS = 0.3  # score from which a box begins a track; fainter ones only prolong one
_REACH = 0.8  # of a thing's size
_REACH_PX = 3.0
_WANDERS_PX_S, _WANDERS_MOST_PX = 30.0, 60.0  # of a thing whose speed is not known, at 480 px width
_STRAYS = 0.3  # of the way since it was last seen, where its speed is known
_SIZES = 3.5  # the most by which the area of a thing may differ between looks
_NESTED = 0.7  # of the smaller box, inside a box that is taken: the same thing twice
_REFERENCE_W = 480


@dataclass(slots=True, eq=False)
class Track:
    """One thing. `absent_s`: how long clear looks at its place have not shown it."""

    number: int
    kind: SightKind
    box: Box
    first_s: float
    last_s: float
    look: Appearance
    from_gate: bool = False
    settled: bool = False
    zone: str = ""
    motion: Motion = Motion.STILL
    absent_s: float = 0.0
    steady_s: float = 0.0  # since when it has not vanished
    steady_looks: int = 0
    vanished: int = 0  # looks on which it was gone
    looks: int = 0
    overlooked: int = 0  # scans in a row that did not find it, though it looks as it did
    light: Light | None = None  # in which it was last seen
    way: Way = field(default_factory=lambda: Way((0.0, 0.0), (0.0, 0.0), 0.0))
    times_s: deque[float] = field(default_factory=lambda: deque(maxlen=_KEPT))
    centres: deque[Vector] = field(default_factory=lambda: deque(maxlen=_KEPT))
    scores: deque[float] = field(default_factory=lambda: deque(maxlen=_SCORES))
    sizes: deque[float] = field(default_factory=lambda: deque(maxlen=_SCORES))
    alike: deque[float] = field(default_factory=lambda: deque(maxlen=_SCORES))
    hits: deque[bool] = field(default_factory=lambda: deque(maxlen=_LOOKS))

    @property
    def score(self) -> float:
        """The median of the last scores."""
        return median(self.scores) if self.scores else 0.0

    @property
    def size(self) -> float:
        """The median side, pixels of the luma plane."""
        return median(self.sizes) if self.sizes else size(self.box)

    @property
    def is_resting(self) -> bool:
        """It lies still and is known: only scans look at it."""
        return self.settled and self.motion is Motion.STILL

    def at(self, time_s: float) -> Box:
        """Where it should be by now."""
        elapsed_s = time_s - self.last_s
        if elapsed_s <= 0 or len(self.centres) < 2 or self.is_resting:
            return self.box
        return moved(self.box, (self.way.velocity[0] * elapsed_s, self.way.velocity[1] * elapsed_s))

    def vanish(self, time_s: float) -> None:
        """It was not there, and its place looked different: glare and twigs do that."""
        self.steady_s, self.steady_looks = time_s, 0
        self.vanished += 1

    def meet(self, seen: Seen, time_s: float) -> None:
        """It was seen."""
        self.alike.append(likeness(self.look, seen.look))
        self.box, self.look, self.last_s = seen.box, seen.look, time_s
        self.absent_s, self.overlooked = 0.0, 0
        self.times_s.append(time_s)
        self.centres.append(centre(seen.box))
        self.scores.append(seen.score)
        self.sizes.append(size(seen.box))
        self.hits.append(True)
        self.steady_looks += 1
        self.looks += 1
        self.way = Way.of(tuple(self.times_s), tuple(self.centres))


class Tracker:
    """The tracks of one camera, oldest first."""

    def __init__(
        self, width: int, lost_after_s: float, gone_after_s: float, patience_s: float
    ) -> None:
        self.tracks: list[Track] = []
        self._scale = width / _REFERENCE_W
        self._lost_after_s, self._gone_after_s = lost_after_s, gone_after_s
        self._patience_s = patience_s  # with what lies still and was not looked for since
        self._numbers = count(1)

    def take(
        self, viewing: Viewing, time_s: float, regions: Sequence[Box], flow: Vector | None
    ) -> list[Track]:
        """Assign what a look has seen; returns the tracks that were looked at and not found.

        `regions` are the gate's; `flow` a velocity that a new thing may have, pixels a second.
        """
        taken: set[int] = set()
        met: set[int] = set()
        for _, track, number in self._pairs(viewing, time_s, flow):
            if track.number not in met and number not in taken:
                met.add(track.number)
                taken.add(number)
                track.meet(viewing.seen[number], time_s)
        missed = [
            each
            for each in self.tracks
            if each.number not in met and _missed(each, viewing, time_s)
        ]
        for track in missed:
            track.hits.append(False)
            track.looks += 1
        for number, seen in enumerate(viewing.seen):
            if number not in taken and seen.score >= _STARTS and not self._is_nested(seen):
                self._begin(seen, time_s, regions)
        return missed

    def forget_moving(self) -> None:
        """Drop all but what rests: time has jumped, and only a heap is where it was."""
        self.tracks = [track for track in self.tracks if track.is_resting]

    def drop(self, time_s: float) -> None:
        """Let go of what is lost or gone."""
        self.tracks = [track for track in self.tracks if not self._is_over(track, time_s)]

    def restore(self, track: Track) -> None:
        """Take in a thing that a memory holds."""
        track.number = next(self._numbers)
        self.tracks.append(track)

    def _is_over(self, track: Track, time_s: float) -> bool:
        if track.is_resting:
            return track.absent_s >= self._gone_after_s
        if len(track.times_s) == 1 and len(track.hits) > 4:  # one blink in five looks
            return True
        waits = track.motion is Motion.STILL and track.hits[-1]
        return time_s - track.last_s > (self._patience_s if waits else self._lost_after_s)

    def _pairs(
        self, viewing: Viewing, time_s: float, flow: Vector | None
    ) -> list[tuple[float, Track, int]]:
        pairs = []
        for track in self.tracks:
            places = list(self._places(track, time_s, flow))
            reach = self._reach(track, time_s)
            for number, seen in enumerate(viewing.seen):
                if seen.kind is track.kind and (cost := _cost(places, seen, reach)) is not None:
                    pairs.append((cost, track, number))
        return sorted(pairs, key=lambda pair: (pair[0], pair[1].number, pair[2]))

    def _places(self, track: Track, time_s: float, flow: Vector | None) -> Iterator[Box]:
        """Where a thing may be: moved on, where it was, or taken along by the current."""
        yield track.at(time_s)
        yield track.box
        if flow is not None and len(track.times_s) < 3:
            elapsed_s = time_s - track.last_s
            yield moved(track.box, (flow[0] * elapsed_s, flow[1] * elapsed_s))

    def _reach(self, track: Track, time_s: float) -> float:
        reach = _REACH * track.size + _REACH_PX * self._scale
        if track.is_resting:
            return reach
        elapsed_s = max(time_s - track.last_s, 0.0)
        if len(track.times_s) < 3:
            wanders = min(_WANDERS_PX_S * elapsed_s, _WANDERS_MOST_PX)
            return reach + wanders * self._scale
        return reach + _STRAYS * math.hypot(*track.way.velocity) * elapsed_s

    def _is_nested(self, seen: Seen) -> bool:
        """Whether it is part of a thing that is followed, or the same with more around it."""
        for track in self.tracks:
            smaller = min(size(track.box), size(seen.box)) ** 2
            if track.kind is seen.kind and overlap(track.box, seen.box) > _NESTED * smaller:
                return True
        return False

    def _begin(self, seen: Seen, time_s: float, regions: Sequence[Box]) -> None:
        came = any(overlap(region, seen.box) > 0 for region in regions)
        track = Track(
            next(self._numbers), seen.kind, seen.box, time_s, time_s, seen.look, from_gate=came
        )
        track.meet(seen, time_s)
        track.steady_s = time_s
        track.alike.clear()  # the first look is like itself
        self.tracks.append(track)


def _missed(track: Track, viewing: Viewing, time_s: float) -> bool:
    return viewing.looked_at(track.kind, track.at(time_s))


def _cost(places: Sequence[Box], seen: Seen, reach: float) -> float | None:
    """How badly a box fits to a thing that may be at one of the places; None where not at all."""
    ratio = size(seen.box) ** 2 / max(size(places[0]) ** 2, 1e-6)
    if not 1 / _SIZES <= ratio <= _SIZES:
        return None
    x, y = centre(seen.box)
    best = None
    for place in places:
        px, py = centre(place)
        apart = math.hypot(x - px, y - py)
        shared = iou(place, seen.box)
        if apart <= reach or shared > 0.3:
            cost = apart / reach - shared
            best = cost if best is None else min(best, cost)
    return best
