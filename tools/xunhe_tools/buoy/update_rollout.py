"""How a release goes through a fleet: in waves, and no further when too many come back. Pure.

wave      stations of the share, in an order that the release's number shuffles: not always the
          same buoys are the first to try
next      a wave begins when every station of the last one has ended well
stop      more than `most_failures` rolled back or refused: nothing more is offered; the buoys
          that failed run their old version again by themselves
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

GOOD = "confirmed"
BAD = ("rolled back", "refused")


class RolloutError(ValueError):
    """A share or a list of stations that makes no rollout."""


class Course(Enum):
    """How a rollout goes on; the words are for people."""

    WAITING = ("等待浮标", "waiting for the buoys")
    NEXT = ("进入下一批", "on to the next wave")
    DONE = ("完成", "done")
    STOPPED = ("失败过多，已停止", "too many failures: stopped")

    @property
    def words(self) -> str:
        return f"{self.value[0]} / {self.value[1]}"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many stations of those that were offered are where."""

    offered: int
    good: int
    bad: int

    @property
    def waiting(self) -> int:
        return self.offered - self.good - self.bad


def order(stations: Sequence[str], release: int) -> list[str]:
    """The stations in the order of this release: the same for everybody who asks."""
    return sorted(set(stations), key=lambda s: hashlib.sha256(f"{release} {s}".encode()).digest())


def waves(stations: Sequence[str], release: int, percent: float, first: int = 1) -> list[list[str]]:
    """The share of the stations, first a few, then ever twice as many.

    The share is rounded up, so that a small fleet has one station of it.
    """
    if not 0 < percent <= 100:
        raise RolloutError(f"a share is more than 0 and at most 100 per cent, not {percent:g}")
    if not stations:
        raise RolloutError("no station has a buoy that could be updated")
    share = order(stations, release)
    share = share[: math.ceil(len(share) * percent / 100)]
    found, size = [], max(1, first)
    while share:
        found.append(share[:size])
        share, size = share[size:], 2 * size
    return found


def tally(states: Mapping[str, str]) -> Tally:
    """Station → state, as the gateway tells it, counted."""
    good = sum(state == GOOD for state in states.values())
    bad = sum(state in BAD for state in states.values())
    return Tally(len(states), good, bad)


def course(now: Tally, waves_left: int, most_failures: int) -> Course:
    """What is to be done next."""
    if now.bad > most_failures:
        return Course.STOPPED
    if now.waiting:
        return Course.WAITING
    return Course.NEXT if waves_left else Course.DONE
