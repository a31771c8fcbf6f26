"""Observations: a value of one property at one station and instant, with its quality beside it."""

from dataclasses import dataclass
from datetime import datetime

GOOD, UNKNOWN, SUSPECT, FAIL, MISSING = 1, 2, 3, 4, 9
USABLE_FLAGS = frozenset({GOOD, UNKNOWN})


@dataclass(frozen=True, slots=True)
class Sample:
    """What a station measured at one instant: property → (value, QARTOD flag)."""

    station: str
    time: datetime
    values: dict[str, tuple[float | None, int]]

    def __post_init__(self) -> None:
        if self.time.tzinfo is None:
            raise ValueError(f"sample of {self.station}: its time {self.time} is naive")

    def usable(self, prop: str) -> float | None:
        """The value where it is there and its flag lets it be judged; None otherwise."""
        value, flag = self.values.get(prop, (None, MISSING))
        return value if flag in USABLE_FLAGS else None
