"""A property's departure from its own recent past, in one direction.

The baseline is the median of a window that ends before the newest samples. Noise is estimated from
the differences between neighbours, so that the daily cycle does not count as noise.
"""

from math import sqrt
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field

from xunhe.alerts.rules.base import Ago, Count, Departure, RuleBase, Span
from xunhe.alerts.view import Values, View
from xunhe.alerts.words import Words, name_of
from xunhe.domain.incident import Finding
from xunhe.settings import Positive


class _Level(NamedTuple):
    """A property now and before: medians, and the noise (1 sigma) of the window before."""

    recent: float
    baseline: float
    noise: float


class StepRule(RuleBase):
    """The median of the newest samples, `least` and `noise_factor` sigma off the baseline's.

    `least` is in the property's unit, `least_fraction` of the baseline; the greater one counts. It
    is over when the departure has come down to `clear_fraction` of that.
    """

    looks_for: Literal["step"]
    indicator: str
    direction: Literal["up", "down"]
    least: Positive
    least_fraction: Span = 0
    noise_factor: Span = 6
    baseline_from_s: Ago = 3 * 3600
    baseline_until_s: Ago = 20 * 60
    baseline_samples: Annotated[int, Field(ge=3)] = 8
    recent_samples: Count = 3
    clear_fraction: Annotated[float, Field(ge=0, lt=1)] = 0.5

    def look(self, view: View) -> Departure | None:
        """A departure that is greater than the least one and than the noise."""
        level = self._level(view)
        if level is None:
            return None
        threshold = max(self._least(level.baseline), self.noise_factor * level.noise)
        if self._sign * (level.recent - level.baseline) < threshold:
            return None
        detail = {**level._asdict(), "threshold": threshold}
        return Departure(
            self.indicator, level.recent, level.baseline, self.severity, self._reason(level), detail
        )

    def over(self, view: View, found: Finding) -> Words | None:
        """Most of the way back to the baseline that it departed from."""
        level = self._level(view)
        if level is None:
            return None
        baseline = level.baseline if found.baseline is None else found.baseline
        left = self._sign * (level.recent - baseline)
        if left > self._least(baseline) * self.clear_fraction:
            return None
        measured = name_of(self.indicator)
        recent, before = measured.shown(level.recent), measured.shown(baseline)
        return Words(
            f"{measured.zh}回到 {recent}（基线 {before}）",
            f"{measured.en} is back at {recent} (baseline {before})",
        )

    @property
    def _sign(self) -> int:
        return 1 if self.direction == "up" else -1

    def _least(self, baseline: float) -> float:
        return max(self.least, self.least_fraction * baseline)

    def _reason(self, level: _Level) -> Words:
        measured = name_of(self.indicator)
        before, now = measured.number(level.baseline), measured.shown(level.recent)
        if self.direction == "up":
            return Words(
                f"{measured.zh}突升：由 {before} 升至 {now}",
                f"{measured.en} step: from {before} to {now}",
            )
        return Words(
            f"{measured.zh}骤降：由 {before} 降至 {now}",
            f"{measured.en} fall: from {before} to {now}",
        )

    def _level(self, view: View) -> _Level | None:
        recent = view.last(self.indicator, self.recent_samples)
        if recent is None:
            return None
        before = view.between(self.indicator, self.baseline_from_s, self.baseline_until_s)
        if len(before) < self.baseline_samples:
            return None
        return _Level(float(np.median(recent)), float(np.median(before)), _noise(before))


def _noise(values: Values) -> float:
    """One sigma of white noise, robustly: 1.4826 · MAD of the differences / √2."""
    return 1.4826 * float(np.median(np.abs(np.diff(values)))) / sqrt(2)
