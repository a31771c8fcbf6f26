"""Scores of units and posts: what every line adds or takes, and why. All weights are settings.

The grounds after the rows of the specification:

    (47) every red of a circular
    (48) yellows from the third on: the first `free_yellows` take nothing
    (49) a difficult matter that was green in every circular of the period
    (50) a problem with `repeat_reports_from` further public reports while it was open
    (51) the grade of the year: 好 takes nothing, 较好 costs points already, 一般 more
    (52) a section's factor against the year before: worse takes `water_worse`, better adds
         `water_better` times the rate of improvement (1 = wholly gone)
    (7)  patrols that were required and not made, problems missed on a clean patrol
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from xunhe.settings import ScoreSettings


class Grade(StrEnum):
    """评价等次, given once a year by the district's chief."""

    GOOD = "good"  # 好
    FAIR = "fair"  # 较好
    ORDINARY = "ordinary"  # 一般


class Ground(StrEnum):
    """What a line of a score is about."""

    RED = "red"  # 红灯
    YELLOW = "yellow"  # 黄灯
    DIFFICULT_GREEN = "difficult_green"  # 难度大而每次均为绿灯
    REPEAT_REPORTS = "repeat_reports"  # 群众多次举报仍未整改
    GRADE_FAIR = "grade_fair"  # 评价为较好
    GRADE_ORDINARY = "grade_ordinary"  # 评价为一般
    WATER_WORSE = "water_worse"  # 水质同比下降
    WATER_BETTER = "water_better"  # 水质同比改善
    PATROL_MISSING = "patrol_missing"  # 巡河缺次
    PROBLEM_MISSED = "problem_missed"  # 巡而未见


_ADDS = frozenset({Ground.DIFFICULT_GREEN, Ground.WATER_BETTER})

OF_GRADE: Mapping[Grade, Ground] = {
    Grade.FAIR: Ground.GRADE_FAIR,
    Grade.ORDINARY: Ground.GRADE_ORDINARY,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a score: how often it counts, and the points that it adds (or takes: below 0)."""

    ground: Ground
    count: float
    points: float


@dataclass(frozen=True, slots=True)
class Score:
    """A score with everything that makes it up."""

    base: float
    lines: tuple[Line, ...]

    @property
    def total(self) -> float:
        """Points, to two decimals."""
        return round(self.base + sum(line.points for line in self.lines), 2)


def counted_yellows(yellows: float, free: int) -> float:
    """Yellows that take points: those after the first `free` ones."""
    return max(0, yellows - free)


def score(counts: Mapping[Ground, float], weights: ScoreSettings) -> Score:
    """The score of these counts; grounds that change nothing have no line."""
    lines = (_line(ground, counts.get(ground, 0), weights) for ground in Ground)
    return Score(weights.base, tuple(line for line in lines if line.points))


def _line(ground: Ground, count: float, weights: ScoreSettings) -> Line:
    if ground is Ground.YELLOW:
        count = counted_yellows(count, weights.free_yellows)
    weight: float = getattr(weights, ground.value)
    points = count * (weight if ground in _ADDS else -weight)
    return Line(ground, round(count, 4), round(points, 4))
