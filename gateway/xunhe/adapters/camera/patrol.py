"""The tour of a dome camera: which preset is in view, and when to turn to the next.

The rules, all of them:
- A move is ordered; the camera has `settle_s` from then to turn, focus and expose. Nothing that it
  shows meanwhile is judged.
- Then the stop's view is judged for `dwell_s`. Where something is happening the camera stays, for
  at most `longest_s` in all.
- An order that the camera refuses is tried once more, `pause_s` later; then that stop is left out
  this time. What the camera shows after a refused order is not judged.
Pure: times are arguments.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Stop:
    """One preset of the tour. `view` is the code of the camera that judges what is seen there."""

    preset: str
    view: str
    dwell_s: float
    longest_s: float

    def __post_init__(self) -> None:
        if not 0 < self.dwell_s <= self.longest_s:
            raise ValueError(f"stop {self.preset!r}: 0 < dwell_s <= longest_s must hold")


class Why(StrEnum):
    """Why the camera is to move."""

    BEGIN = "begin"
    DWELT = "dwelt"
    LONGEST = "longest"  # something goes on, but the other stops must be seen too
    AGAIN = "again"
    LEFT_OUT = "left_out"  # the stop before refused twice


@dataclass(frozen=True, slots=True)
class Move:
    """An order to be carried out now."""

    stop: Stop
    why: Why


class Patrol:
    """Stops in turn, for ever. After each `due` that gives a Move, say `moved` or `refused`."""

    def __init__(self, stops: Sequence[Stop], settle_s: float, pause_s: float = 10.0) -> None:
        if not stops:
            raise ValueError("a patrol needs at least one stop")
        if settle_s < 0:
            raise ValueError(f"settle_s {settle_s} is negative")
        self._stops = tuple(stops)
        self._settle_s = settle_s
        self._pause_s = pause_s
        self._at = 0
        self._refusals = 0
        self._settled_s: float | None = None  # from when on what is seen counts
        self._is_asked = False
        self._not_before_s: float | None = None  # after a refusal

    def due(self, time_s: float, is_busy: bool = False) -> Move | None:
        """The move to carry out now, if any. `is_busy`: something is happening in view."""
        if self._is_asked or (self._not_before_s is not None and time_s < self._not_before_s):
            return None
        why = self._why(time_s, is_busy)
        if why is None:
            return None
        if why in {Why.DWELT, Why.LONGEST, Why.LEFT_OUT}:
            self._at = (self._at + 1) % len(self._stops)
            self._refusals = 0
        if len(self._stops) == 1 and why in {Why.DWELT, Why.LONGEST}:
            return None  # one stop: it stands there already
        self._is_asked, self._settled_s = True, None
        return Move(self._stops[self._at], why)

    def moved(self, time_s: float) -> None:
        """The camera took the order at `time_s`."""
        self._is_asked, self._refusals, self._not_before_s = False, 0, None
        self._settled_s = time_s + self._settle_s

    def refused(self, time_s: float) -> None:
        """The camera did not take the order."""
        self._is_asked, self._not_before_s = False, time_s + self._pause_s
        self._refusals += 1

    def watching(self, time_s: float) -> Stop | None:
        """The stop whose view a frame of `time_s` shows; None while nothing is to be judged."""
        if self._settled_s is None or time_s < self._settled_s:
            return None
        return self._stops[self._at]

    def _why(self, time_s: float, is_busy: bool) -> Why | None:
        if self._settled_s is None:
            return (Why.BEGIN, Why.AGAIN, Why.LEFT_OUT)[min(self._refusals, 2)]
        stop = self._stops[self._at]
        stayed_s = time_s - self._settled_s
        if stayed_s >= stop.longest_s:
            return Why.LONGEST if is_busy else Why.DWELT
        return Why.DWELT if stayed_s >= stop.dwell_s and not is_busy else None
