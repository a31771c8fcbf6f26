"""Builds the web application from the parts it is given."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from xunhe.adapters.blur import Blur, BlurredPictures
from xunhe.adapters.citizen_desk import open_citizen_desk
from xunhe.adapters.desk_tickets import Desk
from xunhe.adapters.documents.office import PaperOffice
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.flights.intake import FlightBook
from xunhe.adapters.health import Health
from xunhe.adapters.mbtiles import Tiles
from xunhe.adapters.outbox.courier import Courier
from xunhe.adapters.photo_shelf import PhotoShelf
from xunhe.adapters.registry_desk import RegistryDesk
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.tickets import StaleTicketError
from xunhe.adapters.supervision.kept_tally import KeptTally
from xunhe.alerts.rulebook import RuleBook
from xunhe.desk.rules import DeskRules
from xunhe.desk.seats import seats_of
from xunhe.domain.camera_desk import CameraDesk
from xunhe.domain.clock import Clock, SystemClock
from xunhe.domain.mover import Mover
from xunhe.domain.registry import Registry
from xunhe.outward_settings.file import OutwardFile
from xunhe.settings import (
    CitizenSettings,
    DocumentSettings,
    ReleasesSettings,
    SupervisionSettings,
    VisionSettings,
    WebSettings,
)
from xunhe.web import (
    accounts_pages,
    api,
    away,
    camera_pages,
    cap_alerts,
    citizen_list,
    citizen_pages,
    desk_api,
    desk_files,
    desk_pages,
    devices,
    events,
    evidence_files,
    flight_api,
    flight_pages,
    handover_api,
    handover_pages,
    incident_pages,
    map_api,
    metrics,
    own_account,
    pages,
    paper_pages,
    papers,
    phones_page,
    points,
    public_river,
    registry_api,
    releases,
    review,
    rule_pages,
    runbook,
    session,
    setup,
    sign_in,
    supervision_api,
    supervision_pages,
    supervision_writes,
    technician_pages,
)
from xunhe.web import cameras as camera_api
from xunhe.web import external as external_api
from xunhe.web import forecasts as forecast_api
from xunhe.web import health as health_pages
from xunhe.web import links as link_pages
from xunhe.web import loads as load_api
from xunhe.web import maintenance as maintenance_api
from xunhe.web import silences as silence_pages
from xunhe.web import traces as trace_api
from xunhe.web.access import AccessGuard, check_csrf, check_route
from xunhe.web.backoff import Backoff
from xunhe.web.body_limit import BodyLimit
from xunhe.web.conflicts import answer_stale
from xunhe.web.console import Console
from xunhe.web.corrections import answer_unfit
from xunhe.web.exports import routes as exports
from xunhe.web.failures import map_failures
from xunhe.web.half_way import HalfWay
from xunhe.web.headers import SecurityHeaders
from xunhe.web.live import Live
from xunhe.web.office.routers import OFFICE_ROUTERS
from xunhe.web.once import RememberForms, SentBeforeError, answer_again, claim_form
from xunhe.web.open311 import routes as open311
from xunhe.web.open311.door import open_open311
from xunhe.web.phone import pages as phone_pages
from xunhe.web.phone import reports_api as phone_reports
from xunhe.web.phone import session_api as phone_session
from xunhe.web.phone import shell as phone_shell
from xunhe.web.phone import steps as phone_steps
from xunhe.web.phone import walks as phone_walks
from xunhe.web.public_limit import PublicLimit
from xunhe.web.sensorthings import routes as sensorthings
from xunhe.web.shared import Shared
from xunhe.web.static_files import StaticApp
from xunhe.web.work import ProofOfWork

ROUTERS = (
    api.router,
    camera_api.router,
    external_api.router,
    maintenance_api.router,
    devices.router,
    releases.router,
    session.router,
    trace_api.router,
    load_api.router,
    forecast_api.router,
    desk_api.router,
    supervision_api.router,
    supervision_writes.router,
    supervision_pages.router,
    desk_files.router,
    handover_api.router,
    handover_pages.router,
    registry_api.router,
    desk_pages.router,
    papers.router,
    paper_pages.router,
    *OFFICE_ROUTERS,
    citizen_list.router,
    citizen_pages.router,
    public_river.router,
    phone_session.router,
    phone_reports.router,
    phone_walks.api,
    phone_walks.pages,
    phone_steps.router,
    phone_shell.router,
    phone_pages.router,
    technician_pages.router,
    points.router,
    events.router,
    camera_pages.router,  # before the pages, whose /fragments/{name} would take its list
    incident_pages.router,
    map_api.router,
    rule_pages.router,
    away.router,
    pages.router,
    evidence_files.router,
    review.router,
    silence_pages.router,
    metrics.router,
    health_pages.router,
    runbook.router,
    sensorthings.router,
    link_pages.router,
    cap_alerts.router,
    open311.router,
    exports.router,
    flight_api.router,
    flight_pages.router,
    sign_in.router,
    setup.router,
    accounts_pages.router,
    own_account.router,
    phones_page.router,
)

_TAGS = [
    {"name": "overview", "description": "Counts and the clock"},
    {"name": "map", "description": "The river as GeoJSON"},
    {"name": "stations", "description": "Buoys and what they measured"},
    {"name": "devices", "description": "Buoys: keys, calibrations, releases of their firmware"},
    {"name": "external", "description": "Values of laboratories and other systems"},
    {"name": "cameras", "description": "Cameras: how they are, their frames and their zones"},
    {"name": "flights", "description": "Flights of drones and what they found"},
    {"name": "incidents", "description": "Incidents and the alerts that witness them"},
    {"name": "silences", "description": "Alarms that are not wanted for a while"},
    {"name": "tickets", "description": "Duties of posts, and decisions about them"},
    {"name": "supervision", "description": "Lights, lists, scores, reports, look-back"},
    {"name": "desk", "description": "Members, and the log as a chain that anybody can check"},
    {"name": "phone", "description": "What the queue of a chief's telephone sends, once each"},
    {"name": "citizens", "description": "Reports of citizens; needs no account"},
    {"name": "links", "description": "What leaves this gateway, and how it stands"},
    {"name": "rejected", "description": "What could not be used, with its reason"},
    {"name": "events", "description": "Server-sent events that resume by id"},
    {"name": "exports", "description": "Whole tables as CSV and GeoJSON"},
]
_DESCRIPTION = (
    "What the gateway knows, for other programs. Instants are ISO 8601 in UTC, in the river's "
    "time. Reading needs a session unless `web.read_without_login` is on; writing always needs "
    "one, and its CSRF token in `X-CSRF-Token`."
)


_HOUR = timedelta(hours=1)
_LOCKED_AFTER = 20  # failures at one name, from wherever
_LOCKED_FOR = timedelta(minutes=15)
_CODES_AN_HOUR = 120  # tracking codes looked up from one address


class WebApplication(FastAPI):
    """FastAPI with the security headers outside everything, the answer to a crash included."""

    def build_middleware_stack(self) -> ASGIApp:
        """The whole stack, wrapped."""
        return SecurityHeaders(super().build_middleware_stack())


def create_app(  # noqa: PLR0913  the application's parts are its arguments
    database: Database,
    registry: Registry,
    clock: Clock,
    settings: WebSettings,
    time_factor: float = 1.0,
    *,
    wall: Clock | None = None,
    rules: RuleBook,
    cameras: CameraDesk | None = None,
    evidence: EvidenceStore | None = None,
    evidence_mib: float = VisionSettings().evidence_budget_mib,
    desk_rules: DeskRules | None = None,
    supervision: SupervisionSettings | None = None,
    documents: DocumentSettings | None = None,
    citizens: CitizenSettings | None = None,
    releases: ReleasesSettings | None = None,
    movers: Callable[[], Sequence[Mover]] = tuple,
    flights: FlightBook | None = None,
    registry_desk: RegistryDesk | None = None,
    outward: OutwardFile | None = None,
    links: Sequence[Courier] = (),
    health: Health | None = None,
) -> FastAPI:
    """The application. `app.state.live.notify()` is for the ingest thread, after each commit."""
    # FastAPI's own /docs pages load scripts from another host: they stay off.
    app = WebApplication(
        title="xunhe 巡河",
        version="1",
        summary="River watch: readings, incidents, tickets",
        description=_DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        openapi_tags=_TAGS,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(check_route), Depends(check_csrf), Depends(claim_form)],
    )
    app.state.live = Live()
    desk = Desk(registry, desk_rules or DeskRules())
    shelf = _shelf(database, evidence, evidence_mib)
    citizens = citizens or CitizenSettings()
    supervision = supervision or SupervisionSettings()
    outward = outward or OutwardFile()
    app.state.console = Console(
        database=database,
        registry=registry,
        desk=desk,
        papers=PaperOffice(registry, documents or DocumentSettings(), evidence),
        citizens=open_citizen_desk(desk, citizens, shelf),
        supervision=supervision,
        tally=KeptTally(seats_of(registry), supervision),
        clock=clock,
        wall=wall or SystemClock(),
        settings=settings,
        time_factor=time_factor,
        rules=rules,
        live=app.state.live,
        shared=Shared(),
        backoff=Backoff(),
        lock_out=Backoff(_LOCKED_AFTER, _LOCKED_FOR),
        half_way=HalfWay(),
        work=ProofOfWork(citizens.work_bits),
        unproved_limit=PublicLimit(1, _HOUR),
        report_limit=PublicLimit(citizens.reports_an_hour, _HOUR),
        code_limit=PublicLimit(_CODES_AN_HOUR, _HOUR),
        releases=(releases or ReleasesSettings()).folder,
        links=links,
        cap=outward.cap,
        open311=open_open311(outward.open311),
        cameras=cameras,
        evidence=evidence,
        shelf=shelf,
        blurred=BlurredPictures(evidence, Blur()) if evidence else None,
        movers=movers,
        flights=flights,
        tiles=Tiles(settings.map_tiles) if settings.map_tiles else None,
        registry_desk=registry_desk,
        health=health,
    )
    app.add_middleware(RememberForms)
    app.add_middleware(AccessGuard)
    app.add_middleware(BodyLimit)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=4)
    map_failures(app)
    # The second is a page's form, whose fields become the API's model in the handler.
    for unfit in (RequestValidationError, ValidationError):
        app.add_exception_handler(unfit, answer_unfit)  # type: ignore[arg-type]
    app.add_exception_handler(StaleTicketError, answer_stale)  # type: ignore[arg-type]
    app.add_exception_handler(SentBeforeError, answer_again)  # type: ignore[arg-type]
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticApp(), name="static")
    return app


def _shelf(
    database: Database, evidence: EvidenceStore | None, limit_mib: float
) -> PhotoShelf | None:
    """Where people's photographs go; None where no files are kept."""
    if evidence is None:
        return None
    return PhotoShelf(Budget(database, evidence, round(limit_mib * 2**20)))
