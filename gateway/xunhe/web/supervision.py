"""What the pages and the API of supervision show: values of the desk, made into views."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import desk_log, problems
from xunhe.adapters.store import tickets as rows
from xunhe.adapters.store.problems import Lamp
from xunhe.adapters.store.ticket_filters import NEWEST, Filters, Order
from xunhe.adapters.supervision import circulars, escalations, reports, tasks
from xunhe.desk import fields, scoring
from xunhe.desk.circular import WARNINGS, warned
from xunhe.desk.lights import Light, light
from xunhe.desk.log import Entry
from xunhe.desk.periods import Period, Span, parse, period_at
from xunhe.desk.reports import Report
from xunhe.desk.seats import seats_of
from xunhe.desk.tally import Tally
from xunhe.desk.tasks import Task
from xunhe.settings import SupervisionSettings
from xunhe.web import present
from xunhe.web.console import Console
from xunhe.web.failures import CallerError
from xunhe.web.supervision_models import (
    Board,
    Kept,
    LightCounts,
    ListedView,
    ProposalView,
    ScoresView,
    ScoreView,
    TaskView,
    TicketPage,
    UnitLights,
)

_SCORES_HOLD_S = 60  # so long a score holds where no entry is added: turns of patrols end meanwhile


def lamp(console: Console, connection: sa.Connection) -> Lamp:
    """What decides lights now."""
    warned_of = circulars.warned_tickets(connection)
    return Lamp(console.clock.now(), console.supervision, warned_of)


def tickets(
    console: Console,
    connection: sa.Connection,
    filters: Filters,
    limit: int,
    offset: int,
    order: Order = NEWEST,
) -> TicketPage:
    """One page of the filtered list."""
    by = lamp(console, connection)
    found = problems.listed(connection, filters, by, limit, offset, order)
    views = present.tickets_in(console, connection, [one.ticket for one in found])
    items = [
        ListedView(**view.model_dump(), light=one.light if one.ticket.state.is_open else None)
        for view, one in zip(views, found, strict=True)
    ]
    return TicketPage(total=problems.count(connection, filters, by), items=items)


def board(console: Console, connection: sa.Connection) -> Board:
    """The board of lights (亮灯), now."""
    seats, now = seats_of(console.registry), console.clock.now()
    posts = problems.board(connection, lamp(console, connection))
    of_tasks = task_views(console, connection, period_at(now, Span.YEAR).year)
    units: dict[str, dict[str, Mapping[Light, int]]] = {}
    for post in sorted({*seats.posts, *posts}):
        units.setdefault(seats.unit_of(post), {})[post] = posts.get(post, {})
    return Board(
        at=now,
        tickets=_counts(posts.values()),
        tasks=_counts([Counter(task.light for task in of_tasks)]),
        units=[
            UnitLights(
                unit=unit,
                name=name_of(console, unit),
                lights=_counts(held.values()),
                posts={post: _counts([counts]) for post, counts in held.items()},
            )
            for unit, held in sorted(units.items())
        ],
    )


def task_views(console: Console, connection: sa.Connection, year: int) -> list[TaskView]:
    """The tasks of a year with their lights now."""
    subjects = warned(desk_log.entries(connection, kinds=WARNINGS))
    found = tasks.tasks(connection, year)
    return [task_view(console, task, subjects) for _, task in sorted(found.items())]


def task_view(console: Console, task: Task, warned_of: set[str]) -> TaskView:
    """One task."""
    now, plan = console.clock.now(), task.plan
    standing = task.standing(now, f"task:{task.code}" in warned_of)
    colour, why = light(standing, now, console.supervision.tolerance)
    return TaskView(
        code=task.code,
        list=plan.list,
        year=plan.year,
        title=plan.title,
        river=plan.river,
        unit=plan.unit,
        post=plan.post,
        measure=plan.measure,
        targets=plan.targets,
        done=task.done,
        progress=task.progress,
        planned=plan.planned(now),
        due_at=task.due_at,
        closed_at=task.closed_at,
        is_difficult=plan.is_difficult,
        budget_yuan=plan.budget_yuan,
        light=colour,
        why=why,
    )


def scores(console: Console, connection: sa.Connection, period: Period) -> ScoresView:
    """The scores of a period, counted from the whole log."""
    now, rules = console.clock.now(), console.supervision
    newest = desk_log.last(connection)
    version = (newest.seq if newest else 0, int(now.timestamp()) // _SCORES_HOLD_S)
    return console.shared.get(
        ("scores", period),
        version,
        lambda: console.tally.read(
            connection, now, lambda tally: scores_view(tally, period, rules, now)
        ),
    )


def scores_view(
    tally: Tally, period: Period, rules: SupervisionSettings, now: datetime
) -> ScoresView:
    """The scores of a period from a tally of the log."""
    found = scoring.scores(tally, period, rules, now)
    return ScoresView(
        period=period.label,
        units={code: ScoreView.model_validate(one) for code, one in found.units.items()},
        posts={code: ScoreView.model_validate(one) for code, one in found.posts.items()},
        differences=[month.label for month in scoring.differences(tally)],
    )


def report(console: Console, connection: sa.Connection, period: Period) -> Report:
    """The report of a period."""
    now = console.clock.now()
    return reports.of_period(connection, console.registry, console.supervision, period, now)


def proposals(connection: sa.Connection) -> list[ProposalView]:
    """Steps of the ladder that wait for a person."""
    waiting = escalations.steps(connection).waiting
    return [
        ProposalView(
            subject=subject,
            title=fields.text(entry, "title"),
            rung=int(fields.number(entry, "rung")),
            unit=fields.text(entry, "unit"),
            post=fields.text(entry, "post"),
            reason=fields.text(entry, "reason"),
            proposed_at=entry.at,
        )
        for subject, entry in sorted(waiting.items())
    ]


def name_of(console: Console, code: str) -> str:
    """The name of a unit or post; a code that is neither is its own name."""
    registry = console.registry
    if code in registry.units:
        return registry.units[code].name
    return registry.posts[code].title if code in registry.posts else code


def named(console: Console, connection: sa.Connection) -> Callable[[str], str]:
    """How people call what papers name by its code: units, posts, tickets, tasks, meetings."""

    known = tasks.tasks(connection)

    def name(code: str) -> str:
        kind, _, rest = code.partition(":")
        if kind == "ticket" and (found := rows.find(connection, int(rest))) is not None:
            return f"工单 {found.number}"
        if kind == "task" and (task := known.get(rest)) is not None:
            return f"{task.plan.river} {task.plan.title}".strip()
        if kind == "meeting":
            unit, _, period = rest.rpartition(":")
            return f"{name_of(console, unit)}{parse(period).label_zh}调度会"
        return name_of(console, code)

    return name


def period_of(label: str) -> Period:
    """The period of a label, or an answer that says how one is written."""
    try:
        return parse(label)
    except ValueError as error:
        zh = f"{label} 不是周期：请写 2026-07、2026Q3 或 2026"
        raise CallerError(422, "no_period", str(error), zh) from error


def kept(entry: Entry) -> Kept:
    """What was written."""
    return Kept(
        seq=entry.seq, kind=entry.kind, subject=entry.subject, at=entry.at, data=dict(entry.data)
    )


def _counts(of: Iterable[Mapping[Light, int]]) -> LightCounts:
    total: Counter[Light] = Counter()
    for counts in of:
        total.update(counts)
    return LightCounts(**{colour.value: total[colour] for colour in Light})
