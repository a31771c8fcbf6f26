"""When to try again, and how often one may."""

import collections
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

_FIRST_S = 1.0
_LONGEST_S = 300.0


def pause_s(failures: int, chance: random.Random) -> float:
    """Seconds to wait after so many failures in a row: doubled each time, at most five minutes.

    Between half of it and all of it, so that many gateways do not come back at once.
    """
    longest = min(_FIRST_S * 2.0 ** min(failures - 1, 20), _LONGEST_S)
    return longest * chance.uniform(0.5, 1.0)


@dataclass(slots=True)
class Allowance:
    """At most `most` sendings in any span `every`; `most` 0 allows all."""

    most: int
    every: timedelta
    seconds: Callable[[], float]  # of a clock that never goes back
    _sent_s: collections.deque[float] = field(default_factory=collections.deque)

    def left(self) -> int | None:
        """How many may go now; None: no limit."""
        if self.most == 0:
            return None
        since_s = self.seconds() - self.every.total_seconds()
        while self._sent_s and self._sent_s[0] <= since_s:
            self._sent_s.popleft()
        return self.most - len(self._sent_s)

    def take(self, count: int) -> None:
        """So many have gone."""
        if self.most:
            self._sent_s.extend([self.seconds()] * count)
