"""The three lists (三张清单): tasks with their progress by quarter, problems that were posted."""

from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from xunhe.adapters.store import problems
from xunhe.adapters.store.ticket_filters import Filters
from xunhe.adapters.supervision import tasks as kept_tasks
from xunhe.desk.categories import CATEGORIES
from xunhe.desk.lists import is_proposed
from xunhe.desk.periods import Period, Span, period_at
from xunhe.desk.tasks import ListKind
from xunhe.domain.incident import Severity
from xunhe.web import forms, supervision, supervision_words, supervision_writes
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.form_fields import Sent, done
from xunhe.web.forms import Filled
from xunhe.web.listing import Asked, AskedDep, Choice, Column, Listing, listed
from xunhe.web.office import words
from xunhe.web.office.tickets import TICKETS
from xunhe.web.scope import reaches_of
from xunhe.web.supervision_models import ListedView, TaskView
from xunhe.web.supervision_said import Noted
from xunhe.web.templates import render
from xunhe.web.wording import Words

_MOST_POSTED = 2000  # a year's list of problems is read out at one meeting
_MOST_PROPOSED = 50

router = APIRouter(include_in_schema=False)

Year = Annotated[int | None, Query(ge=2000, le=2999)]

TASKS: Sequence[Column[TaskView]] = (
    Column("code", Words("编号", "Code"), lambda task: task.code),
    Column("title", Words("任务", "Task"), lambda task: task.title),
    Column("river", Words("河湖", "Water"), lambda task: task.river),
    Column("unit", Words("责任单位", "Unit"), lambda task: task.unit),
    Column("progress", Words("完成", "Done"), lambda task: task.progress, is_number=True),
    Column("planned", Words("序时", "Planned"), lambda task: task.planned, is_number=True),
    Column("due", Words("时限", "Due"), lambda task: task.due_at),
    Column("light", Words("灯", "Light"), lambda task: task.light.value),
)


class ReviewForm(BaseModel):
    """The quarterly review of the first list was held."""

    quarter: Annotated[str, Field(pattern=r"^2\d{3}Q[1-4]$")]
    note: Annotated[str, Field(min_length=1, max_length=500)]


class PostForm(BaseModel):
    """A ticket is put on the list of problems."""

    ticket: Annotated[int, Field(ge=1, le=2**53)]


@router.get("/desk/lists")
def lists_page(
    request: Request, console: ConsoleDep, asked: AskedDep, year: Year = None
) -> Response:
    """One of the three lists of a year."""
    return _page(request, console, asked, year)


@router.post("/desk/lists/{year}/reviews")
def review(request: Request, console: ConsoleDep, year: int, sent: Sent) -> Response:
    """Note that the first list was reviewed for a quarter (季度调度)."""
    failed = done(
        ReviewForm,
        sent,
        lambda said: supervision_writes.review(
            console, request, said.quarter, Noted(reason=said.note)
        ),
    )
    return _answer(request, console, year, ListKind.MAJOR.value, failed)


@router.post("/desk/lists/{year}/problems")
def post(request: Request, console: ConsoleDep, year: int, sent: Sent) -> Response:
    """Put a ticket on the year's list of problems (挂单)."""
    failed = done(
        PostForm,
        sent,
        lambda said: supervision_writes.post_problem(console, request, year, said.ticket),
    )
    return _answer(request, console, year, "problems", failed)


def _answer(
    request: Request, console: Console, year: int, kind: str, failed: Filled | None
) -> Response:
    if failed is None:
        return RedirectResponse(f"/desk/lists?year={year}&list={kind}", 303)
    asked = Asked(path="/desk/lists", chosen={"list": kind, "year": str(year)})
    page = _page(request, console, asked, year, failed)
    page.status_code = 422
    return page


def _page(
    request: Request, console: Console, asked: Asked, year: int | None, form: Filled = forms.EMPTY
) -> Response:
    of_year = year or period_at(console.clock.now(), Span.YEAR).year
    kind = asked.chosen.get("list", ListKind.MEASURES.value)
    kind = kind if kind in words.LISTS else ListKind.MEASURES.value
    with console.database.read() as connection:
        found: Listing[TaskView] | Listing[ListedView]
        if kind == "problems":
            found = _posted(request, console, connection, asked, of_year)
        else:
            found = _tasks(console, connection, asked, of_year, kind)
        if asked.is_csv:
            return found.csv(f"{kind}-{of_year}")
        return render(
            request,
            "office/lists.html",
            found=found,
            kind=kind,
            year=of_year,
            exposure=kept_tasks.exposed(connection, of_year, console.clock.now()),
            proposed=_proposed(request, console, connection, of_year),
            quarters=_quarters(console, connection, of_year),
            form=form,
            words=words,
            categories=CATEGORIES,
            reaches=console.registry.reaches,
            said=supervision_words,
            name_of=lambda code: supervision.name_of(console, code),
        )


def _tasks(
    console: Console, connection: sa.Connection, asked: Asked, year: int, kind: str
) -> Listing[TaskView]:
    rows = [
        task
        for task in supervision.task_views(console, connection, year)
        if task.list.value == kind
    ]
    units = sorted({task.unit for task in rows})
    choices: tuple[Choice[TaskView], ...] = (
        Choice(
            "light",
            Words("灯", "Light"),
            [(light.value, said) for light, said in supervision_words.LIGHTS.items()],
            lambda task: task.light,
        ),
        Choice(
            "unit",
            Words("单位", "Unit"),
            [(unit, Words(supervision.name_of(console, unit), "")) for unit in units],
            lambda task: task.unit,
        ),
    )
    return listed(rows, TASKS, asked, choices)


def _posted(
    request: Request, console: Console, connection: sa.Connection, asked: Asked, year: int
) -> Listing[ListedView]:
    filters = Filters(ids=kept_tasks.posted(connection, year), reaches=reaches_of(request))
    page = supervision.tickets(console, connection, filters, _MOST_POSTED, 0)
    return listed(page.items, TICKETS, asked)


def _proposed(
    request: Request, console: Console, connection: sa.Connection, year: int
) -> list[ListedView]:
    """Severe problems that are open and not on the list: a person posts them, or not."""
    on_it = kept_tasks.posted(connection, year)
    filters = Filters(
        is_open=True,
        severity=Severity.SEVERE,
        opened_from=Period(year, 1, Span.YEAR).start,
        reaches=reaches_of(request),
    )
    page = supervision.tickets(console, connection, filters, _MOST_PROPOSED, 0)
    known = problems.of_ids(connection, [ticket.id for ticket in page.items])
    wanted = {problem.id for problem in known if is_proposed(problem, on_it)}
    return [ticket for ticket in page.items if ticket.id in wanted]


def _quarters(
    console: Console, connection: sa.Connection, year: int
) -> list[tuple[Period, bool, bool]]:
    """(quarter, is its review held, is it over)."""
    held, now = kept_tasks.reviewed(connection), console.clock.now()
    return [
        (quarter, quarter.label in held, now >= quarter.end)
        for quarter in Period(year, 1, Span.YEAR).parts(Span.QUARTER)
    ]
