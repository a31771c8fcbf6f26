"""Flights (空中巡河): the list, one flight over the map, and a name for each change on the bank."""

from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from xunhe.adapters.flights.naming import Named, name_candidate
from xunhe.desk.roles import Role
from xunhe.domain.finding import FindingKind
from xunhe.web import forms
from xunhe.web.api import Id
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_access import offices_write, require
from xunhe.web.flight_api import found
from xunhe.web.flight_views import CANDIDATE_NAMES, lines, view
from xunhe.web.form_fields import Sent, done
from xunhe.web.forms import Filled
from xunhe.web.freshness import stand
from xunhe.web.phone.walk_views import CRITERIA
from xunhe.web.scope import reaches_of
from xunhe.web.templates import render

router = APIRouter(include_in_schema=False)

_SHOWN = 100
_NAMING = (Role.OFFICE, Role.CHIEF, Role.OPERATOR, Role.INSPECTOR)

Finding = Annotated[str, Path(max_length=40)]


class NameForm(BaseModel):
    """What a change on the bank is, by a person's word; empty: nothing to worry about."""

    name: Literal[
        "disorder.occupation", "disorder.mining", "disorder.dumping", "disorder.building", ""
    ]
    note: Annotated[str, Field(max_length=400)] = ""


@router.get("/flights")
def list_page(request: Request, console: ConsoleDep) -> Response:
    """The last flights."""
    with console.database.read() as connection:
        shown = lines(connection, reaches_of(request), _SHOWN)
        live = stand(connection)
    return render(
        request,
        "flights.html",
        lines=shown,
        kinds=list(FindingKind),
        reaches=console.registry.reaches,
        posts=console.registry.posts,
        **live,
    )


@router.get("/flights/{flight_id}")
def flight_page(request: Request, console: ConsoleDep, flight_id: Id) -> Response:
    """One flight."""
    return _page(request, console, flight_id, forms.EMPTY)


@router.get("/fragments/flights/{flight_id}")
def flight_fragment(request: Request, console: ConsoleDep, flight_id: Id) -> Response:
    """The changing part of a flight's page."""
    with console.database.read() as connection:
        context = _context(console, connection, flight_id)
    return render(request, "_flight.html", form=forms.EMPTY, named="", **context)


@router.post("/flights/{flight_id}/findings/{finding}")
def name(
    request: Request, console: ConsoleDep, flight_id: Id, finding: Finding, sent: Sent
) -> Response:
    """Name a change on the bank; a name of 四乱 opens its ticket."""

    def act(said: NameForm) -> None:
        with console.database.write() as connection:
            actor = require(offices_write(request, console, connection), *_NAMING)
            word = Named(said.name, actor, console.clock.now(), said.note.strip())
            row = found(connection, flight_id)
            name_candidate(connection, console.desk, row, finding, word)
        console.live.notify()

    form = done(NameForm, sent, act)
    if form is None:
        return RedirectResponse(f"/flights/{flight_id}#{finding}", 303)
    return _page(request, console, flight_id, form, finding)


def _page(
    request: Request, console: Console, flight_id: int, form: Filled, named: str = ""
) -> Response:
    with console.database.read() as connection:
        context = _context(console, connection, flight_id) | stand(connection)
    page = render(request, "flight.html", form=form, named=named, **context)
    page.status_code = 200 if form.is_fit else 422
    return page


def _context(console: Console, connection: sa.Connection, flight_id: int) -> dict[str, Any]:
    return {
        "view": view(console, connection, found(connection, flight_id)),
        "reaches": console.registry.reaches,
        "posts": console.registry.posts,
        "criteria": CRITERIA,
        "names": CANDIDATE_NAMES,
    }
