"""Plans of rivers (一河一策): their years, their five approvals, their tasks year by year."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from xunhe.adapters.store import desk_log
from xunhe.adapters.supervision import river_plans
from xunhe.adapters.supervision import tasks as kept_tasks
from xunhe.desk.log import Entry
from xunhe.desk.periods import Span, period_at
from xunhe.desk.river_plans import KINDS, Cycle, RiverPlan, Step
from xunhe.desk.roles import Role
from xunhe.web import forms, supervision, supervision_words
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.failures import NotFoundError
from xunhe.web.form_fields import Sent, done
from xunhe.web.forms import Filled
from xunhe.web.listing import Asked, AskedDep, Choice, Column, listed
from xunhe.web.office import words
from xunhe.web.supervision_writes import DECIDING, check_district, written
from xunhe.web.templates import render
from xunhe.web.wording import Words

router = APIRouter(include_in_schema=False)

Year = Annotated[int, Field(ge=2000, le=2999)]


class PlanForm(BaseModel):
    """A plan, set or set anew."""

    code: Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[\w.-]+$")]
    river: Annotated[str, Field(min_length=1, max_length=64)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    lead: Annotated[str, Field(min_length=1, max_length=64)]
    from_year: Year
    to_year: Year


class DecisionForm(BaseModel):
    """An approval that was given or refused."""

    step: Annotated[int, Field(ge=1, le=len(Step))]
    decision: Literal["approve", "return"]
    note: Annotated[str, Field(min_length=1, max_length=500)]


PLANS: Sequence[Column[RiverPlan]] = (
    Column("code", Words("编号", "Code"), lambda plan: plan.code),
    Column("title", Words("计划", "Plan"), lambda plan: plan.title),
    Column("river", Words("河湖", "Water"), lambda plan: plan.river),
    Column("cycle", Words("实施周期", "Years"), lambda plan: plan.cycle.label),
    Column("standing", Words("审定", "Approval"), lambda plan: words.plan_standing(plan).zh),
)


@router.get("/desk/plans")
def page(request: Request, console: ConsoleDep, asked: AskedDep) -> Response:
    """Every plan, and the form of a new one."""
    return _list(request, console, asked, forms.EMPTY)


@router.post("/desk/plans")
def put(request: Request, console: ConsoleDep, sent: Sent) -> Response:
    """Set a plan."""

    def act(said: PlanForm) -> None:
        cycle = Cycle(said.from_year, said.to_year)
        plan = RiverPlan(said.code, said.river, said.title, said.lead, cycle)
        written(console, request, DECIDING, lambda c, by, at: river_plans.put(c, plan, by, at))

    failed = done(PlanForm, sent, act)
    if failed is None:
        return RedirectResponse(f"/desk/plans/{sent['code']}", 303)
    return _list(request, console, Asked("/desk/plans"), failed)


@router.get("/desk/plans/{code}")
def plan_page(request: Request, console: ConsoleDep, code: str) -> Response:
    """One plan."""
    return _page(request, console, code, forms.EMPTY)


@router.post("/desk/plans/{code}/approvals")
def decide(request: Request, console: ConsoleDep, code: str, sent: Sent) -> Response:
    """Enter an approval; that of the chief is given by a chief of the district or above."""

    def act(said: DecisionForm) -> None:
        step, is_approved = Step(said.step), said.decision == "approve"

        def writing(connection: sa.Connection, by: str, at: datetime) -> Entry:
            if step is Step.CHIEF:
                check_district(console, by, "由区级以上河长审定")
            return river_plans.decide(
                connection, code, step, said.note, by, at, is_approved=is_approved
            )

        roles = (Role.CHIEF,) if step is Step.CHIEF else DECIDING
        written(console, request, roles, writing)

    failed = done(DecisionForm, sent, act)
    if failed is None:
        return RedirectResponse(f"/desk/plans/{code}", 303)
    return _page(request, console, code, failed)


def _list(request: Request, console: Console, asked: Asked, form: Filled) -> Response:
    with console.database.read() as connection:
        rows = list(river_plans.plans(connection).values())
    rivers = sorted({plan.river for plan in rows})
    choices: tuple[Choice[RiverPlan], ...] = (
        Choice(
            "river",
            Words("河湖", "Water"),
            [(river, Words(river, "")) for river in rivers],
            lambda plan: plan.river,
        ),
    )
    found = listed(rows, PLANS, asked, choices)
    if asked.is_csv:
        return found.csv("river-plans")
    answer = render(
        request,
        "office/river-plans.html",
        found=found,
        form=form,
        words=words,
        year=period_at(console.clock.now(), Span.YEAR).year,
        units=console.registry.units,
        rivers=dict.fromkeys(reach.river for reach in console.registry.reaches.values()),
        name_of=lambda code: supervision.name_of(console, code),
    )
    answer.status_code = 200 if form.is_fit else 422
    return answer


def _page(request: Request, console: Console, code: str, form: Filled) -> Response:
    with console.database.read() as connection:
        plan = river_plans.plans(connection).get(code)
        if plan is None:
            raise NotFoundError("plan", "计划", code)
        history = list(desk_log.entries(connection, kinds=KINDS, subject=f"plan:{code}"))
        years = plan.by_year(kept_tasks.tasks(connection).values())
    answer = render(
        request,
        "office/river-plan.html",
        plan=plan,
        years=years,
        history=history[::-1],
        form=form,
        words=words,
        said=supervision_words,
        name_of=lambda code: supervision.name_of(console, code),
    )
    answer.status_code = 200 if form.is_fit else 422
    return answer
