"""Pages for people, and the fragments that keep them up to date without a reload."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from xunhe.adapters.store import queries
from xunhe.desk.categories import CATEGORIES, lead
from xunhe.domain.camera import Camera
from xunhe.domain.classes import WaterClass
from xunhe.domain.registry import Station
from xunhe.water.classes import PH_LIMITS, limit
from xunhe.web import camera_views, desk_words, evidence, present, traces, warning_chart
from xunhe.web.api import Id
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_access import offices_read
from xunhe.web.desk_files import brought
from xunhe.web.failures import NotFoundError
from xunhe.web.sparkline import Sparkline, sparkline
from xunhe.web.templates import render
from xunhe.web.waters import Measured, StationState, station_states
from xunhe.web.wording import PROPERTIES

_ALERTS_SHOWN = 40
_TICKETS_SHOWN = 30
_REJECTED_A_PAGE = 50
_SPARK_WINDOW = timedelta(hours=6)
_ON_CARDS = ("do_mg_l", "nh3n_mg_l", "ph", "water_temp_c")

router = APIRouter(include_in_schema=False)

Context = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One property on a station's card; `measured` is None until the first value."""

    name: str
    measured: Measured | None
    spark: Sparkline
    limits: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One station's card."""

    state: StationState
    rows: tuple[Row, ...]


@router.get("/")
def console_page(request: Request, console: ConsoleDep) -> Response:
    """The console (一屏总览)."""
    with console.database.read() as connection:
        context: Context = {}
        for part in _PARTS.values():
            context |= part(console, connection)
        context["last_event_at"] = queries.last_event_at(connection)
    return render(request, "console.html", classes=list(WaterClass), **context)


@router.get("/fragments/{name}")
def fragment(request: Request, console: ConsoleDep, name: str) -> Response:
    """One part of the console, as the page would hold it now."""
    if name not in _PARTS:
        raise NotFoundError("fragment", "页面部分", name)
    with console.database.read() as connection:
        context = _PARTS[name](console, connection)
    return render(request, f"_{name}.html", **context)


@router.get("/tickets/{ticket_id}")
def ticket_page(request: Request, console: ConsoleDep, ticket_id: Id) -> Response:
    """A ticket with its witnesses, its log, and what can be decided."""
    with console.database.read() as connection:
        context = _ticket(request, console, connection, ticket_id)
        context["last_event_id"] = queries.last_event_id(connection)
        context["last_event_at"] = queries.last_event_at(connection)
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
        last_event_id = queries.last_event_id(connection)
        last_event_at = queries.last_event_at(connection)
    return render(
        request,
        "rejected.html",
        rows=rows,
        counts=Counter(counts).most_common(),
        kept=kept,
        page=page,
        pages=max(-(-kept // _REJECTED_A_PAGE), 1),
        last_event_id=last_event_id,
        last_event_at=last_event_at,
    )


def _overview(console: Console, connection: sa.Connection) -> Context:
    overview = present.overview(console, connection)
    return {"overview": overview, "last_event_id": overview.last_event_id}


def _alerts(console: Console, connection: sa.Connection) -> Context:
    rows = queries.alerts(connection, _ALERTS_SHOWN)
    return {"alerts": rows, "stations": _witnesses(console)}


def _witnesses(console: Console) -> dict[str, Station | Camera]:
    """Stations and cameras by code: whoever can have seen something."""
    statuses = console.cameras.statuses() if console.cameras else []
    cameras = {status.camera.code: status.camera for status in statuses}
    return {**console.registry.stations, **cameras}


def _stations(console: Console, connection: sa.Connection) -> Context:
    return {"cards": [_card(console, connection, s) for s in station_states(console, connection)]}


def _cameras(console: Console, connection: sa.Connection) -> Context:
    return camera_views.part(console)


def _tickets(console: Console, connection: sa.Connection) -> Context:
    found = queries.tickets(connection, _TICKETS_SHOWN)
    return {
        "tickets": present.tickets_in(console, connection, found),
        "reaches": console.registry.reaches,
    }


_PARTS: dict[str, Callable[[Console, sa.Connection], Context]] = {
    "overview": _overview,
    "alerts": _alerts,
    "stations": _stations,
    "cameras": _cameras,
    "tickets": _tickets,
}


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
        "stations": _witnesses(console),
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


def _card(console: Console, connection: sa.Connection, state: StationState) -> Card:
    until = console.clock.now()
    measured = {m.shown.name: m for m in state.measured}
    rows = []
    for name in _ON_CARDS:
        since = until - _SPARK_WINDOW
        limits = _limits(name, state.reach.target)
        found = queries.observations(connection, state.station.code, name, since)
        spark = sparkline(found, since, until, limits, PROPERTIES[name].least_span)
        rows.append(Row(name, measured.get(name), spark, limits))
    return Card(state, tuple(rows))


def _limits(name: str, target: WaterClass) -> tuple[float, ...]:
    if name == "ph":
        return PH_LIMITS
    found = limit(name, target)
    return () if found is None else (found,)
