"""Tickets as supervision sees them: who found them, when they are due, when they were closed.

`folded` reads them from the log's kinds `ticket.opened`, `ticket.moved`, `ticket.due` and
`ticket.reported`; the store reads the same values from its tables.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from xunhe.desk import fields
from xunhe.desk.lights import Spell, Standing
from xunhe.desk.log import Entry
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Source, State
from xunhe.settings import SupervisionSettings

KINDS = ("ticket.opened", "ticket.moved", "ticket.due", "ticket.reported")

# Not a problem after all, or counted with another one.
NOT_FOUND = frozenset({State.DECLINED, State.FALSE_ALARM, State.MERGED})

IN_HANDS = frozenset({State.ASSIGNED, State.IN_PROGRESS})
CLOSED = frozenset({State.CLOSED, State.ARCHIVED})


class Finding(NamedTuple):
    """A problem as far as reports count it. A tuple: a month has ten thousand of them."""

    id: int
    reach: str
    category: str
    source: Source
    severity: Severity
    is_real: bool
    opened_at: datetime
    closed_at: datetime | None

    def was_closed(self, at: datetime) -> bool:
        """Had it been closed (销号) before an instant?"""
        return self.closed_at is not None and self.closed_at < at


@dataclass(frozen=True, slots=True)
class Problem:
    """One ticket. `closed_at` is its 销号; None before it and after 重开."""

    id: int
    reach: str
    post: str
    category: str
    source: Source
    severity: Severity
    state: State
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None = None
    stands_since: datetime | None = None
    paused_s: float = 0.0
    is_difficult: bool = False
    repeat_reports: int = 0
    spells: tuple[Spell, ...] = ()

    @property
    def subject(self) -> str:
        """Its name in the log."""
        return f"ticket:{self.id}"

    @property
    def is_real(self) -> bool:
        """It counts as found: neither 误报, 不予受理 nor merged into another."""
        return self.state not in NOT_FOUND

    @property
    def finding(self) -> Finding:
        """As reports count it."""
        return Finding(
            self.id,
            self.reach,
            self.category,
            self.source,
            self.severity,
            self.is_real,
            self.opened_at,
            self.closed_at,
        )

    def was_closed(self, at: datetime) -> bool:
        """Had it been closed (销号) before an instant?"""
        return self.closed_at is not None and self.closed_at < at

    def handling(self) -> timedelta | None:
        """From discovery to 销号."""
        return None if self.closed_at is None else self.closed_at - self.opened_at


# Only their order and distance matter: one step behind is more than any tolerance.
_OPEN, _ASSIGNED, _HANDLED = 0.0, 0.5, 1.0


def standing(
    problem: Problem, at: datetime, cannot_be_made: bool, rules: SupervisionSettings
) -> Standing:
    """How a problem stands at an instant: the step that it has reached against the one planned.

    A problem reports no amounts. Of the time that it is given, pauses left out, it is to be
    assigned (已交办) by the fraction `in_hands_by`, and reported done (待验收) by `handled_by`.
    """
    due_at = problem.due_at if problem.state.is_ticking else None
    planned = _planned(problem, at, rules)
    is_done = not problem.state.is_open
    return Standing(due_at, is_done, _reached(problem.state), planned, cannot_be_made)


def _planned(problem: Problem, at: datetime, rules: SupervisionSettings) -> float:
    paused = timedelta(milliseconds=round(1000 * problem.paused_s))
    whole = problem.due_at - problem.opened_at - paused
    gone = 1000 * (at - problem.opened_at - paused)
    if gone >= per_mille(rules.handled_by) * whole:
        return _HANDLED
    return _ASSIGNED if gone >= per_mille(rules.in_hands_by) * whole else _OPEN


def per_mille(fraction: float) -> int:
    """A fraction in whole thousandths: steps are compared in whole numbers, here and as SQL."""
    return round(1000 * fraction)


def _reached(state: State) -> float:
    if state in IN_HANDS:
        return _ASSIGNED
    return _HANDLED if state is State.HANDLED or not state.is_open else _OPEN


def fold(problems: dict[int, Problem], entry: Entry) -> Problem:
    """Take one entry of `KINDS` into the problems; the problem as it is then."""
    problem_id = int(entry.subject.removeprefix("ticket:"))
    if entry.kind == "ticket.opened":
        problem = _opened(problem_id, entry)
    elif entry.kind == "ticket.moved":
        problem = _moved(problems[problem_id], entry)
    elif entry.kind == "ticket.due":
        problem = _spelled(replace(problems[problem_id], due_at=_due(entry)), entry.at)
    else:
        before = problems[problem_id]
        problem = replace(before, repeat_reports=before.repeat_reports + 1)
    problems[problem_id] = problem
    return problem


def folded(entries: Iterable[Entry]) -> dict[int, Problem]:
    """The problems by id after these entries."""
    problems: dict[int, Problem] = {}
    for entry in entries:
        fold(problems, entry)
    return problems


def _due(entry: Entry) -> datetime:
    return fields.instant(entry, "due_at")


def _opened(problem_id: int, entry: Entry) -> Problem:
    problem = Problem(
        id=problem_id,
        reach=fields.text(entry, "reach"),
        post=fields.text(entry, "post"),
        category=fields.text(entry, "category"),
        source=Source(fields.text(entry, "source")),
        severity=Severity(fields.text(entry, "severity")),
        state=State.UNVERIFIED,
        opened_at=entry.at,
        due_at=_due(entry),
        is_difficult=fields.flag(entry, "is_difficult"),
    )
    return _spelled(problem, entry.at)


def _moved(before: Problem, entry: Entry) -> Problem:
    state = State(fields.text(entry, "to"))
    paused_s = before.paused_s
    if before.stands_since is not None and state.is_ticking:
        paused_s += (entry.at - before.stands_since).total_seconds()
    stands = state.is_open and not state.is_ticking
    return _spelled(
        replace(
            before,
            state=state,
            post=fields.text(entry, "post", before.post),
            due_at=fields.instant_if_any(entry, "due_at") or before.due_at,
            closed_at=(before.closed_at or entry.at) if state in CLOSED else None,
            stands_since=(before.stands_since or entry.at) if stands else None,
            paused_s=paused_s,
        ),
        entry.at,
    )


def _spelled(problem: Problem, at: datetime) -> Problem:
    """The problem with its spells up to date; a step that leaves the deadline alone adds none."""
    due_at = problem.due_at if problem.state.is_ticking else None
    if problem.spells and problem.spells[-1].due_at == due_at:
        return problem
    return replace(problem, spells=(*problem.spells, Spell(at, due_at)))
