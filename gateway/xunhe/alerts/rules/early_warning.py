"""The change detector of `water/warning`, as a rule among the others."""

from typing import Literal, Self

from pydantic import Field, model_validator

from xunhe.alerts.overlay import with_changes
from xunhe.alerts.rules.base import Departure, RuleBase
from xunhe.alerts.view import View
from xunhe.alerts.words import Words
from xunhe.domain.incident import Finding
from xunhe.water.warning import EarlyWarning, WarningSettings, habits, judge


class WarningRule(RuleBase):
    """Several indicators at once against their own seasons; see docs/warning.md."""

    looks_for: Literal["early_warning"]
    detector: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _can_be_set(self) -> Self:
        self.settings()
        return self

    def settings(self) -> WarningSettings:
        """The detector's numbers, with the changes of `detector`."""
        return with_changes(WarningSettings(), self.detector, "detector")

    def look(self, view: View) -> Departure | None:
        """What the detector says of the newest sample; what it sees in hindsight is no news."""
        warning = self._ask(view)
        if warning is None or not warning.is_new:
            return None
        reason = Words(warning.reason_zh, warning.reason_en)
        return Departure(
            warning.properties[0], warning.score, None, self.severity, reason, dict(warning.chart)
        )

    def over(self, view: View, found: Finding) -> Words | None:
        """The detector has nothing to say any more."""
        if self._ask(view) is not None:
            return None
        return Words("水质已回到常态", "the water is back to its usual course")

    def _ask(self, view: View) -> EarlyWarning | None:
        if view.context.is_maintained:
            return None
        settings, learnt = self.settings(), view.hours.learnt
        if settings not in learnt:
            learnt[settings] = habits(view.hours.by_prop, settings)
        return judge(view.upto_newest(), learnt[settings], view.context, settings)
