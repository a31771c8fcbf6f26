"""One pass through the log: the circular of every month, and what each unit and post is scored by.

Nothing but entries, the registry's posts and the rules goes in; the same log gives the same
circulars and scores, on any machine, at any time.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from xunhe.desk import fields, patrols, problems, returns, tasks, water_year
from xunhe.desk.circular import PUBLISHED, WARNINGS, Circular, Matter, circular, read, warned
from xunhe.desk.log import Entry
from xunhe.desk.patrols import Patrol
from xunhe.desk.periods import Period, Span, period_at
from xunhe.desk.problems import Problem
from xunhe.desk.scores import Grade
from xunhe.desk.seats import Seats
from xunhe.desk.tasks import Task
from xunhe.settings import SupervisionSettings

GRADED = "grade.given"  # subject unit:CODE, {year, grade}
RATED = "satisfaction.rated"  # subject ticket:ID, {rating}

KINDS = (
    *problems.KINDS,
    *tasks.KINDS,
    *WARNINGS,
    PUBLISHED,
    patrols.KIND,
    returns.HELD,
    water_year.KIND,
    GRADED,
)


@dataclass(frozen=True, slots=True)
class Repeated:
    """Public reports about an open problem came in once too often; `seq` is the last one's."""

    at: datetime
    problem: int
    seq: int


@dataclass(frozen=True, slots=True)
class Improvement:
    """A section's factor against the year before, for the unit that answers for it."""

    year: int
    unit: str
    rate: float
    section: str
    factor: str
    seq: int


@dataclass(frozen=True, slots=True)
class Given:
    """The grade of a unit for a year, and the entry that gave it."""

    grade: Grade
    seq: int


class Tally:
    """Takes entries in the order of the log; `circulars` are those of the months that it passed."""

    def __init__(self, seats: Seats, rules: SupervisionSettings) -> None:
        self.seats = seats
        self.problems: dict[int, Problem] = {}
        self.tasks: dict[str, Task] = {}
        self.patrols: list[Patrol] = []
        self.repeated: list[Repeated] = []
        self.improvements: dict[tuple[str, int, str], Improvement] = {}
        self.grades: dict[tuple[str, int], Given] = {}
        self.published: dict[Period, Circular] = {}
        self.published_by: dict[Period, int] = {}  # the entry's number
        self.circulars: dict[Period, Circular] = {}
        self._rules = rules
        self._month: Period | None = None
        self._current: dict[int, Problem] = {}  # not done before the month began
        self._warned: set[str] = set()
        self._meetings: set[tuple[str, Period]] = set()
        self._takers = self._of_kinds()

    def take(self, entry: Entry) -> None:
        """Take the next entry; kinds that supervision does not ask for change nothing."""
        self.pass_to(entry.at)
        taker = self._takers.get(entry.kind)
        if taker is not None:
            taker(entry)

    def pass_to(self, at: datetime) -> None:
        """Make the circulars of all months that have ended by an instant."""
        if self._month is None:
            self._month = period_at(at, Span.MONTH)
        while at >= self._month.end:
            self.circulars[self._month] = self._circular(self._month)
            self._month = self._month.after
            self._current = {k: one for k, one in self._current.items() if one.state.is_open}

    def matters(self, month: Period) -> Iterator[Matter]:
        """Everything that has a light in a month, as it stands now."""
        for problem in self._current.values():
            if problem.is_real:
                yield self._of_problem(problem, month.end)
        for code, task in self.tasks.items():
            if task.plan.year == month.year:
                yield self._of_task(f"task:{code}", task, month.end)
        yield from returns.missing_meetings(self.seats.units, self._meetings, month)

    def _circular(self, month: Period) -> Circular:
        return circular(self.matters(month), month, self._rules.tolerance)

    def _of_problem(self, one: Problem, at: datetime) -> Matter:
        stands = problems.standing(one, at, one.subject in self._warned, self._rules)
        unit = self.seats.unit_of(one.post)
        return Matter(one.subject, unit, one.post, one.is_difficult, one.spells, stands)

    def _of_task(self, subject: str, task: Task, at: datetime) -> Matter:
        plan, stands = task.plan, task.standing(at, subject in self._warned)
        return Matter(subject, plan.unit, plan.post, plan.is_difficult, task.spells, stands)

    def _of_kinds(self) -> dict[str, Callable[[Entry], None]]:
        return {
            **dict.fromkeys(problems.KINDS, self._take_problem),
            **dict.fromkeys(tasks.KINDS, lambda entry: tasks.fold(self.tasks, entry)),
            **dict.fromkeys(WARNINGS, self._take_warning),
            PUBLISHED: self._take_published,
            patrols.KIND: lambda entry: self.patrols.append(patrols.read(entry)),
            returns.HELD: lambda entry: self._meetings.update(returns.held([entry])),
            water_year.KIND: self._take_water,
            GRADED: self._take_grade,
        }

    def _take_problem(self, entry: Entry) -> None:
        problem = problems.fold(self.problems, entry)
        self._current[problem.id] = problem
        is_report = entry.kind == "ticket.reported"
        if is_report and problem.repeat_reports == self._rules.scores.repeat_reports_from:
            self.repeated.append(Repeated(entry.at, problem.id, entry.seq))

    def _take_warning(self, entry: Entry) -> None:
        self._warned.discard(entry.subject)
        self._warned |= warned([entry])

    def _take_published(self, entry: Entry) -> None:
        found = read(entry)
        self.published[found.month] = found
        self.published_by[found.month] = entry.seq

    def _take_water(self, entry: Entry) -> None:
        """The last entry of a section's factor for a year counts."""
        found = Improvement(
            int(fields.number(entry, "year")),
            fields.text(entry, "unit"),
            fields.number(entry, "improvement"),
            entry.subject.removeprefix("section:"),
            fields.text(entry, "factor"),
            entry.seq,
        )
        self.improvements[found.section, found.year, found.factor] = found

    def _take_grade(self, entry: Entry) -> None:
        unit, year = entry.subject.removeprefix("unit:"), int(fields.number(entry, "year"))
        self.grades[unit, year] = Given(Grade(fields.text(entry, "grade")), entry.seq)


def tallied(
    entries: Iterable[Entry], seats: Seats, rules: SupervisionSettings, as_of: datetime
) -> Tally:
    """The tally of a whole log, and the circulars of all months that had ended by `as_of`.

    Entries from `as_of` on are left out.
    """
    tally = Tally(seats, rules)
    for entry in entries:
        if entry.at < as_of:
            tally.take(entry)
    tally.pass_to(as_of)
    return tally
