"""When to try again: longer after each failure, and never all cameras at the same moment."""

from collections.abc import Callable

_FIRST_S = 1.0
_MOST_S = 60.0
_GOOD_S = 60.0  # frames for so long, and the past is forgotten


class Backoff:
    """Waits between the tries at one camera.

    Exponential with full jitter above a floor of 1 s; at most 60 s. `random` gives numbers from 0
    to 1. Times are Unix seconds, or any that go on evenly.
    """

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._failures = 0
        self._good_since_s: float | None = None

    def failed(self, *, is_patient: bool = False) -> float:
        """Seconds to wait now. `is_patient`: the longest wait, for what only a person can mend.

        A wrong password is such a thing: cameras lock out those who try again and again.
        """
        self._good_since_s = None
        self._failures += 1
        if is_patient:
            return _MOST_S
        longest_s = min(_MOST_S, 2 * _FIRST_S * 2.0 ** min(self._failures - 1, 16))
        return _FIRST_S + self._random() * (longest_s - _FIRST_S)

    def good(self, time_s: float) -> None:
        """A good frame came at `time_s`; a minute of them resets the wait."""
        if self._good_since_s is None or time_s < self._good_since_s:
            self._good_since_s = time_s
        elif time_s - self._good_since_s >= _GOOD_S:
            self._failures = 0
