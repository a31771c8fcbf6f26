"""River time: the wall clock, anchored and sped up."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from xunhe_tools.virtual_river.strict import ConfigError, check_keys, number

_KEYS = ("wall_s", "river_s", "factor")


@dataclass(frozen=True, slots=True)
class RiverClock:
    """At wall second `wall_s` it was river second `river_s`; since then `factor` times faster.

    Both are Unix seconds, UTC. Several processes share one river by sharing these three numbers.
    """

    wall_s: float
    river_s: float
    factor: float
    wall_clock: Callable[[], float] = field(default=time.time, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 1 <= self.factor <= 1000:  # also refuses NaN
            raise ValueError(f"factor {self.factor} is outside 1..1000")

    def now_s(self) -> float:
        """River time now, Unix seconds."""
        return self.river_s + (self.wall_clock() - self.wall_s) * self.factor

    def to_json(self) -> dict[str, float]:
        """The three anchors as a JSON object."""
        return {"wall_s": self.wall_s, "river_s": self.river_s, "factor": self.factor}

    @classmethod
    def from_json(
        cls, given: Mapping[str, Any], wall_clock: Callable[[], float] = time.time
    ) -> RiverClock:
        """The inverse of `to_json`. ConfigError on an unknown, missing or non-numeric key."""
        check_keys(given, _KEYS, "clock")
        wall_s, river_s, factor = (number(given.get(key), f"clock.{key}") for key in _KEYS)
        try:
            return cls(wall_s, river_s, factor, wall_clock)
        except ValueError as error:
            raise ConfigError(f"clock: {error}") from error
