"""Tasks of the year, with quarterly targets: list 1 (重大事项重大项目), list 2 (一河一策措施).

Tasks live in the log and nowhere else. Kinds, each with subject `task:CODE`:

    task.set       the whole plan; again: it is replaced and the progress stays
    task.progress  {done}: the amount done so far, in the plan's measure
    task.due       {due_at, approver}: 延期
    task.closed    {note}: 销号, by another post than the one that reported the progress
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from xunhe.desk import fields
from xunhe.desk.lights import Spell, Standing
from xunhe.desk.log import JSON, Entry, iso
from xunhe.desk.periods import Period, Span
from xunhe.desk.refused import RefusedError

KINDS = ("task.set", "task.progress", "task.due", "task.closed")


class TaskError(RefusedError):
    """A plan, or a step of a task, that cannot be."""


class ListKind(StrEnum):
    """The two lists that consist of tasks; the third one consists of tickets (`desk.lists`)."""

    MAJOR = "major"  # 年度重大事项重大项目清单
    MEASURES = "measures"  # 年度一河一策任务措施清单


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done. `targets`: the amounts to be reached by the end of each quarter."""

    list: ListKind
    year: int
    title: str
    river: str
    unit: str
    post: str
    measure: str  # such as km, 座, 户
    targets: tuple[float, ...]
    due_at: datetime
    is_difficult: bool = False
    budget_yuan: float | None = None

    def __post_init__(self) -> None:
        rising = all(before <= after for before, after in pairwise((0.0, *self.targets)))
        if len(self.targets) != 4 or not rising or self.targets[-1] <= 0:
            raise TaskError(
                f"四个季度目标须逐季不减且最终大于 0，不能是 {self.targets}"
                f" / four quarterly targets that never fall and end above 0, not {self.targets}"
            )
        if self.due_at <= self._calendar.start:
            raise TaskError(
                f"期限 {self.due_at.isoformat()} 不晚于 {self.year} 年初"
                f" / the deadline {self.due_at.isoformat()} is before {self.year} has begun"
            )

    @property
    def target(self) -> float:
        """The amount of the whole year."""
        return self.targets[-1]

    def planned(self, at: datetime) -> float:
        """序时进度: the fraction that is to be done at an instant, straight within each quarter."""
        before = 0.0
        for quarter, target in zip(self._calendar.parts(Span.QUARTER), self.targets, strict=True):
            if at < quarter.end:
                gone = max((at - quarter.start) / (quarter.end - quarter.start), 0.0)
                return (before + gone * (target - before)) / self.target
            before = target
        return 1.0

    def data(self) -> dict[str, JSON]:
        """The data of its entry in the log."""
        return {
            "list": self.list.value,
            "year": self.year,
            "title": self.title,
            "river": self.river,
            "unit": self.unit,
            "post": self.post,
            "measure": self.measure,
            "targets": self.targets,
            "due_at": iso(self.due_at),
            "is_difficult": self.is_difficult,
            "budget_yuan": self.budget_yuan,
        }

    @property
    def _calendar(self) -> Period:
        return Period(self.year, 1, Span.YEAR)


@dataclass(frozen=True, slots=True)
class Task:
    """A task as the log has it. `spells`: the deadlines that ran, for the circulars."""

    code: str
    plan: Plan
    due_at: datetime
    spells: tuple[Spell, ...]
    done: float = 0.0
    reported_by: str | None = None
    closed_at: datetime | None = None

    @property
    def progress(self) -> float:
        """Fraction done; not whole before 销号 unless the whole amount is reported."""
        return 1.0 if self.closed_at else min(self.done / self.plan.target, 1.0)

    def standing(self, at: datetime, cannot_be_made: bool = False) -> Standing:
        """How it stands at an instant, for its light."""
        is_closed, planned = self.closed_at is not None, self.plan.planned(at)
        return Standing(self.due_at, is_closed, self.progress, planned, cannot_be_made)

    def check_closing(self, actor: str) -> None:
        """TaskError where it may not be closed (销号) by this actor now."""
        if self.closed_at is not None:
            raise TaskError(f"任务 {self.code} 已销号 / task {self.code} is closed already")
        if self.done < self.plan.target:
            raise TaskError(
                f"任务 {self.code} 只完成 {self.done:g}/{self.plan.target:g} {self.plan.measure}"
                f" / task {self.code} has reached {self.done:g} of {self.plan.target:g} only"
            )
        if actor == self.reported_by:
            raise TaskError(
                "上报进度者不能自己销号 / who reported the progress cannot close the task"
            )


def fold(tasks: dict[str, Task], entry: Entry) -> None:
    """Take one entry of `KINDS` into the tasks."""
    code = entry.subject.removeprefix("task:")
    if entry.kind == "task.set":
        tasks[code] = _planned(tasks.get(code), code, entry)
        return
    task = tasks[code]
    if entry.kind == "task.progress":
        task = replace(task, done=fields.number(entry, "done"), reported_by=entry.actor)
    elif entry.kind == "task.due":
        task = _due(task, fields.instant(entry, "due_at"), entry.at)
    elif entry.kind == "task.closed":
        ended = (*task.spells, Spell(entry.at, None))
        task = replace(task, closed_at=entry.at, spells=ended)
    tasks[code] = task


def folded(entries: Iterable[Entry]) -> dict[str, Task]:
    """The tasks by code after these entries."""
    tasks: dict[str, Task] = {}
    for entry in entries:
        fold(tasks, entry)
    return tasks


def _planned(before: Task | None, code: str, entry: Entry) -> Task:
    plan = Plan(
        list=ListKind(fields.text(entry, "list")),
        year=int(fields.number(entry, "year")),
        title=fields.text(entry, "title"),
        river=fields.text(entry, "river"),
        unit=fields.text(entry, "unit"),
        post=fields.text(entry, "post"),
        measure=fields.text(entry, "measure"),
        targets=fields.numbers(entry, "targets"),
        due_at=fields.instant(entry, "due_at"),
        is_difficult=fields.flag(entry, "is_difficult"),
        budget_yuan=fields.number_if_any(entry, "budget_yuan"),
    )
    if before is None:
        return Task(code, plan, plan.due_at, (Spell(entry.at, plan.due_at),))
    return _due(replace(before, plan=plan), plan.due_at, entry.at)


def _due(task: Task, due_at: datetime, at: datetime) -> Task:
    return replace(task, due_at=due_at, spells=(*task.spells, Spell(at, due_at)))
