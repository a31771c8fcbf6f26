"""What a rule may know of one station at one instant: its samples up to that instant, no later."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.classes import WaterClass
from xunhe.water.series import HOUR_S, Hourly, Series
from xunhe.water.warning import Context

Values = NDArray[np.float64]

WINDOW_S = 12 * HOUR_S  # how far back a view reaches


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """Medians of the whole hours of two weeks, by property.

    In `learnt` rules keep what they have worked out from them alone: it is good for an hour.
    """

    by_prop: Mapping[str, Hourly]
    learnt: dict[Hashable, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """One station at the sample number `newest` of its window.

    `recent` are qualified series of the same times, one a property; `usable` their values with NaN
    where they may not be judged; all of shape (n,). `hours` lie before the newest one.
    At `maintained` properties somebody is working now.
    """

    station: str
    target: WaterClass
    times_s: Values
    recent: Mapping[str, Series]
    usable: Mapping[str, Values]
    hours: Hours
    context: Context
    maintained: frozenset[str]
    newest: int

    @property
    def at_s(self) -> float:
        """The instant, seconds since 1970 UTC."""
        return float(self.times_s[self.newest])

    @property
    def at(self) -> datetime:
        """The instant, aware, UTC."""
        return datetime.fromtimestamp(self.at_s, UTC)

    def back(self, samples: int) -> "View | None":
        """The same station so many samples earlier; None before the window's first."""
        position = self.newest - samples
        return replace(self, newest=position) if position >= 0 else None

    def value(self, prop: str) -> float | None:
        """The newest value of a property, or None where it may not be judged."""
        values = self.usable.get(prop)
        if values is None or np.isnan(values[self.newest]):
            return None
        return float(values[self.newest])

    def last(self, prop: str, samples: int) -> Values | None:
        """The newest values of a property, (samples,); None where one may not be judged."""
        values = self.usable.get(prop)
        first = self.newest + 1 - samples
        if values is None or first < 0:
            return None
        newest = values[first : self.newest + 1]
        return None if np.isnan(newest).any() else newest

    def between(self, prop: str, from_s: float, to_s: float) -> Values:
        """The usable values from `from_s` to `to_s` ago, both ends included, oldest first."""
        first = np.searchsorted(self.times_s, self.at_s - from_s, "left")
        last = np.searchsorted(self.times_s, self.at_s - to_s, "right")
        values = self.usable[prop][first : min(int(last), self.newest + 1)]
        return values[~np.isnan(values)]

    def upto_newest(self) -> Mapping[str, Series]:
        """The qualified series, the newest sample the last one."""
        if self.newest == len(self.times_s) - 1:
            return self.recent
        end_s = np.nextafter(self.at_s, np.inf)
        return {p: series.between(-np.inf, end_s) for p, series in self.recent.items()}
