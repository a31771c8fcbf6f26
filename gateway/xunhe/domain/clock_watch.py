"""Notices when the machine's clock is set, by another one that only runs forward."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from xunhe.domain.clock import Clock

NOTICED = timedelta(minutes=10)  # less is a clock that is being corrected
BELIEVED = timedelta(days=1)  # as long as nobody restarts the gateway

_ZERO = timedelta(0)


@dataclass(slots=True)
class ClockWatch:
    """Who acts by the calendar alone asks here first, and rests while the clock is in doubt.

    `seconds`: of a clock that nobody sets, and that runs while the machine sleeps. The clock is
    taken for right at the start, and when it has stayed where it jumped to for a day.
    """

    wall: Clock
    seconds: Callable[[], float]
    _right: datetime = field(init=False)  # what the wall clock showed when `seconds` were 0
    _doubted: tuple[datetime, float] | None = None  # the same after a jump, and since when

    def __post_init__(self) -> None:
        self._right = self._zero(self.seconds())

    def jump(self) -> timedelta:
        """How far ahead the clock has been set; negative: back; zero: it is not in doubt."""
        now_s = self.seconds()
        zero = self._zero(now_s)
        if _is_near(zero, self._right):
            self._right, self._doubted = zero, None
            return _ZERO
        doubted, since_s = self._doubted or (None, now_s)
        if doubted is None or not _is_near(zero, doubted):
            self._doubted = (zero, now_s)
        elif now_s - since_s >= BELIEVED.total_seconds():
            self._right, self._doubted = zero, None
            return _ZERO
        return zero - self._right

    def _zero(self, now_s: float) -> datetime:
        return self.wall.now() - timedelta(seconds=now_s)


def _is_near(one: datetime, other: datetime) -> bool:
    return abs(one - other) <= NOTICED
