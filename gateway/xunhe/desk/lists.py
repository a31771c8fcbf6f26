"""The three lists (三张清单) and what the yearly report says of each.

    1 年度重大事项重大项目清单  tasks of `ListKind.MAJOR`, reviewed every quarter
    2 年度一河一策任务措施清单  tasks of `ListKind.MEASURES`; one task, one point (一项一分)
    3 年度突出问题整改责任清单  tickets that were posted on it (挂单); their 销号 ends the item

Kinds: `list.posted`, subject ticket:ID, {year}; `list.reviewed`, subject quarter:2026Q1, {note}.
A new severe problem is proposed for the list (`is_proposed`); a person posts it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from xunhe.desk.periods import Period, Span
from xunhe.desk.problems import Problem
from xunhe.desk.tasks import ListKind, Task
from xunhe.domain.incident import Severity

KINDS = ("list.posted", "list.reviewed")


@dataclass(frozen=True, slots=True)
class Exposure:
    """The third list in figures."""

    year: int
    exposed: int
    closed: int

    @property
    def still_open(self) -> int:
        """Not closed yet."""
        return self.exposed - self.closed

    def sentence_zh(self) -> str:
        """As the report says it."""
        return (
            f"{self.year}年曝光突出问题{self.exposed}个，"
            f"已销号{self.closed}个，正在整改{self.still_open}个"
        )


def exposure(year: int, posted: Iterable[Problem], as_of: datetime) -> Exposure:
    """The figures of the problems that were posted in a year; those that were none do not count."""
    real = [problem for problem in posted if problem.is_real]
    return Exposure(year, len(real), sum(problem.was_closed(as_of) for problem in real))


def is_proposed(problem: Problem, posted: Iterable[int]) -> bool:
    """Is it to be proposed for the third list: severe, real, open, and not on it?"""
    is_severe = problem.severity is Severity.SEVERE and problem.is_real
    return is_severe and problem.state.is_open and problem.id not in set(posted)


def reviews(year: int) -> list[datetime]:
    """When the first list's quarterly review is due: the end of each quarter."""
    return [quarter.end for quarter in Period(year, 1, Span.YEAR).parts(Span.QUARTER)]


@dataclass(frozen=True, slots=True)
class Progress:
    """Tasks in figures. `done` of `total` and the mean progress are two different things."""

    total: int
    done: int
    mean: float | None  # fraction; None without a task

    @property
    def points(self) -> int:
        """One task, one point."""
        return self.done


def progress(tasks: Iterable[Task], kind: ListKind | None = None) -> Progress:
    """The figures of the tasks of a list, or of both."""
    listed = [task for task in tasks if kind is None or task.plan.list is kind]
    done = sum(task.closed_at is not None for task in listed)
    mean = sum(task.progress for task in listed) / len(listed) if listed else None
    return Progress(len(listed), done, mean)
