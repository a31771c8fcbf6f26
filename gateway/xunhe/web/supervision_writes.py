"""Supervision in the JSON API: what people enter and decide. Each is one entry of the log."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Path, Request

from xunhe.adapters.store import patrols
from xunhe.adapters.supervision import escalations, lookbacks, returns, tasks, water_years
from xunhe.desk.log import Entry
from xunhe.desk.patrols import Patrol
from xunhe.desk.periods import Span, period_at
from xunhe.desk.roles import Role
from xunhe.desk.tasks import Plan
from xunhe.domain.offices import Level
from xunhe.web.api import Id
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_access import offices_write, require
from xunhe.web.failures import ERRORS, WRITE_ERRORS, CallerError, RefusedError
from xunhe.web.supervision import kept, period_of
from xunhe.web.supervision_models import Entered, Kept, LookBackView
from xunhe.web.supervision_said import (
    DueSaid,
    GradeSaid,
    InspectionSaid,
    MeetingSaid,
    Noted,
    PatrolSaid,
    PlanSaid,
    ProgressSaid,
    ReturnSaid,
)

router = APIRouter(
    prefix="/api/v1/desk", tags=["supervision"], responses={**ERRORS, **WRITE_ERRORS}
)

# Writes an entry: in whose transaction, by which office, at what instant.
Writing = Callable[[sa.Connection, str, datetime], Entry]

Year = Annotated[int, Path(ge=2000, le=2999)]

DECIDING = (Role.OFFICE, Role.CHIEF)
WORKING = (Role.CHIEF, Role.HANDLER, Role.OFFICE)


def written(console: Console, request: Request, roles: tuple[Role, ...], writing: Writing) -> Kept:
    """Write one entry in the first of the writer's offices with one of these roles."""
    with console.database.write() as connection:
        actor = require(offices_write(request, console, connection), *roles)
        return kept(writing(connection, actor.code, console.clock.now()))


def check_district(console: Console, by: str, zh: str) -> None:
    """RefusedError with these words, unless it is a post of the district or above."""
    post = console.registry.posts.get(by)
    if post is None or post.level > Level.DISTRICT:
        raise RefusedError(403, "not_yours", "only a chief of the district or above", zh)


@router.post("/patrols", operation_id="addPatrol", status_code=201)
def patrol(console: ConsoleDep, request: Request, said: PatrolSaid) -> dict[str, bool]:
    """A patrol that a chief has made in his own post; `is_new` is false where it is known."""
    now = console.clock.now()
    values = said.model_dump() | {"reaches": tuple(said.reaches), "problems": tuple(said.problems)}
    made = Patrol(**values)
    with console.database.write() as connection:
        held = offices_write(request, console, connection)
        actor = next((office for office in held if office.code == made.post), None)
        actor = actor or require(held, Role.OFFICE)
        _check_patrol(console, made)
        return {"is_new": patrols.add(connection, made, actor.code, now)}


@router.put("/tasks/{code}", operation_id="setTask")
def plan(console: ConsoleDep, request: Request, code: str, said: PlanSaid) -> Kept:
    """Set a task of the first or second list (开单), or replace its plan."""
    set_ = Plan(**said.model_dump())
    return written(console, request, DECIDING, lambda c, by, at: tasks.plan(c, code, set_, by, at))


@router.post("/tasks/{code}/progress", operation_id="reportProgress")
def progress(console: ConsoleDep, request: Request, code: str, said: ProgressSaid) -> Kept:
    """Report how much of a task is done."""
    return written(
        console, request, WORKING, lambda c, by, at: tasks.progress(c, code, said.done, by, at)
    )


@router.post("/tasks/{code}/deadline", operation_id="extendTask")
def extend(console: ConsoleDep, request: Request, code: str, said: DueSaid) -> Kept:
    """Give a task a later deadline (延期)."""
    return written(
        console,
        request,
        DECIDING,
        lambda c, by, at: tasks.extend(c, code, said.due_at, said.reason, by, at),
    )


@router.post("/tasks/{code}/closing", operation_id="closeTask")
def close(console: ConsoleDep, request: Request, code: str, said: Noted) -> Kept:
    """Close a task (销号); not by who reported its progress."""
    return written(
        console, request, DECIDING, lambda c, by, at: tasks.close(c, code, said.reason, by, at)
    )


@router.post("/lists/{year}/problems/{ticket_id}", operation_id="postProblem")
def post_problem(console: ConsoleDep, request: Request, year: int, ticket_id: Id) -> Kept:
    """Put a ticket on a year's list of problems (挂单)."""
    return written(
        console,
        request,
        DECIDING,
        lambda c, by, at: tasks.post_problem(c, ticket_id, year, by, at),
    )


@router.post("/lists/reviews/{quarter}", operation_id="reviewList")
def review(console: ConsoleDep, request: Request, quarter: str, said: Noted) -> Kept:
    """The first list was reviewed (季度调度)."""
    label = period_of(quarter).label
    return written(
        console, request, DECIDING, lambda c, by, at: tasks.review(c, label, said.reason, by, at)
    )


@router.post("/matters/{subject}/warning", operation_id="warn")
def warn(console: ConsoleDep, request: Request, subject: str, said: Noted) -> Kept:
    """A handler says that the deadline of ticket:12 or task:7 cannot be made: it turns yellow."""
    return _warn(console, request, subject, said, on=True)


@router.post("/matters/{subject}/warning/withdrawal", operation_id="withdrawWarning")
def withdraw(console: ConsoleDep, request: Request, subject: str, said: Noted) -> Kept:
    """… and takes that back."""
    return _warn(console, request, subject, said, on=False)


@router.post("/matters/{subject}/step", operation_id="takeStep")
def take(console: ConsoleDep, request: Request, subject: str, said: Noted) -> Kept:
    """Take the step of the ladder (约谈、通报、追责) that is proposed for a matter."""
    rules = console.supervision
    return written(
        console,
        request,
        DECIDING,
        lambda c, by, at: escalations.take(c, subject, said.reason, by, rules, at),
    )


@router.post("/matters/{subject}/step/refusal", operation_id="declineStep")
def decline(console: ConsoleDep, request: Request, subject: str, said: Noted) -> Kept:
    """Leave the proposed step, with a reason."""
    return written(
        console,
        request,
        DECIDING,
        lambda c, by, at: escalations.decline(c, subject, said.reason, by, at),
    )


@router.post("/matters/{subject}/instruction", operation_id="instruct")
def instruct(console: ConsoleDep, request: Request, subject: str, said: DueSaid) -> Kept:
    """A chief's instruction (批示) on a matter, and until when it is to be met."""
    return written(
        console,
        request,
        (Role.CHIEF,),
        lambda c, by, at: escalations.instruct(c, subject, said.reason, said.due_at, by, at),
    )


@router.post("/tickets/{ticket_id}/inspection", operation_id="inspectTicket")
def inspect(
    console: ConsoleDep, request: Request, ticket_id: Id, said: InspectionSaid
) -> LookBackView:
    """What a look-back found; where it does not hold, the ticket is reopened."""
    now = console.clock.now()
    with console.database.write() as connection:
        actor = require(offices_write(request, console, connection), Role.INSPECTOR, Role.OFFICE)
        found = lookbacks.inspect(
            connection,
            console.desk,
            lookbacks.Inspection(ticket_id, said.quarter, said.holds, said.note),
            actor,
            now,
        )
    console.live.notify()
    return LookBackView.model_validate(found)


@router.post("/units/{unit}/returns", operation_id="submitReturn")
def submit(console: ConsoleDep, request: Request, unit: str, said: ReturnSaid) -> Kept:
    """A unit hands in its monthly or yearly report; late from its deadline's very second on."""
    _check_unit(console, unit)
    rules, period = console.supervision, period_of(said.period)
    return written(
        console,
        request,
        WORKING,
        lambda c, by, at: returns.submit(c, unit, period, said.text, by, rules, at),
    )


@router.post("/units/{unit}/meetings", operation_id="holdMeeting")
def meeting(console: ConsoleDep, request: Request, unit: str, said: MeetingSaid) -> Kept:
    """A dispatch meeting (调度) was held; its proof."""
    _check_unit(console, unit)
    period = period_of(said.period)
    return written(
        console,
        request,
        DECIDING,
        lambda c, by, at: returns.hold_meeting(c, unit, period, said.proof, by, at),
    )


@router.post("/units/{unit}/grade", operation_id="gradeUnit")
def grade(console: ConsoleDep, request: Request, unit: str, said: GradeSaid) -> Kept:
    """The grade of a unit for a year (好、较好、一般), by a chief of the district or above."""
    _check_unit(console, unit)

    def writing(connection: sa.Connection, by: str, at: datetime) -> Entry:
        check_district(console, by, "等次由区级以上河长评定")
        return returns.grade(connection, unit, said.year, said.grade, by, at)

    return written(console, request, (Role.CHIEF,), writing)


@router.post("/water-years/{year}", operation_id="compareWater")
def compare_water(console: ConsoleDep, request: Request, year: Year) -> Entered:
    """Compare a year's water with the one before anew; what differs is entered (水质同比)."""
    if year >= period_at(console.clock.now(), Span.YEAR).year:
        raise CallerError(422, "not_over", f"{year} is not over yet", f"{year} 年尚未结束")
    with console.database.write() as connection:
        actor = require(offices_write(request, console, connection), Role.OFFICE)
        now, rules = console.clock.now(), console.supervision
        count = water_years.enter(connection, console.registry, rules, year, actor.code, now)
    return Entered(year=year, entered=count)


def _warn(console: Console, request: Request, subject: str, said: Noted, *, on: bool) -> Kept:
    return written(
        console,
        request,
        WORKING,
        lambda c, by, at: escalations.warn(c, subject, said.reason, by, at, on=on),
    )


def _check_patrol(console: Console, made: Patrol) -> None:
    """CallerError for a post that is not registered, or a reach that is not its own."""
    post = console.registry.posts.get(made.post)
    strange = set(made.reaches) - set(post.reaches if post else ())
    if post is None or strange:
        what = made.post if post is None else ", ".join(sorted(strange))
        en = f"{what} is no post, or no reach of it"
        raise CallerError(422, "unknown_reach", en, f"{what} 不是已登记的岗位，或不属该岗位河段")
    if made.ended_at > console.clock.now():
        raise CallerError(
            422, "in_the_future", "a patrol ends before it is told", "巡河尚未结束，不能上报"
        )


def _check_unit(console: Console, unit: str) -> None:
    if unit not in console.registry.units:
        raise CallerError(
            422, "unknown_unit", f"unit {unit} is not registered", f"未登记单位 {unit}"
        )
