"""A probe that has stopped giving values of use: missing, failed or suspect ones only."""

from typing import Literal

import numpy as np

from xunhe.alerts.rules.base import Count, Departure, RuleBase
from xunhe.alerts.view import View
from xunhe.alerts.words import Words, name_of
from xunhe.domain.incident import Finding, Kind, Severity


class FaultRule(RuleBase):
    """Of one of `indicators` nothing was usable for `unusable_samples` samples.

    A property that was never usable within the window is not fitted, or is given up: no fault.
    Neither is one at which somebody is working.
    """

    looks_for: Literal["fault"]
    indicators: tuple[str, ...] = ("do_mg_l", "nh3n_mg_l", "ph", "water_temp_c")
    unusable_samples: Count = 5
    incident: Kind = Kind.DEVICE_FAULT
    severity: Severity = Severity.MINOR

    def look(self, view: View) -> Departure | None:
        """The first of the properties that has failed."""
        failed = (prop for prop in self.indicators if self._failed(view, prop))
        return next((self._fault(prop) for prop in failed), None)

    def over(self, view: View, found: Finding) -> Words | None:
        """A usable value of the property that had failed."""
        if view.value(found.prop) is None:
            return None
        measured = name_of(found.prop)
        return Words(f"{measured.zh}恢复可用", f"{measured.en} is usable again")

    def _failed(self, view: View, prop: str) -> bool:
        values = view.usable.get(prop)
        if values is None or prop in view.maintained:
            return False
        first = view.newest + 1 - self.unusable_samples
        if first <= 0 or np.isfinite(values[first : view.newest + 1]).any():
            return False
        return bool(np.isfinite(values[:first]).any())

    def _fault(self, prop: str) -> Departure:
        measured = name_of(prop)
        reason = Words(
            f"{measured.zh}探头故障：连续{self.unusable_samples}次没有可用数值",
            f"{measured.en} probe: no usable value in {self.unusable_samples} samples in a row",
        )
        return Departure(prop, None, None, self.severity, reason)
