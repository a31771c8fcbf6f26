"""Handovers for people: their list, and each with its signatures."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from xunhe.adapters.store import handovers
from xunhe.desk.handover import Handover
from xunhe.desk.roles import Role
from xunhe.web import handover_steps as steps
from xunhe.web.api import Id
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_access import offices_read
from xunhe.web.handover_tables import shown
from xunhe.web.templates import render

router = APIRouter(prefix="/handovers", include_in_schema=False)


@router.get("")
def all_of_them(console: ConsoleDep, request: Request) -> Response:
    """All handovers, and for the office a form for a new one."""
    now = console.clock.now()
    with console.database.read() as connection:
        found = handovers.newest(connection)
        duty = handovers.duty(connection, console.registry)
    return render(
        request,
        "handovers.html",
        handovers=found,
        registry=console.registry,
        holders={post: duty.holder(post, now) for post in console.registry.posts},
        may_draft=_is_office(console, request),
    )


@router.post("")
def draft(console: ConsoleDep, request: Request, asked: Annotated[steps.Draft, Form()]) -> Response:
    """Draw up a list."""
    return _to_page(steps.draft(console, request, asked))


@router.get("/{handover_id}")
def one(console: ConsoleDep, request: Request, handover_id: Id) -> Response:
    """One handover with its list, and what the reader may do."""
    found = steps.one(console, handover_id)
    checklist = found.checklist()
    return render(
        request,
        "handover.html",
        handover=found,
        checklist=checklist,
        tables=shown(checklist),
        registry=console.registry,
        paper=steps.paper_of(console, found),
        side=steps.side_to_sign(console, request, found),
        may_cancel=found.is_open and _is_office(console, request),
    )


@router.post("/{handover_id}/signatures")
def sign(
    console: ConsoleDep,
    request: Request,
    handover_id: Id,
    signature: Annotated[steps.Signature, Form()],
) -> Response:
    """Sign."""
    return _to_page(steps.sign(console, request, handover_id, signature.sha256))


@router.post("/{handover_id}/cancellation")
def cancel(
    console: ConsoleDep,
    request: Request,
    handover_id: Id,
    why: Annotated[steps.Cancellation, Form()],
) -> Response:
    """Call off."""
    return _to_page(steps.cancel(console, request, handover_id, why.reason))


def _is_office(console: Console, request: Request) -> bool:
    with console.database.read() as connection:
        offices = offices_read(request, console, connection)
    return any(office.role is Role.OFFICE for office in offices)


def _to_page(handover: Handover) -> Response:
    return RedirectResponse(f"/handovers/{handover.id}", 303)
