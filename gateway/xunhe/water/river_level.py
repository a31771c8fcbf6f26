"""A river by its sections, 环办〔2011〕22号.

    fewer than 5 sections   mean of each indicator over the sections, then the worst indicator
    5 or more               shares of classes, the rows of `_by_shares` in order
A share of Ⅰ-Ⅲ of 75 % with 劣Ⅴ of 20 % is 良好 by that order, as the document leaves it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from xunhe.domain.classes import Grade, WaterBody, WaterClass
from xunhe.water.classes import Judgement
from xunhe.water.sections import judge

BY_SHARES_FROM = 5  # sections

Values = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Shares:
    """How many of `sections` have which class; exact in whole numbers."""

    sections: int
    good: int  # Ⅰ to Ⅲ
    worst: int  # 劣Ⅴ

    @property
    def good_percent(self) -> float:
        """Share of Ⅰ-Ⅲ (优良比例), 0 to 100."""
        return 100.0 * self.good / self.sections

    @property
    def worst_percent(self) -> float:
        """Share of 劣Ⅴ, 0 to 100."""
        return 100.0 * self.worst / self.sections


@dataclass(frozen=True, slots=True)
class RiverEvaluation:
    """A river's grade. `judgement` is that of the means, None where shares decided.

    `fewest` and `most` are the numbers of indicators that the sections rest on; `silent` sections
    had none and do not take part.
    """

    grade: Grade
    shares: Shares
    judgement: Judgement | None
    fewest: int
    most: int
    silent: int

    @property
    def label(self) -> str:
        """Such as `良好 · 6个断面 · 单因子（3项）`."""
        count = str(self.most) if self.fewest == self.most else f"{self.fewest}—{self.most}"
        return f"{self.grade.wording} · {self.shares.sections}个断面 · 单因子（{count}项）"


def evaluate_river(
    sections: Sequence[Values], body: WaterBody = WaterBody.RIVER
) -> RiverEvaluation | None:
    """The evaluation of a river from the values of its sections; None where none was measured."""
    judged = [(values, found) for values in sections if (found := judge(values, body))]
    if not judged:
        return None
    shares = shares_of([found.water_class for _, found in judged])
    counts = [len(found.properties) for _, found in judged]
    by_mean = None
    if len(judged) < BY_SHARES_FROM:
        by_mean = judge(mean_values([values for values, _ in judged]), body)
    return RiverEvaluation(
        by_mean.water_class.grade if by_mean else _by_shares(shares),
        shares,
        by_mean,
        min(counts),
        max(counts),
        len(sections) - len(judged),
    )


def shares_of(classes: Sequence[WaterClass]) -> Shares:
    """Shares of the classes of sections; there must be one at least."""
    good = sum(found <= WaterClass.III for found in classes)
    return Shares(len(classes), good, classes.count(WaterClass.WORSE_THAN_V))


def mean_values(sections: Sequence[Values]) -> dict[str, float]:
    """Arithmetic mean of each indicator over the sections that measured it."""
    props = dict.fromkeys(prop for values in sections for prop in values)
    return {prop: fmean(v[prop] for v in sections if prop in v) for prop in props}


def _by_shares(shares: Shares) -> Grade:
    """The table of the document; whole numbers, so that 75 % is 75 %."""
    good, worst = 100 * shares.good, 100 * shares.worst
    if good >= 90 * shares.sections:
        return Grade.EXCELLENT
    if good >= 75 * shares.sections:
        return Grade.GOOD
    if worst < 20 * shares.sections:
        return Grade.LIGHTLY_POLLUTED
    if worst < 40 * shares.sections:
        return Grade.MODERATELY_POLLUTED
    return Grade.HEAVILY_POLLUTED
