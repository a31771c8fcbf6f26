"""一河一策: the plan of a river for a cycle of years, and the approvals that it passes in order.

A plan lives in the log and nowhere else. Kinds, each with subject `plan:CODE`:

    plan.set       the whole plan; set again, its approvals begin anew
    plan.approved  {step, note}: the next of the five approvals (五级会诊)
    plan.returned  {step, note}: the next one is refused: the plan is to be set again

Its tasks are those of the second list (年度一河一策任务措施清单) of its river and its years.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum

from xunhe.desk import fields
from xunhe.desk.lists import Progress, progress
from xunhe.desk.log import JSON, Entry
from xunhe.desk.refused import RefusedError
from xunhe.desk.tasks import ListKind, Task

SET, APPROVED, RETURNED = "plan.set", "plan.approved", "plan.returned"
KINDS = (SET, APPROVED, RETURNED)
MOST_YEARS = 10  # cycles were two or three years, and are five


class PlanError(RefusedError):
    """A plan, or an approval, that cannot be."""


class Step(IntEnum):
    """The five approvals, in their order."""

    LEAD = 1  # 河流牵头单位审核
    DEPARTMENTS = 2  # 区级部门会审
    EXPERTS = 3  # 专家评审
    CHIEF = 4  # 区级河长审定
    GOVERNMENT = 5  # 区政府批复


@dataclass(frozen=True, slots=True)
class Cycle:
    """The years that a plan is for, both ends within."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if not self.first <= self.last < self.first + MOST_YEARS:
            raise PlanError(
                f"实施周期须为 1 至 {MOST_YEARS} 年，不能是 {self.first}—{self.last}"
                f" / a cycle is 1 to {MOST_YEARS} years, not {self.first} to {self.last}"
            )

    def __contains__(self, year: int) -> bool:
        return self.first <= year <= self.last

    def meets(self, other: "Cycle") -> bool:
        """Is there a year in both?"""
        return self.first <= other.last and other.first <= self.last

    @property
    def label(self) -> str:
        """Such as 2026—2030."""
        return f"{self.first}—{self.last}"


@dataclass(frozen=True, slots=True)
class RiverPlan:
    """A plan as the log has it. `returned`: why it went back; `approved_at` by step."""

    code: str
    river: str
    title: str
    lead: str  # code of the unit that leads the river (牵头单位)
    cycle: Cycle
    approved_at: Mapping[Step, datetime] = field(default_factory=dict)
    returned: str = ""

    @property
    def next_step(self) -> Step | None:
        """Which approval it waits for; None once all are given, or after it went back."""
        if self.returned:
            return None
        return next((step for step in Step if step not in self.approved_at), None)

    @property
    def is_in_force(self) -> bool:
        """All five have approved it."""
        return len(self.approved_at) == len(Step)

    def check(self, step: Step) -> None:
        """PlanError unless this is the approval that it waits for."""
        if self.next_step is not step:
            raise PlanError(
                f"计划 {self.code} 现在不待此级审核 / plan {self.code} does not wait for this now"
            )

    def data(self) -> dict[str, JSON]:
        """The data of its entry in the log."""
        return {
            "river": self.river,
            "title": self.title,
            "lead": self.lead,
            "from_year": self.cycle.first,
            "to_year": self.cycle.last,
        }

    def tasks(self, listed: Iterable[Task]) -> list[Task]:
        """Its tasks: measures of its river in one of its years."""
        return [
            task
            for task in listed
            if task.plan.list is ListKind.MEASURES
            and task.plan.river == self.river
            and task.plan.year in self.cycle
        ]

    def by_year(self, listed: Iterable[Task]) -> dict[int, Progress]:
        """How its tasks stand, year by year of the cycle."""
        own = self.tasks(listed)
        return {
            year: progress(task for task in own if task.plan.year == year)
            for year in range(self.cycle.first, self.cycle.last + 1)
        }


def folded(entries: Iterable[Entry]) -> dict[str, RiverPlan]:
    """The plans by code after these entries."""
    plans: dict[str, RiverPlan] = {}
    for entry in entries:
        code = entry.subject.removeprefix("plan:")
        plans[code] = _set(code, entry) if entry.kind == SET else _after(plans[code], entry)
    return plans


def covering(plans: Iterable[RiverPlan], river: str, year: int) -> RiverPlan | None:
    """The plan of a river in a year."""
    return next((plan for plan in plans if plan.river == river and year in plan.cycle), None)


def _set(code: str, entry: Entry) -> RiverPlan:
    return RiverPlan(
        code=code,
        river=fields.text(entry, "river"),
        title=fields.text(entry, "title"),
        lead=fields.text(entry, "lead"),
        cycle=Cycle(int(fields.number(entry, "from_year")), int(fields.number(entry, "to_year"))),
    )


def _after(plan: RiverPlan, entry: Entry) -> RiverPlan:
    if entry.kind == RETURNED:
        return replace(plan, returned=fields.text(entry, "note"))
    step = Step(int(fields.number(entry, "step")))
    return replace(plan, approved_at={**plan.approved_at, step: entry.at})
