"""The class of the water, worse than its reach's target."""

from typing import Literal

from xunhe.alerts.rules.base import Count, Departure, RuleBase
from xunhe.alerts.view import View
from xunhe.alerts.words import Words, name_of
from xunhe.domain.incident import Finding, Severity
from xunhe.water.classes import Judgement, single_factor

_SEVERITIES = (Severity.MINOR, Severity.MAJOR, Severity.SEVERE)


class ClassRule(RuleBase):
    """Single factor over `indicators`; each class worse is a severity more."""

    looks_for: Literal["class"]
    indicators: tuple[str, ...] = ("ph", "do_mg_l", "nh3n_mg_l")
    hold_samples: Count = 3
    clear_samples: Count = 3

    def look(self, view: View) -> Departure | None:
        """A sample of a class worse than the target."""
        judged = self._judge(view)
        if judged is None or judged.water_class <= view.target:
            return None
        prop = judged.worst[0]
        value = view.value(prop)
        measured = name_of(prop)
        shown = "" if value is None else measured.number(value)
        worse = judged.water_class - view.target
        reason = Words(
            f"连续{self.hold_samples}次{judged.label}，劣于目标{view.target.label}类；"
            f"{measured.zh} {shown}",
            f"{self.hold_samples} samples in a row of class {judged.water_class.label}, worse than"
            f" the target {view.target.label}; {measured.en} {shown}",
        )
        return Departure(prop, value, None, _SEVERITIES[min(worse, 3) - 1], reason)

    def over(self, view: View, found: Finding) -> Words | None:
        """A sample of the target class or a better one."""
        judged = self._judge(view)
        if judged is None or judged.water_class > view.target:
            return None
        return Words(
            f"连续{self.clear_samples}次达到目标{view.target.label}类",
            f"{self.clear_samples} samples in a row within the target {view.target.label}",
        )

    def _judge(self, view: View) -> Judgement | None:
        values = {
            prop: value for prop in self.indicators if (value := view.value(prop)) is not None
        }
        return single_factor(values)
