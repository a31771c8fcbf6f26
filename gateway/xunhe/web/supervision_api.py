"""Supervision in the JSON API: reading lists, lights, circulars, scores and reports."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime

from xunhe.adapters.store import patrols
from xunhe.adapters.store.ticket_filters import Filters
from xunhe.adapters.supervision import circulars, lookbacks
from xunhe.desk.lights import Light
from xunhe.desk.periods import Span, period_at
from xunhe.desk.seats import seats_of
from xunhe.desk.village import closes_at, opens_at
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Source, State
from xunhe.web import supervision
from xunhe.web.api import Limit, Offset
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.failures import ERRORS, NOT_FOUND, NotFoundError
from xunhe.web.scope import reaches_of
from xunhe.web.supervision_models import (
    Board,
    CircularView,
    LookBackView,
    PatrolView,
    ProposalView,
    ReportView,
    ScoresView,
    TaskView,
    TicketPage,
)

router = APIRouter(prefix="/api/v1/desk", tags=["supervision"], responses=ERRORS)

Code = Annotated[str | None, Query(max_length=64)]


@router.get("/tickets", operation_id="filterTickets")
def tickets(  # noqa: PLR0913, PLR0917  a list's filters are its arguments
    console: ConsoleDep,
    request: Request,
    state: State | None = None,
    is_open: bool | None = None,
    light: Light | None = None,
    post: Code = None,
    unit: Code = None,
    reach: Code = None,
    category: Code = None,
    source: Source | None = None,
    severity: Severity | None = None,
    handler: Code = None,
    campaign: Code = None,
    opened_from: AwareDatetime | None = None,
    opened_before: AwareDatetime | None = None,
    due_before: AwareDatetime | None = None,
    number: Code = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> TicketPage:
    """Tickets that pass every filter, the newest first; `light` asks for open ones only."""
    posts = None if post is None else {post}
    if unit is not None:
        of_unit = _posts_of(console, unit)
        posts = of_unit if posts is None else posts & of_unit
    filters = Filters(
        state=state,
        is_open=is_open,
        light=light,
        posts=posts,
        reaches=reaches_of(request),
        reach=reach,
        category=category,
        source=source,
        severity=severity,
        handler=handler,
        campaign=campaign,
        opened_from=opened_from,
        opened_before=opened_before,
        due_before=due_before,
        number=number,
    )
    with console.database.read() as connection:
        return supervision.tickets(console, connection, filters, limit, offset)


@router.get("/units/{unit}/ledger/{month}", operation_id="getLedger")
def ledger(
    console: ConsoleDep,
    request: Request,
    unit: str,
    month: str,
    limit: Limit = 50,
    offset: Offset = 0,
) -> TicketPage:
    """A village's ledger (村级问题台账) of a month: what was found up to its last day's end."""
    of, last_day = supervision.period_of(month), console.supervision.ledger_last_day
    filters = Filters(
        posts=_posts_of(console, unit),
        reaches=reaches_of(request),
        opened_from=opens_at(of, last_day),
        opened_before=closes_at(of, last_day),
    )
    with console.database.read() as connection:
        return supervision.tickets(console, connection, filters, limit, offset)


@router.get("/board", operation_id="getBoard")
def board(console: ConsoleDep) -> Board:
    """The lights of all open tickets and of the year's tasks, by unit and post, now."""
    with console.database.read() as connection:
        return supervision.board(console, connection)


@router.get("/circulars", operation_id="listCirculars")
def published(console: ConsoleDep) -> list[CircularView]:
    """The circulars that were published, the newest first."""
    with console.database.read() as connection:
        found = circulars.published(connection)
    return [CircularView.model_validate(made) for made in reversed(found)]


@router.get("/circulars/{month}", operation_id="getCircular", responses=NOT_FOUND)
def circular(console: ConsoleDep, month: str) -> CircularView:
    """The circular of a month such as 2026-07."""
    with console.database.read() as connection:
        found = circulars.of_month(connection, supervision.period_of(month))
    if found is None:
        raise NotFoundError("circular", "通报", month)
    return CircularView.model_validate(found)


@router.get("/scores/{period}", operation_id="getScores")
def scores(console: ConsoleDep, period: str) -> ScoresView:
    """The scores of a quarter or year, counted from the whole log."""
    with console.database.read() as connection:
        return supervision.scores(console, connection, supervision.period_of(period))


@router.get("/reports/{period}", operation_id="getReport")
def report(console: ConsoleDep, period: str) -> ReportView:
    """The report of a month, quarter or year: 2026-07, 2026Q3, 2026."""
    with console.database.read() as connection:
        found = supervision.report(console, connection, supervision.period_of(period))
    return ReportView.model_validate(found)


@router.get("/tasks", operation_id="listTasks")
def tasks(
    console: ConsoleDep, year: Annotated[int | None, Query(ge=2000, le=2999)] = None
) -> list[TaskView]:
    """The tasks of a year (this one) with their lights."""
    of_year = year or period_at(console.clock.now(), Span.YEAR).year
    with console.database.read() as connection:
        return supervision.task_views(console, connection, of_year)


@router.get("/patrols", operation_id="listPatrols")
def walked(console: ConsoleDep, request: Request, month: str | None = None) -> list[PatrolView]:
    """The patrols that began in a period (this month), of the reaches that the reader may see."""
    period = supervision.period_of(month) if month else period_at(console.clock.now(), Span.MONTH)
    with console.database.read() as connection:
        found = patrols.began(connection, period.start, period.end)
    within = reaches_of(request)
    seen = [one for one in found if within is None or within.issuperset(one.reaches)]
    return [PatrolView.model_validate(one) for one in seen]


@router.get("/proposals", operation_id="listProposals")
def proposals(console: ConsoleDep) -> list[ProposalView]:
    """Steps above a reminder (约谈、通报、追责) that wait for a person."""
    with console.database.read() as connection:
        return supervision.proposals(connection)


@router.get("/lookbacks", operation_id="listLookbacks")
def looked_back(console: ConsoleDep) -> list[LookBackView]:
    """The samples of closed tickets (回头看), the newest first."""
    with console.database.read() as connection:
        found = lookbacks.all_of(connection)
    return [LookBackView.model_validate(one) for _, one in sorted(found.items(), reverse=True)]


def _posts_of(console: Console, unit: str) -> set[str]:
    seats = seats_of(console.registry)
    return {code for code in seats.posts if seats.unit_of(code) == unit}
