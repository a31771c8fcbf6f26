"""Two periods of a section or a river against each other: 环比 (month before), 同比 (year before).

Only indicators measured in both periods are compared, and both are judged anew by these alone: a
class by three indicators says nothing against one by five. The words and steps are those of
环办〔2011〕22号 for changes of grade and of shares (to be confirmed).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from xunhe.domain.classes import Grade, WaterBody, WaterClass
from xunhe.water.indicators import INDICATORS
from xunhe.water.river_level import Shares
from xunhe.water.sections import judge

Values = Mapping[str, float]

_SLIGHT, _CLEAR = 10.0, 20.0  # percentage points of the shares


class Trend(IntEnum):
    """Which way the water went; a greater number is better."""

    CLEARLY_WORSE = -2
    WORSE = -1
    SAME = 0
    BETTER = 1
    CLEARLY_BETTER = 2

    @property
    def wording(self) -> str:
        """The document's wording."""
        return ("明显变差", "有所变差", "无明显变化", "有所好转", "明显好转")[self + 2]

    @property
    def wording_en(self) -> str:
        """The same in English."""
        return self.name.replace("_", " ").lower() if self else "no clear change"


@dataclass(frozen=True, slots=True)
class Change:
    """An indicator in both periods, in its unit."""

    prop: str
    before: float
    now: float

    @property
    def percent(self) -> float | None:
        """Change in per cent of before; None for pH, which has no zero, and where before was 0."""
        if self.prop == "ph" or not self.before:
            return None
        return 100.0 * (self.now - self.before) / self.before

    @property
    def words_zh(self) -> str:
        """Such as `氨氮 0.60→0.90 mg/L（+50 %）`."""
        indicator = INDICATORS[self.prop]
        by = "" if self.percent is None else f"（{self.percent:+.0f} %）"
        return f"{indicator.name_zh} {self.before:.3g}→{self.now:.3g} {indicator.unit}".strip() + by


@dataclass(frozen=True, slots=True)
class Comparison:
    """A section in two periods, by their common indicators."""

    before: WaterClass
    now: WaterClass
    trend: Trend
    changes: tuple[Change, ...]

    @property
    def words_zh(self) -> str:
        """Such as `Ⅲ类→Ⅳ类，有所变差（按共有的3项）`."""
        count = len(self.changes)
        classes = f"{self.before.label}类→{self.now.label}类"
        return f"{classes}，{self.trend.wording}（按共有的{count}项）"

    @property
    def words_en(self) -> str:
        """The same in English."""
        count = len(self.changes)
        classes = f"{self.before.label} → {self.now.label}"
        return f"{classes}, {self.trend.wording_en} (by the {count} indicators of both)"


def compare(
    now: Values,
    before: Values,
    body: WaterBody = WaterBody.RIVER,
) -> Comparison | None:
    """A section's values now against those before; None where they have no indicator in common."""
    common = [prop for prop in now if prop in before]
    earlier = judge({prop: before[prop] for prop in common}, body)
    later = judge({prop: now[prop] for prop in common}, body)
    if earlier is None or later is None:
        return None
    return Comparison(
        earlier.water_class,
        later.water_class,
        trend_of_grades(earlier.water_class.grade, later.water_class.grade),
        tuple(Change(prop, before[prop], now[prop]) for prop in later.properties),
    )


def trend_of_grades(before: Grade, now: Grade) -> Trend:
    """One grade is 有所, two or more are 明显; Ⅰ and Ⅱ are one grade."""
    return Trend(max(-2, min(2, before - now)))


def trend_of_shares(before: Shares, now: Shares) -> Trend:
    """By the rise of Ⅰ-Ⅲ less the rise of 劣Ⅴ, in percentage points.

    To 10 is 无明显变化, to 20 有所, above 明显.
    """
    rise = now.good_percent - before.good_percent
    balance = rise - (now.worst_percent - before.worst_percent)
    # Shares of thirds and sevenths are no whole numbers: 10 points must be 10.
    size = round(abs(balance), 9)
    steps = 0 if size <= _SLIGHT else 1 if size <= _CLEAR else 2
    return Trend(steps if balance > 0 else -steps)
