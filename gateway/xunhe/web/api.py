"""The JSON API under /api/v1: handlers load, ask, answer."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from xunhe.adapters.store import queries
from xunhe.desk.machine import Action
from xunhe.web import models, present
from xunhe.web.access import session_of
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_access import offices_read
from xunhe.web.failures import ERRORS, NOT_FOUND, WRITE_ERRORS, NotFoundError, RefusedError
from xunhe.web.river_map import river_map
from xunhe.web.scope import reaches_of
from xunhe.web.ticket_moves import decide
from xunhe.web.waters import station_states
from xunhe.web.wording import PROPERTIES

MAX_PAGE = 200  # rows: a page that a phone can still show
MAX_HOURS = 72
MAX_POINTS = 720  # of one property: more than a screen has columns for it

Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
Id = Annotated[int, Path(ge=1, le=2**53)]

router = APIRouter(prefix="/api/v1", responses=ERRORS)


@router.get("/overview", tags=["overview"], operation_id="getOverview")
def overview(console: ConsoleDep) -> models.Overview:
    """Counts of stations, incidents, tickets, readings and rejected frames, and the clock."""
    with console.database.read() as connection:
        return present.overview(console, connection)


@router.get("/reaches", tags=["map"], operation_id="getReaches")
def reaches(console: ConsoleDep) -> models.FeatureCollection:
    """Reaches, stations and outfalls as GeoJSON with their present class and open tickets."""
    with console.database.read() as connection:
        return river_map(console, connection)


@router.get("/stations", tags=["stations"], operation_id="listStations")
def stations(console: ConsoleDep) -> list[models.StationView]:
    """Every station with its newest value and flag per property and its class."""
    with console.database.read() as connection:
        return [present.station(state) for state in station_states(console, connection)]


@router.get(
    "/stations/{code}/observations",
    tags=["stations"],
    operation_id="listObservations",
    responses=NOT_FOUND,
)
def observations(
    console: ConsoleDep, code: str, hours: Annotated[float, Query(gt=0, le=MAX_HOURS)] = 24
) -> models.ObservationsView:
    """A station's observations of the last river hours, per property."""
    if code not in console.registry.stations:
        raise NotFoundError("station", "测站", code)
    since = console.clock.now() - timedelta(hours=hours)
    with console.database.read() as connection:
        series = [
            _thinned(name, queries.observations(connection, code, name, since))
            for name in PROPERTIES
        ]
    return models.ObservationsView(station=code, hours=hours, series=series)


@router.get("/incidents", tags=["incidents"], operation_id="listIncidents")
def incidents(
    request: Request, console: ConsoleDep, limit: Limit = 50, offset: Offset = 0
) -> list[models.IncidentView]:
    """Incidents, newest first."""
    with console.database.read() as connection:
        rows = queries.incidents(connection, limit, offset, reaches_of(request))
    return [present.incident(row) for row in rows]


@router.get(
    "/incidents/{incident_id}",
    tags=["incidents"],
    operation_id="getIncident",
    responses=NOT_FOUND,
)
def incident(console: ConsoleDep, incident_id: Id) -> models.IncidentDetail:
    """An incident with its alerts, which are its witnesses."""
    with console.database.read() as connection:
        return present.incident_detail(connection, incident_id)


@router.get("/alerts", tags=["incidents"], operation_id="listAlerts")
def alerts(
    request: Request, console: ConsoleDep, limit: Limit = 50, offset: Offset = 0
) -> list[models.AlertView]:
    """Alerts, newest first."""
    with console.database.read() as connection:
        rows = queries.alerts(connection, limit, offset, reaches_of(request))
    return [present.alert(row) for row in rows]


@router.get("/tickets", tags=["tickets"], operation_id="listTickets")
def tickets(
    request: Request, console: ConsoleDep, limit: Limit = 50, offset: Offset = 0
) -> list[models.TicketView]:
    """Tickets, open ones first, then the newest first."""
    with console.database.read() as connection:
        found = queries.tickets(connection, limit, offset, reaches_of(request))
        return present.tickets_in(console, connection, found)


@router.get("/tickets/{ticket_id}", tags=["tickets"], operation_id="getTicket", responses=NOT_FOUND)
def ticket(console: ConsoleDep, request: Request, ticket_id: Id) -> models.TicketDetail:
    """A ticket with its log."""
    return ticket_detail(console, request, ticket_id)


@router.post(
    "/tickets/{ticket_id}/acceptance",
    tags=["tickets"],
    operation_id="acceptTicket",
    responses=WRITE_ERRORS,
)
def accept(
    console: ConsoleDep, request: Request, ticket_id: Id, decision: models.Decision
) -> models.TicketDetail:
    """Accept a ticket (受理、挂单)."""
    decide(console, request, ticket_id, Action.ACCEPT, decision)
    return ticket_detail(console, request, ticket_id)


@router.post(
    "/tickets/{ticket_id}/false-alarm",
    tags=["tickets"],
    operation_id="markFalseAlarm",
    responses=WRITE_ERRORS,
)
def false_alarm(
    console: ConsoleDep, request: Request, ticket_id: Id, decision: models.Decision
) -> models.TicketDetail:
    """Mark a ticket as a false alarm (误报)."""
    decide(console, request, ticket_id, Action.FALSE_ALARM, decision)
    return ticket_detail(console, request, ticket_id)


@router.get("/rejected", tags=["rejected"], operation_id="listRejected")
def rejected(console: ConsoleDep, limit: Limit = 50, offset: Offset = 0) -> models.RejectedPage:
    """Rejected frames and records, newest first, without their payload."""
    with console.database.read() as connection:
        return models.RejectedPage(
            counts=queries.totals(connection).rejected,
            kept=queries.rejected_count(connection),
            items=[present.rejected(row) for row in queries.rejected(connection, limit, offset)],
        )


def actor(request: Request) -> str:
    """Who writes. The guard lets no write without a session come this far."""
    session = session_of(request)
    if session is None:
        raise RefusedError(401, "not_logged_in", "log in first: /login", "请先登录：/login")
    return session.user


def ticket_detail(console: Console, request: Request, ticket_id: int) -> models.TicketDetail:
    """A ticket as whoever asks may see it and act on it."""
    with console.database.read() as connection:
        offices = offices_read(request, console, connection)
        return present.ticket_detail(console, connection, ticket_id, offices)


def _thinned(name: str, rows: list[queries.ObservationRow]) -> models.SeriesView:
    """Every n-th row counted from the newest, so that the present value always shows."""
    every = -(-len(rows) // MAX_POINTS) or 1
    kept = rows[::-1][::every][::-1]
    points = [models.PointView(time=row.time, value=row.value, flag=row.flag) for row in kept]
    return models.SeriesView(property=name, points=points, every=every)
