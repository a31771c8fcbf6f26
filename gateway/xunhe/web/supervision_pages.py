"""Plain pages of supervision: the board of lights, reports and circulars."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from xunhe.adapters.supervision import circulars, lookbacks
from xunhe.desk.categories import CATEGORIES
from xunhe.desk.lights import Light
from xunhe.desk.periods import Span, period_at
from xunhe.web import supervision, supervision_words, supervision_writes
from xunhe.web.console import ConsoleDep
from xunhe.web.supervision_said import Noted
from xunhe.web.templates import render

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
            named=supervision.named(console, connection),
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
        name_of=lambda code: supervision.name_of(console, code),
    )


@router.get("/desk/circulars/{label}")
def circular_page(request: Request, console: ConsoleDep, label: str) -> Response:
    """The circular of a month, as it was published."""
    month = supervision.period_of(label)
    with console.database.read() as connection:
        return render(
            request,
            "supervision-circular.html",
            month=month,
            circular=circulars.of_month(connection, month),
            said=supervision_words,
            name_of=lambda code: supervision.name_of(console, code),
            named=supervision.named(console, connection),
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
    act = supervision_writes.take if is_taken else supervision_writes.decline
    act(console, request, subject, Noted(reason=reason))
    return RedirectResponse("/desk/board#proposals", 303)
