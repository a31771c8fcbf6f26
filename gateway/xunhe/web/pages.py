"""Pages for people, and the fragments that keep them up to date without a reload."""

from collections import Counter
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from xunhe.adapters.store import queries
from xunhe.desk.categories import CATEGORIES, lead
from xunhe.domain.classes import WaterClass
from xunhe.web import away, desk_words, evidence, overview, present, traces, warning_chart
from xunhe.web.api import Id
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_access import offices_read
from xunhe.web.desk_files import brought
from xunhe.web.failures import NotFoundError
from xunhe.web.freshness import stand, version_of
from xunhe.web.scope import reaches_of
from xunhe.web.templates import render

_REJECTED_A_PAGE = 50

router = APIRouter(include_in_schema=False)

Context = dict[str, Any]


@router.get("/")
def console_page(request: Request, console: ConsoleDep) -> Response:
    """The console (一屏总览). Its parts come ready made, those that pages ask for anew as well."""
    with console.database.read() as connection:
        context: Context = {
            "parts": {name: _part(request, console, connection, name) for name in overview.PARTS},
            "missed": away.missed(request, console, connection),
            **stand(connection),
            "tiles": console.tiles and console.tiles.about,
        }
    return render(request, "console.html", classes=list(WaterClass), **context)


@router.get("/fragments/{name}")
def fragment(request: Request, console: ConsoleDep, name: str) -> Response:
    """One part of the console, as the page would hold it now."""
    if name not in overview.PARTS:
        raise NotFoundError("fragment", "页面部分", name)
    with console.database.read() as connection:
        return HTMLResponse(_part(request, console, connection, name))


def _part(request: Request, console: Console, connection: sa.Connection, name: str) -> str:
    """A part as text, made once for all who see the same reaches; nothing personal is in it."""
    reaches = reaches_of(request)

    def make() -> str:
        context = overview.PARTS[name](console, connection, reaches)
        return bytes(render(request, f"_{name}.html", **context).body).decode()

    version = version_of(console, connection)
    return console.shared.get(("part", name, reaches), version, make)


@router.get("/tickets/{ticket_id}")
def ticket_page(request: Request, console: ConsoleDep, ticket_id: Id) -> Response:
    """A ticket with its witnesses, its log, and what can be decided."""
    with console.database.read() as connection:
        context = _ticket(request, console, connection, ticket_id)
        context |= stand(connection)
    return render(request, "ticket.html", **context)


@router.get("/fragments/tickets/{ticket_id}")
def ticket_fragment(request: Request, console: ConsoleDep, ticket_id: Id) -> Response:
    """The changing part of a ticket's page."""
    with console.database.read() as connection:
        context = _ticket(request, console, connection, ticket_id)
    return render(request, "_ticket.html", **context)


@router.get("/rejected")
def rejected_page(
    request: Request, console: ConsoleDep, page: Annotated[int, Query(ge=1, le=10_000)] = 1
) -> Response:
    """Frames and records that could not be used."""
    with console.database.read() as connection:
        kept = queries.rejected_count(connection)
        rows = queries.rejected(connection, _REJECTED_A_PAGE, (page - 1) * _REJECTED_A_PAGE)
        counts = queries.totals(connection).rejected
        live = stand(connection)
    return render(
        request,
        "rejected.html",
        rows=rows,
        counts=Counter(counts).most_common(),
        kept=kept,
        page=page,
        pages=max(-(-kept // _REJECTED_A_PAGE), 1),
        **live,
    )


def _ticket(
    request: Request, console: Console, connection: sa.Connection, ticket_id: int
) -> Context:
    offices = offices_read(request, console, connection)
    ticket = present.ticket_detail(console, connection, ticket_id, offices)
    first = ticket.incident_id
    return {
        "ticket": ticket,
        "incident": None if first is None else present.incident_detail(connection, first),
        "evidence": evidence.shown(connection, ticket.incidents),
        "brought": brought(connection, ticket_id),
        "evidence_words": evidence,
        "arrival_kinds": traces.ARRIVAL_KINDS,
        **({} if first is None else _of_water(console, connection, first)),
        "desk_words": desk_words,
        "categories": CATEGORIES,
        "posts": console.registry.posts,
        "departments": console.registry.departments,
        "lead_department": _lead_department(console, ticket.category, ticket.post.code),
        "reaches": console.registry.reaches,
        "stations": overview.witnesses(console),
    }


def _of_water(console: Console, connection: sa.Connection, incident_id: int) -> Context:
    """Where an incident's water came from and goes, and its early warnings' charts."""
    alerts = queries.witnesses(connection, incident_id)
    return {
        "trace": traces.shown(console, connection, incident_id),
        "warning_charts": warning_chart.charts(connection, alerts),
    }


def _lead_department(console: Console, code: str, post: str) -> str | None:
    """Code of the department that leads in a category for a post, if one is registered."""
    if code not in CATEGORIES:
        return None
    subject = lead(code, console.registry.leads)
    found = console.registry.department_for(subject, post)
    return None if found is None else found.code
