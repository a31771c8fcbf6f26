"""The desk's pages, plain forms all of them: steps of a ticket, a new problem, the log."""

from typing import Annotated, Literal
from uuid import uuid4

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from xunhe.adapters.store import desk_log
from xunhe.desk.categories import CATEGORIES
from xunhe.desk.machine import Action
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Via
from xunhe.web import desk_words
from xunhe.web.api import Id
from xunhe.web.console import ConsoleDep
from xunhe.web.desk_models import ProblemFound, StepAsked
from xunhe.web.form_fields import Degrees, Local, Number, Text
from xunhe.web.templates import render
from xunhe.web.ticket_moves import found_by_person, take

_ENTRIES_A_PAGE = 100

router = APIRouter(include_in_schema=False)


class StepForm(BaseModel):
    """The fields of a step as a form sends them."""

    action: Action
    reason: str = ""
    revision: int
    handler: Text = None
    via: Via = Via.SYSTEM
    until: Local = None
    due_at: Local = None
    into: Number = None
    recipient: Text = None


class ProblemForm(BaseModel):
    """The fields of a problem as a form sends them."""

    key: str
    source: Literal["drone", "chief", "inspection", "12345"]
    category: str
    severity: Severity
    reach: str
    reason: str
    lon: Degrees = None
    lat: Degrees = None
    campaign: str = ""
    is_difficult: bool = False
    handler: Text = None


@router.post("/tickets/{ticket_id}/steps")
def step(
    request: Request, console: ConsoleDep, ticket_id: Id, form: Annotated[StepForm, Form()]
) -> Response:
    """Take a step; without a reason, back to the ticket."""
    if not form.reason.strip():
        return RedirectResponse(f"/tickets/{ticket_id}?missing=reason", 303)
    take(console, request, ticket_id, StepAsked(**form.model_dump()))
    return RedirectResponse(f"/tickets/{ticket_id}", 303)


@router.get("/desk/new")
def new_page(request: Request, console: ConsoleDep) -> Response:
    """The form of a problem that a person found."""
    return render(
        request,
        "desk-new.html",
        key=uuid4().hex,
        reaches=console.registry.reaches,
        categories=CATEGORIES,
        posts=console.registry.posts,
        departments=console.registry.departments,
        desk_words=desk_words,
    )


@router.post("/desk/new")
def new(request: Request, console: ConsoleDep, form: Annotated[ProblemForm, Form()]) -> Response:
    """Open its ticket; sent twice, it is one."""
    opened = found_by_person(console, request, ProblemFound(**form.model_dump()))
    return RedirectResponse(f"/tickets/{opened.id}", 303)


@router.get("/desk/log")
def log_page(
    request: Request,
    console: ConsoleDep,
    before: Annotated[int | None, Query(ge=1)] = None,
    subject: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """The log, the newest entries first; of one subject, such as `ticket:12`, all of them."""
    with console.database.read() as connection:
        newest = desk_log.last(connection)
        end = (newest.seq if newest else 0) if before is None else before - 1
        first = max(end - _ENTRIES_A_PAGE, 0)
        if subject:
            first, entries = 0, list(desk_log.entries(connection, subject=subject))
        else:
            entries = desk_log.page(connection, first, end - first) if end else []
    return render(
        request,
        "desk-log.html",
        entries=entries[::-1],
        newest=newest,
        first=first + 1,
        subject=subject,
    )
