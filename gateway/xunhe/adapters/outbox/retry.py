"""When to try again, and how often one may."""

import collections
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from xunhe.domain.outward import Pace

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
    """What a pace allows in any span `every`."""

    pace: Pace
    seconds: Callable[[], float]  # of a clock that never goes back
    _sent_s: collections.deque[float] = field(default_factory=collections.deque)

    def batch(self) -> int:
        """How many messages may go in a call now."""
        if self.pace.most == 0:
            return self.pace.batch
        since_s = self.seconds() - self.pace.every.total_seconds()
        while self._sent_s and self._sent_s[0] <= since_s:
            self._sent_s.popleft()
        left = self.pace.most - len(self._sent_s)
        return min(self.pace.batch, left * self.pace.batch if self.pace.is_one else left)

    def take(self, count: int) -> None:
        """A call with so many messages was made."""
        if self.pace.most and count:
            self._sent_s.extend([self.seconds()] * (1 if self.pace.is_one else count))
