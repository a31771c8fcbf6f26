"""Candidates for dumping: someone was at the bank, and now something lies there or floats by it.

A candidate, never a verdict: always minor, and a person has to name it. What it does: a visit is
movement the size of a person or a vehicle whose foot stands on a bank that was drawn; the bank's
look before the visit is compared with two looks after it, at the same light; and litter that the
detector first sees beside the visitors counts too. A visit alone, a bird, a boat, a shadow give
nothing.

Limits. It does not know a person from a cow. What is dumped smaller than about 5 by 5 pixels of a
picture 480 wide is not seen (7 by 7 where it has the ground's hue), nor what is dumped into the
water and sinks, nor by night, nor on a bank that is never quiet (a busy path, leaves in the wind).
Whoever leaves a bicycle or fishing gear is a candidate. Who stays where they last moved, a car that
parks, an angler, is none. A visit that falls into a restart is lost.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xunhe.domain.incident import Severity
from xunhe.domain.sight import Phase
from xunhe.domain.zones import BankZone
from xunhe.settings import VisionSettings
from xunhe.vision.bank import Bank, Snapshot
from xunhe.vision.geometry import Box, iou, overlap
from xunhe.vision.view import View
from xunhe.vision.visitors import Movers, Visit

_LEAST_SIGHTINGS = 2
_LEFT_S = 2.0  # without movement, after which a visit is over
_SNAPSHOT_S, _APART_S = 5.0, 3.0  # between looks at a quiet bank; between looks at a heap
_WITHIN_S = 60.0  # after a visit, in which its traces must show
_AGREE_IOU = 0.3  # of two looks at one heap
_SCORE = 0.5  # no model stands behind it
_WORDS = {
    "heap": (
        "岸边有人或车停留后出现新堆积物",
        "someone was at the bank, now a new heap lies there",
    ),
    "floating": (
        "岸边有人或车停留后出现新漂浮物",
        "someone was at the bank, now something new floats beside it",
    ),
}
_OVER = ("此后无新动静", "nothing more has happened since")


@dataclass(frozen=True, slots=True)
class Thing:
    """A floating thing that is tracked: the track's number, its box in fractions."""

    track: int
    box: Box


@dataclass(frozen=True, slots=True)
class DumpingChange:
    """A candidate for dumping at a bank; `started_s`, when the visit began, is its identity.

    `score` is always 0.5, `severity` minor. `box` in fractions: the heap or the floating thing.
    """

    phase: Phase
    bank: str
    score: float
    at_s: float
    started_s: float
    severity: Severity
    reason_zh: str
    reason_en: str
    box: Box


@dataclass(frozen=True, slots=True)
class _Event:
    started_s: float
    last_s: float
    box: Box


@dataclass(slots=True)
class _Watched:
    """One bank with its quiet looks, who is there, what they seem to have left, what was told."""

    zone: BankZone
    bank: Bank
    quiet: deque[Snapshot] = field(default_factory=lambda: deque(maxlen=3))
    visit: Visit | None = None
    heap: Box | None = None
    looked_s: float | None = None
    event: _Event | None = None

    def before(self) -> Snapshot | None:
        """The middle of its last quiet looks."""
        if not self.quiet or len({one.lab.shape for one in self.quiet}) > 1:
            return None
        middle = np.median([one.lab for one in self.quiet], axis=0).astype(np.float32)
        return Snapshot(self.quiet[-1].time_s, middle)

    def meet(self, movers: Sequence[Box], time_s: float) -> None:
        """Begin or go on with a visit. What looked like a heap may have been the visitors."""
        here = [box for box in movers if self.bank.holds((box[0] + box[2]) / 2, box[3])]
        if here:
            self.heap, self.looked_s = None, None
            if self.visit is None:
                self.visit = Visit(time_s, here[0])
            self.visit.go_on(here, time_s)
        if self.visit is not None:
            self.visit.leave(movers)

    def close(self) -> None:
        """The visit is dealt with; how the bank looks from now on is how it looks."""
        self.visit, self.heap, self.looked_s = None, None, None
        self.quiet.clear()


class DumpingWatch:
    """All banks of one camera. `memory` is what `memory()` gave before a restart."""

    def __init__(
        self,
        banks: Sequence[BankZone],
        settings: VisionSettings,
        memory: dict[str, Any] | None = None,
    ) -> None:
        self._settings = settings
        self._banks = [_Watched(zone, Bank(zone.polygon)) for zone in banks]
        self._movers = Movers()
        self._met: dict[int, tuple[float, float, Box]] = {}  # track: first seen, last seen, where
        self._seen_s: float | None = None
        told = (memory or {}).get("open", {})
        for each in self._banks:
            if now := told.get(each.zone.name):
                x0, y0, x1, y1 = now["box"]
                each.event = _Event(now["started_s"], now["last_s"], (x0, y0, x1, y1))

    def wants_every_frame(self, time_s: float) -> bool:
        """Is someone at a bank right now?"""
        visits = [each.visit for each in self._banks if each.visit is not None]
        return any(time_s - visit.last_s <= _LEFT_S for visit in visits)

    def see(
        self, view: View, moving_boxes: Sequence[Box], things: Sequence[Thing] = ()
    ) -> list[DumpingChange]:
        """One frame: what the gate says has changed, in fractions, and what floats.

        The full picture is asked for once in five seconds at most, and not by night.
        """
        if not self._banks or float(view.luma.mean()) < self._settings.night_luma:
            return []
        if self._seen_s is not None and view.time_s < self._seen_s:
            self.interrupt()
        self._seen_s = view.time_s
        movers = self._movers.of(moving_boxes, view.time_s)
        self._meet(things, view.time_s)
        changes = []
        for each in self._banks:
            each.meet(movers, view.time_s)
            changes += self._at(each, view, things)
        return changes

    def interrupt(self) -> None:
        """Forget all but what is open: the camera moved, or time went back."""
        self._met.clear()
        for each in self._banks:
            each.close()

    def _meet(self, things: Sequence[Thing], time_s: float) -> None:
        for one in things:
            first_s, _, where = self._met.get(one.track, (time_s, time_s, one.box))
            self._met[one.track] = (first_s, time_s, where)
        gone = [track for track, met in self._met.items() if time_s - met[1] > 2 * _WITHIN_S]
        for track in gone:
            del self._met[track]

    def _at(self, each: _Watched, view: View, things: Sequence[Thing]) -> list[DumpingChange]:
        """One bank on one frame."""
        visit = each.visit
        if visit is None:
            self._rest(each, view)
            return self._ended(each, view.time_s)
        if visit.sightings >= _LEAST_SIGHTINGS:
            if (box := self._floating(visit, things)) is not None:
                return [self._told(each, visit, "floating", box, view.time_s)]
            if (box := self._heap(each, visit, view)) is not None:
                return [self._told(each, visit, "heap", box, view.time_s)]
        if view.time_s - visit.last_s > _WITHIN_S:
            each.close()
        return []

    def _rest(self, each: _Watched, view: View) -> None:
        """Nobody is there: remember how it looks."""
        if not each.quiet or view.time_s - each.quiet[-1].time_s >= _SNAPSHOT_S:
            each.quiet.append(each.bank.snapshot(view.picture(), view.time_s))

    def _floating(self, visit: Visit, things: Sequence[Thing]) -> Box | None:
        """Something that was first seen during the visit or after it, and within reach of it."""
        for thing in things:
            first_s, _, where = self._met[thing.track]
            if first_s > visit.started_s and overlap(where, visit.near) > 0:
                return thing.box
        return None

    def _heap(self, each: _Watched, visit: Visit, view: View) -> Box | None:
        """Something that two looks show in the same place, where the visitors were and are not."""
        before = each.before()
        if before is None or not _is_due(each, visit, view.time_s):
            return None
        each.looked_s, earlier = view.time_s, each.heap
        found = each.bank.heap(before, each.bank.snapshot(view.picture(), view.time_s))
        each.heap = found if found and overlap(found, visit.near) > 0 else None
        if each.heap is None or earlier is None or iou(each.heap, earlier) < _AGREE_IOU:
            return None
        return None if visit.stays_at(each.heap) else each.heap

    def _told(
        self, each: _Watched, visit: Visit, cause: str, box: Box, time_s: float
    ) -> DumpingChange:
        phase = Phase.OPENED if each.event is None else Phase.GREW
        started_s = visit.started_s if each.event is None else each.event.started_s
        each.event = _Event(started_s, time_s, box)
        each.close()
        return _change(phase, each.zone, each.event, time_s, _WORDS[cause])

    def _ended(self, each: _Watched, time_s: float) -> list[DumpingChange]:
        """A candidate is over when nothing more has come for a while; the heap may well remain."""
        event = each.event
        if event is None or time_s - event.last_s < self._settings.gone_after_s:
            return []
        each.event = None
        return [_change(Phase.ENDED, each.zone, event, time_s, _OVER)]

    def memory(self) -> dict[str, Any]:
        """The candidates that are open, JSON-able."""
        open_now = {each.zone.name: each.event for each in self._banks if each.event is not None}
        return {
            "open": {
                name: {
                    "started_s": event.started_s,
                    "last_s": event.last_s,
                    "box": list(event.box),
                }
                for name, event in open_now.items()
            }
        }


def _is_due(each: _Watched, visit: Visit, time_s: float) -> bool:
    """Two seconds after the last movement, then every three."""
    if each.looked_s is None:
        return time_s - visit.last_s >= _LEFT_S
    return time_s - each.looked_s >= _APART_S


def _change(
    phase: Phase, zone: BankZone, event: _Event, time_s: float, words: tuple[str, str]
) -> DumpingChange:
    return DumpingChange(
        phase,
        zone.name,
        _SCORE,
        time_s,
        event.started_s,
        Severity.MINOR,
        f"{zone.name}疑似倾倒：{words[0]}，待人辨认",
        f"{zone.name}: {words[1]}; a person has to name it",
        event.box,
    )
