"""Clocks. Code receives one; nothing below `app.py` asks the machine for the time."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

# China has kept UTC+8 without summer time since 1991: no zone database is needed.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


class Clock(Protocol):
    """Where the present comes from."""

    def now(self) -> datetime:
        """The present, aware, UTC."""
        ...

    def when(self, machine_s: float) -> datetime:
        """What this clock shows, or showed, at an instant of the machine, Unix seconds."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The present, aware, UTC."""
        return datetime.now(UTC)

    def when(self, machine_s: float) -> datetime:
        """That very instant."""
        return datetime.fromtimestamp(machine_s, UTC)


@dataclass(frozen=True, slots=True)
class ScaledClock:
    """Time that runs `factor` times as fast as the machine's, from `river_s` at `wall_s` on.

    Both are seconds since 1970-01-01 UTC. The virtual river, its buoys and the gateway share one.
    """

    wall_s: float
    river_s: float
    factor: float
    wall_now_s: Callable[[], float] = time.time

    def now(self) -> datetime:
        """The river's present, aware, UTC."""
        return self.when(self.wall_now_s())

    def when(self, machine_s: float) -> datetime:
        """The river's time at an instant of the machine, Unix seconds."""
        river_s = self.river_s + (machine_s - self.wall_s) * self.factor
        return datetime.fromtimestamp(river_s, UTC)
