"""Incidents: the list, and the page of one: pictures, chart, map, witnesses, what looks alike."""

from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from xunhe.adapters.store import queries, similar, stream
from xunhe.adapters.store.queries import AlertRow, IncidentRow
from xunhe.web import evidence, incident_charts, incident_map, overview, traces, warning_chart
from xunhe.web.api import Id
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.failures import ERRORS, NOT_FOUND, NotFoundError
from xunhe.web.freshness import stand
from xunhe.web.models import FeatureCollection
from xunhe.web.scope import reaches_of
from xunhe.web.templates import render
from xunhe.web.wording import LIKENESSES, PROPERTIES

_A_PAGE = 50
_SIMILAR_SHOWN = 6

Choice = Annotated[str, Query(max_length=40)]
Property = Literal["nh3n_mg_l", "do_mg_l", "ph", "water_temp_c"]

router = APIRouter(responses=ERRORS)


@router.get("/incidents", include_in_schema=False)
def list_page(
    request: Request,
    console: ConsoleDep,
    severity: Choice = "",
    kind: Choice = "",
    state: Literal["", "open", "unjudged"] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """All incidents, narrowed by severity, kind and state."""
    narrowed = stream.Narrowed(
        severity=severity,
        kind=kind,
        reaches=reaches_of(request),
        is_open=True if state == "open" else None,
        is_judged=False if state == "unjudged" else None,
    )
    with console.database.read() as connection:
        total = stream.count(connection, narrowed)
        told = stream.newest(connection, narrowed, _A_PAGE, (page - 1) * _A_PAGE)
        live = stand(connection)
    chosen = {"severity": severity, "kind": kind, "state": state}
    return render(
        request,
        "incidents.html",
        told=told,
        total=total,
        chosen=chosen,
        page=page,
        pages=max(-(-total // _A_PAGE), 1),
        stations=overview.witnesses(console),
        reaches=console.registry.reaches,
        **live,
    )


@router.get("/incidents/{incident_id}", include_in_schema=False)
def incident_page(request: Request, console: ConsoleDep, incident_id: Id) -> Response:
    """One incident."""
    with console.database.read() as connection:
        context = _context(console, connection, incident_id) | stand(connection)
    return render(request, "incident.html", **context)


@router.get("/fragments/incidents/{incident_id}", include_in_schema=False)
def incident_fragment(request: Request, console: ConsoleDep, incident_id: Id) -> Response:
    """The changing part of an incident's page."""
    with console.database.read() as connection:
        context = _context(console, connection, incident_id)
    return render(request, "_incident.html", **context)


@router.get(
    "/api/v1/incidents/{incident_id}/chart",
    tags=["incidents"],
    operation_id="getIncidentChart",
    responses=NOT_FOUND,
)
def chart(
    console: ConsoleDep, incident_id: Id, prop: Annotated[Property | None, Query()] = None
) -> incident_charts.ChartView:
    """The values of the station that saw it, or of the nearest one, with the bands of classes."""
    with console.database.read() as connection:
        incident, alerts = _found(connection, incident_id)
        seen = incident_charts.witnessed(console.registry, incident, alerts)
        if seen is None:
            raise NotFoundError("station beside incident", "事件附近的测站，事件", incident_id)
        return incident_charts.chart(
            console, connection, incident, alerts, seen.station, prop or seen.prop
        )


@router.get(
    "/api/v1/incidents/{incident_id}/map",
    tags=["incidents"],
    operation_id="getIncidentMap",
    responses=NOT_FOUND,
)
def on_the_map(console: ConsoleDep, incident_id: Id) -> FeatureCollection:
    """Who saw it, the suspects upstream by rank, and arrivals downstream, as GeoJSON."""
    with console.database.read() as connection:
        _, alerts = _found(connection, incident_id)
        trace = traces.shown(console, connection, incident_id)
    return incident_map.features(console.registry, alerts, trace)


def _context(console: Console, connection: sa.Connection, incident_id: int) -> dict[str, Any]:
    incident, alerts = _found(connection, incident_id)
    (told,) = stream.told(connection, [incident])
    return {
        "incident": incident,
        "told": told,
        "alerts": alerts,
        "evidence": evidence.shown(connection, [incident_id]),
        "evidence_words": evidence,
        "seen": incident_charts.witnessed(console.registry, incident, alerts),
        "charted": {name: PROPERTIES[name] for name in incident_charts.CHARTED},
        "trace": traces.shown(console, connection, incident_id),
        "arrival_kinds": traces.ARRIVAL_KINDS,
        "warning_charts": warning_chart.charts(connection, alerts),
        "similar": similar.similar(connection, console.registry, incident, _SIMILAR_SHOWN),
        "likenesses": LIKENESSES,
        "stations": overview.witnesses(console),
        "reaches": console.registry.reaches,
    }


def _found(connection: sa.Connection, incident_id: int) -> tuple[IncidentRow, list[AlertRow]]:
    incident = queries.incident(connection, incident_id)
    if incident is None:
        raise NotFoundError("incident", "事件", incident_id)
    return incident, queries.witnesses(connection, incident_id)
