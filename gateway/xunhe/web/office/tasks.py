"""One task of a list: its plan, its progress by quarter, its history, and what may be done now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, BeforeValidator, Field

from xunhe.adapters.store import desk_log
from xunhe.adapters.supervision import river_plans
from xunhe.adapters.supervision import tasks as kept_tasks
from xunhe.desk import fields
from xunhe.desk.circular import WARNINGS, warned
from xunhe.desk.log import Entry
from xunhe.desk.periods import Period, Span, period_at
from xunhe.desk.river_plans import covering
from xunhe.desk.tasks import KINDS, ListKind, Task
from xunhe.web import forms, supervision, supervision_words, supervision_writes
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.failures import NotFoundError
from xunhe.web.form_fields import Instant, Sent, done, none_if_blank
from xunhe.web.forms import Filled
from xunhe.web.office import words
from xunhe.web.supervision_said import DueSaid, Noted, PlanSaid, ProgressSaid
from xunhe.web.templates import render

router = APIRouter(include_in_schema=False)

Why = Annotated[str, Field(min_length=1, max_length=500)]
Target = Annotated[float, Field(ge=0, le=1e9)]
Budget = Annotated[Annotated[float, Field(ge=0, le=1e12)] | None, BeforeValidator(none_if_blank)]


class TaskForm(BaseModel):
    """A new task (开单)."""

    code: Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[\w.-]+$")]
    list: ListKind
    year: Annotated[int, Field(ge=2000, le=2999)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    river: Annotated[str, Field(max_length=64)] = ""
    unit: Annotated[str, Field(min_length=1, max_length=64)]
    post: Annotated[str, Field(min_length=1, max_length=64)]
    measure: Annotated[str, Field(min_length=1, max_length=16)]
    target_1: Target
    target_2: Target
    target_3: Target
    target_4: Target
    due_at: Instant
    is_difficult: bool = False
    budget_yuan: Budget = None

    def plan(self) -> PlanSaid:
        """As the API takes it."""
        said = self.model_dump(exclude={"code", "target_1", "target_2", "target_3", "target_4"})
        targets = (self.target_1, self.target_2, self.target_3, self.target_4)
        return PlanSaid(**said, targets=targets)


class ProgressForm(BaseModel):
    """How much is done."""

    done: Annotated[float, Field(ge=0, le=1e9)]


class ExtensionForm(BaseModel):
    """A later deadline."""

    due_at: Instant
    extension_reason: Why


class ClosingForm(BaseModel):
    """销号."""

    closing_note: Why


class WarningForm(BaseModel):
    """It cannot be made in time, or can again."""

    warning_reason: Why


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a task: what was to be reached by its end, and what was; None: still to come."""

    period: Period
    target: float
    reached: float | None


@router.get("/desk/tasks/new")
def new_page(request: Request, console: ConsoleDep) -> Response:
    """The form of a new task."""
    return _new(request, console, forms.EMPTY)


@router.post("/desk/tasks/new")
def new(request: Request, console: ConsoleDep, sent: Sent) -> Response:
    """Set it (开单)."""
    failed = done(
        TaskForm,
        sent,
        lambda said: supervision_writes.plan(console, request, said.code, said.plan()),
    )
    if failed is None:
        return RedirectResponse(f"/desk/tasks/{sent['code']}", 303)
    return _new(request, console, failed)


@router.get("/desk/tasks/{code}")
def task_page(request: Request, console: ConsoleDep, code: str) -> Response:
    """A task."""
    return _page(request, console, code, forms.EMPTY)


@router.post("/desk/tasks/{code}/progress")
def progress(request: Request, console: ConsoleDep, code: str, sent: Sent) -> Response:
    """Report how much is done."""
    failed = done(
        ProgressForm,
        sent,
        lambda said: supervision_writes.progress(
            console, request, code, ProgressSaid(done=said.done)
        ),
    )
    return _answer(request, console, code, failed)


@router.post("/desk/tasks/{code}/deadline")
def extend(request: Request, console: ConsoleDep, code: str, sent: Sent) -> Response:
    """Give it a later deadline (延期)."""
    failed = done(
        ExtensionForm,
        sent,
        lambda said: supervision_writes.extend(
            console, request, code, DueSaid(reason=said.extension_reason, due_at=said.due_at)
        ),
    )
    return _answer(request, console, code, failed)


@router.post("/desk/tasks/{code}/closing")
def close(request: Request, console: ConsoleDep, code: str, sent: Sent) -> Response:
    """Close it (销号)."""
    failed = done(
        ClosingForm,
        sent,
        lambda said: supervision_writes.close(
            console, request, code, Noted(reason=said.closing_note)
        ),
    )
    return _answer(request, console, code, failed)


@router.post("/desk/tasks/{code}/warning")
def warn(request: Request, console: ConsoleDep, code: str, sent: Sent) -> Response:
    """Say that it cannot be made in time; where that was said, take it back."""

    def act(said: WarningForm) -> None:
        subject, noted = f"task:{code}", Noted(reason=said.warning_reason)
        if "withdraw" in sent:
            supervision_writes.withdraw(console, request, subject, noted)
        else:
            supervision_writes.warn(console, request, subject, noted)

    return _answer(request, console, code, done(WarningForm, sent, act))


def _answer(request: Request, console: Console, code: str, failed: Filled | None) -> Response:
    if failed is None:
        return RedirectResponse(f"/desk/tasks/{code}", 303)
    return _page(request, console, code, failed)


def _page(request: Request, console: Console, code: str, form: Filled) -> Response:
    with console.database.read() as connection:
        found = kept_tasks.tasks(connection).get(code)
        if found is None:
            raise NotFoundError("task", "任务", code)
        entries = list(
            desk_log.entries(connection, kinds=[*KINDS, *WARNINGS], subject=f"task:{code}")
        )
        view = supervision.task_view(console, found, _warned(connection))
        plans = river_plans.plans(connection).values()
    page = render(
        request,
        "office/task.html",
        task=view,
        river_plan=covering(plans, found.plan.river, found.plan.year),
        quarters=quarters(found, entries, console.clock.now()),
        history=entries[::-1],
        is_warned=f"task:{code}" in warned(entry for entry in entries if entry.kind in WARNINGS),
        form=form,
        words=words,
        said=supervision_words,
        name_of=lambda code: supervision.name_of(console, code),
    )
    page.status_code = 200 if form.is_fit else 422
    return page


def _warned(connection: sa.Connection) -> set[str]:
    return warned(desk_log.entries(connection, kinds=WARNINGS))


def quarters(task: Task, entries: Sequence[Entry], now: datetime) -> list[Quarter]:
    """The four quarters of a task: the last amount that was reported before the end of each."""
    reports = [
        (entry.at, fields.number(entry, "done"))
        for entry in entries
        if entry.kind == "task.progress"
    ]
    found = []
    for period, target in zip(
        Period(task.plan.year, 1, Span.YEAR).parts(Span.QUARTER), task.plan.targets, strict=True
    ):
        until = [amount for at, amount in reports if at < period.end]
        reached = (until[-1] if until else 0.0) if now >= period.start else None
        found.append(Quarter(period, target, reached))
    return found


def _new(request: Request, console: Console, form: Filled) -> Response:
    registry = console.registry
    page = render(
        request,
        "office/task-new.html",
        form=form,
        words=words,
        year=period_at(console.clock.now(), Span.YEAR).year,
        kind=request.query_params.get("list", ListKind.MEASURES.value),
        units=registry.units,
        posts=registry.posts,
        rivers=dict.fromkeys(reach.river for reach in registry.reaches.values()),
    )
    page.status_code = 200 if form.is_fit else 422
    return page
