"""A quiet fortnight of three probes with daily curves, to be disturbed by tests."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.observation import FAIL, GOOD
from xunhe.water.series import HOUR_S, Hourly, Series, hourly
from xunhe.water.warning import Context, EarlyWarning, WarningSettings, warn

DAY_S = 24 * HOUR_S
NOW_S = 1_790_000_000.0 // DAY_S * DAY_S + 9 * HOUR_S
DRY = Context(8 * HOUR_S, (), is_maintained=False)
SETTINGS = WarningSettings()

Floats = NDArray[np.float64]


class Quiet:
    """Readings every `interval_s` for 15 days up to `NOW_S`; `add` disturbs the last hours."""

    def __init__(self, seed: int = 1, interval_s: float = 900.0, days: float = 15) -> None:
        rng = np.random.default_rng(seed)
        self.times_s = np.arange(NOW_S - days * DAY_S, NOW_S + 1, interval_s)
        sun = np.sin(2 * np.pi * (self.times_s / DAY_S - 0.2))
        n = len(self.times_s)
        self.values: dict[str, Floats] = {
            "nh3n_mg_l": 0.5 * (1 + 0.1 * sun) * (1 + rng.normal(0, 0.1, n)),
            "do_mg_l": 7.5 + 2.5 * sun + rng.normal(0, 0.1, n),
            "ph": 7.7 + 0.2 * sun + rng.normal(0, 0.03, n),
        }
        self.flags = {prop: np.full(n, GOOD, np.int8) for prop in self.values}

    def add(self, prop: str, change: float, from_h: float, until_h: float = 0.0) -> "Quiet":
        """Add `change` from `from_h` to `until_h` hours before now, both included."""
        self.values[prop][self._span(from_h, until_h)] += change
        return self

    def fail(self, prop: str, from_h: float, until_h: float = 0.0) -> "Quiet":
        """Flag a stretch as FAIL."""
        self.flags[prop][self._span(from_h, until_h)] = FAIL
        return self

    def _span(self, from_h: float, until_h: float) -> NDArray[np.bool_]:
        ago_h = (NOW_S - self.times_s) / HOUR_S
        return (ago_h <= from_h) & (ago_h >= until_h)

    def series(self, prop: str) -> Series:
        """All readings of a property."""
        return Series(self.times_s, self.values[prop], self.flags[prop])

    def hours(self, prop: str, until_s: float = NOW_S) -> Hourly:
        """The whole hours before an instant."""
        return hourly(self.series(prop).between(until_s - 14 * DAY_S, until_s // HOUR_S * HOUR_S))

    def warning(
        self, context: Context = DRY, ago_h: float = 0.0, settings: WarningSettings = SETTINGS
    ) -> EarlyWarning | None:
        """What the detector says of the sample `ago_h` hours before now."""
        at_s = NOW_S - ago_h * HOUR_S
        recent = {p: self.series(p).between(at_s - 12 * HOUR_S, at_s + 1) for p in self.values}
        return warn(recent, {p: self.hours(p, at_s) for p in self.values}, context, settings)


def raining(until_ago_h: float = 0.0) -> Context:
    """Rain that began three hours before it ended."""
    until_s = NOW_S - until_ago_h * HOUR_S
    return replace(DRY, rain=((until_s - 3 * HOUR_S, until_s),))
