"""A property beyond a limit."""

from typing import Literal, Self

from pydantic import model_validator

from xunhe.alerts.rules.base import Departure, RuleBase
from xunhe.alerts.view import View
from xunhe.alerts.words import Words, name_of
from xunhe.domain.incident import Finding


class ThresholdRule(RuleBase):
    """`above` or `below` a limit; over at `clear_at`, which lies on the good side of it."""

    looks_for: Literal["threshold"]
    indicator: str
    above: float | None = None
    below: float | None = None
    clear_at: float | None = None

    @model_validator(mode="after")
    def _has_one_limit(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError("give above or below, one of the two")
        if self._excess(self.clearing) > 0:
            raise ValueError(f"clear_at {self.clearing:g} is on the wrong side of the limit")
        return self

    @property
    def limit(self) -> float:
        """The limit, in the property's unit."""
        return self.above if self.above is not None else self.below or 0.0

    @property
    def clearing(self) -> float:
        """Where it is over; the limit itself unless told otherwise."""
        return self.limit if self.clear_at is None else self.clear_at

    def look(self, view: View) -> Departure | None:
        """A value beyond the limit; one at the limit is not."""
        value = view.value(self.indicator)
        if value is None or self._excess(value) <= 0:
            return None
        measured = name_of(self.indicator)
        is_high = self.above is not None
        reason = Words(
            f"{measured.zh}{'高于' if is_high else '低于'} {measured.shown(self.limit)}："
            f"{measured.shown(value)}",
            f"{measured.en} {'above' if is_high else 'below'} {measured.shown(self.limit)}:"
            f" {measured.shown(value)}",
        )
        return Departure(self.indicator, value, None, self.severity, reason)

    def over(self, view: View, found: Finding) -> Words | None:
        """A value at `clear_at` or better."""
        value = view.value(self.indicator)
        if value is None or self._excess(value) > self._excess(self.clearing):
            return None
        measured = name_of(self.indicator)
        shown = measured.shown(value)
        return Words(f"{measured.zh}恢复：{shown}", f"{measured.en} has recovered: {shown}")

    def _excess(self, value: float) -> float:
        return value - self.limit if self.above is not None else self.limit - value
