"""The two rates and the five indicators, each a fraction with its parts. Nothing required: n/a.

巡河率 patrol rate          patrols made / patrols required
处置率 disposal rate        problems of the period that are closed / problems of the period
问题发现率 discovery rate    problems that chiefs found themselves / all problems found
水质达标率 water standard    section-months at their target class or better / judged ones
满意度 satisfaction         ratings of 满意 or better / all ratings
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from xunhe.desk.patrols import Made
from xunhe.desk.problems import Finding
from xunhe.domain.ticket import Source


@dataclass(frozen=True, slots=True)
class Rate:
    """A part of a whole, counted; `value` is None (n/a, not 100 %) where the whole is nothing."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """Fraction 0 to 1."""
        return self.part / self.whole if self.whole else None

    def __str__(self) -> str:
        return f"{100 * self.part / self.whole:.1f} %" if self.whole else "n/a"


@dataclass(frozen=True, slots=True)
class Indicators:
    """The five, of a period."""

    patrol: Rate
    discovery: Rate
    disposal: Rate
    water: Rate
    satisfaction: Rate


def patrol_rate(posts: Iterable[Made]) -> Rate:
    """巡河率 of some posts together."""
    done = required = 0
    for made in posts:
        done, required = done + made.done, required + made.required
    return Rate(done, required)


def disposal_rate(found: Iterable[Finding], as_of: datetime) -> Rate:
    """处置率 of the problems that a period found, as of an instant."""
    real = [problem for problem in found if problem.is_real]
    return Rate(sum(problem.was_closed(as_of) for problem in real), len(real))


def discovery_rate(found: Iterable[Finding]) -> Rate:
    """问题发现率: what chiefs found, of all that was found."""
    real = [problem for problem in found if problem.is_real]
    return Rate(sum(problem.source is Source.CHIEF for problem in real), len(real))


def water_rate(meets_target: Iterable[bool]) -> Rate:
    """水质达标率 over section-months that were judged."""
    judged = list(meets_target)
    return Rate(sum(judged), len(judged))


def satisfaction_rate(ratings: Iterable[int]) -> Rate:
    """满意度 over ratings from 1 (很不满意) to 5 (很满意); 4 (满意) and 5 count."""
    given = list(ratings)
    return Rate(sum(rating >= 4 for rating in given), len(given))
