"""What the stations and cameras say of one plume: the evidence that tracing weighs."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Alarm:
    """A place that the plume reached: a station, or where a camera saw it.

    Its front came between `from_s` and `to_s`; the plume had gone at `until_s`, None while it goes
    on. `changes` is, by property, how far the water departs from what it was before, in the
    property's unit; a property that was not measured is left out.
    """

    place: str
    from_s: float
    to_s: float
    until_s: float | None
    changes: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Watch:
    """A station that works and found nothing: the times of its usable samples, one `interval_s`."""

    station: str
    interval_s: float
    times_s: NDArray[np.float64]

    def covered(self, from_s: float, to_s: float) -> float:
        """Share of a span that it watched, 0..1."""
        first, last = np.searchsorted(self.times_s, (from_s, to_s))
        return float(min(1.0, (last - first) * self.interval_s / max(to_s - from_s, 1.0)))


@dataclass(frozen=True, slots=True)
class Sight:
    """What a camera saw at an outfall from `from_s` to `to_s`: whether it flowed."""

    outfall: str
    is_flowing: bool
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one plume; `alarms` is not empty, the earliest first."""

    alarms: tuple[Alarm, ...]
    watches: tuple[Watch, ...] = ()
    sights: tuple[Sight, ...] = ()

    def __post_init__(self) -> None:
        if not self.alarms:
            raise ValueError("a plume without an alarm cannot be traced")

    @property
    def first(self) -> Alarm:
        """The earliest alarm."""
        return self.alarms[0]
