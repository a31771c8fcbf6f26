"""The desk's pages, plain forms all of them: steps of a ticket, a new problem, members, the log."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import uuid4

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, BeforeValidator

from xunhe.adapters.store import desk_log
from xunhe.desk.categories import CATEGORIES
from xunhe.desk.machine import Action
from xunhe.desk.roles import Role
from xunhe.domain.clock import SHANGHAI
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Via
from xunhe.web import desk_words
from xunhe.web.api import Id
from xunhe.web.console import ConsoleDep
from xunhe.web.desk_access import offices_read, require
from xunhe.web.desk_members import add_member, listed, remove_member
from xunhe.web.desk_models import MemberAdded, ProblemFound, StepAsked
from xunhe.web.templates import render
from xunhe.web.ticket_moves import found_by_person, take

_ENTRIES_A_PAGE = 100

router = APIRouter(include_in_schema=False)


def _none_if_blank(value: object) -> object:
    """An empty field of a form is one that was left out."""
    return None if isinstance(value, str) and not value.strip() else value


def _in_shanghai(value: object) -> object:
    """What a browser's date-time field sends is local time."""
    value = _none_if_blank(value)
    return (
        datetime.fromisoformat(value).replace(tzinfo=SHANGHAI) if isinstance(value, str) else None
    )


Text = Annotated[str | None, BeforeValidator(_none_if_blank)]
Local = Annotated[datetime | None, BeforeValidator(_in_shanghai)]
Number = Annotated[int | None, BeforeValidator(_none_if_blank)]
Degrees = Annotated[float | None, BeforeValidator(_none_if_blank)]


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


class MemberForm(BaseModel):
    """The fields of a new member as a form sends them."""

    name: str
    password: str
    person: Text = None
    role: Annotated[Role | None, BeforeValidator(_none_if_blank)] = None
    code: Text = None


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


@router.get("/desk/members")
def members_page(request: Request, console: ConsoleDep) -> Response:
    """Who sits at the desk. For the office."""
    with console.database.read() as connection:
        require(offices_read(request, console, connection), Role.OFFICE)
        found = listed(console, connection)
    return render(
        request,
        "desk-members.html",
        members=found,
        registry=console.registry,
        roles=[role for role in Role if role not in (Role.SYSTEM, Role.CHIEF)],
        desk_words=desk_words,
    )


@router.post("/desk/members")
def members_add(
    request: Request, console: ConsoleDep, form: Annotated[MemberForm, Form()]
) -> Response:
    """Add one."""
    add_member(console, request, MemberAdded(**form.model_dump()))
    return RedirectResponse("/desk/members", 303)


@router.post("/desk/members/leaving")
def members_remove(request: Request, console: ConsoleDep, name: Annotated[str, Form()]) -> Response:
    """Take one away."""
    remove_member(console, request, name)
    return RedirectResponse("/desk/members", 303)


@router.get("/desk/log")
def log_page(
    request: Request, console: ConsoleDep, before: Annotated[int | None, Query(ge=1)] = None
) -> Response:
    """The log, the newest entries first."""
    with console.database.read() as connection:
        newest = desk_log.last(connection)
        end = (newest.seq if newest else 0) if before is None else before - 1
        first = max(end - _ENTRIES_A_PAGE, 0)
        entries = desk_log.page(connection, first, end - first) if end else []
    return render(request, "desk-log.html", entries=entries[::-1], newest=newest, first=first + 1)
