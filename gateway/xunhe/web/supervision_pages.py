"""Plain pages of supervision: the board of lights, the filtered list, reports and circulars."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BeforeValidator

from xunhe.adapters.store.problems import Filters
from xunhe.adapters.supervision import circulars, escalations, lookbacks
from xunhe.desk.categories import CATEGORIES
from xunhe.desk.lights import Light
from xunhe.desk.periods import Span, period_at
from xunhe.web import supervision, supervision_words
from xunhe.web.console import ConsoleDep
from xunhe.web.supervision_writes import DECIDING, written
from xunhe.web.templates import render

_A_PAGE = 50

router = APIRouter(include_in_schema=False)


@router.get("/desk/board")
def board_page(request: Request, console: ConsoleDep) -> Response:
    """The board (亮灯): units by their lights, tasks, what waits for a decision, look-backs."""
    now = console.clock.now()
    with console.database.read() as connection:
        published = [made.month for made in circulars.published(connection)]
        return render(
            request,
            "supervision-board.html",
            board=supervision.board(console, connection),
            tasks=supervision.task_views(console, connection, period_at(now, Span.YEAR).year),
            proposals=supervision.proposals(connection),
            lookbacks=sorted(lookbacks.all_of(connection).items(), reverse=True),
            months=published[::-1],
            month=period_at(now, Span.MONTH),
            said=supervision_words,
            name_of=lambda code: supervision.name_of(console, code),
        )


@router.get("/desk/list")
def list_page(
    request: Request,
    console: ConsoleDep,
    light: Annotated[Light | None, BeforeValidator(lambda value: value or None)] = None,
    category: Annotated[str, Query(max_length=64)] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """Tickets by light and category."""
    filters = Filters(light=light, category=category or None)
    with console.database.read() as connection:
        found = supervision.tickets(console, connection, filters, _A_PAGE, (page - 1) * _A_PAGE)
    return render(
        request,
        "supervision-list.html",
        found=found,
        light=light,
        category=category,
        categories=CATEGORIES,
        reaches=console.registry.reaches,
        page=page,
        pages=max(-(-found.total // _A_PAGE), 1),
        said=supervision_words,
    )


@router.get("/desk/reports/{label}")
def report_page(request: Request, console: ConsoleDep, label: str) -> Response:
    """The report of a month, quarter or year."""
    period = supervision.period_of(label)
    with console.database.read() as connection:
        found = supervision.report(console, connection, period)
    return render(
        request,
        "supervision-report.html",
        report=found,
        period=period,
        categories=CATEGORIES,
        said=supervision_words,
    )


@router.get("/desk/circulars/{label}")
def circular_page(request: Request, console: ConsoleDep, label: str) -> Response:
    """The circular of a month, as it was published."""
    month = supervision.period_of(label)
    with console.database.read() as connection:
        found = circulars.of_month(connection, month)
    return render(
        request,
        "supervision-circular.html",
        month=month,
        circular=found,
        said=supervision_words,
        name_of=lambda code: supervision.name_of(console, code),
        Light=Light,
    )


@router.post("/desk/proposals")
def decide(
    request: Request,
    console: ConsoleDep,
    subject: Annotated[str, Form(max_length=128)],
    reason: Annotated[str, Form(min_length=1, max_length=500)],
    is_taken: Annotated[bool, Form()],
) -> Response:
    """The board's form: take a step of the ladder, or leave it."""
    now, rules = console.clock.now(), console.supervision
    if is_taken:
        written(
            console,
            request,
            DECIDING,
            lambda c, by: escalations.take(c, subject, reason, by.code, rules, now),
        )
    else:
        written(
            console,
            request,
            DECIDING,
            lambda c, by: escalations.decline(c, subject, reason, by.code, now),
        )
    return RedirectResponse("/desk/board#proposals", 303)
