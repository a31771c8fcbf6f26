"""Builds the web application from the parts it is given."""

from datetime import timedelta
from pathlib import Path

from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp

from xunhe.adapters.blur import Blur, BlurredPictures
from xunhe.adapters.citizen_desk import open_citizen_desk
from xunhe.adapters.desk_tickets import Desk
from xunhe.adapters.documents.office import PaperOffice
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.store.database import Database
from xunhe.desk.rules import DeskRules
from xunhe.domain.camera_desk import CameraDesk
from xunhe.domain.clock import Clock, SystemClock
from xunhe.domain.registry import Registry
from xunhe.settings import (
    CitizenSettings,
    DocumentSettings,
    SupervisionSettings,
    WebSettings,
)
from xunhe.web import (
    api,
    camera_pages,
    citizen_list,
    citizen_pages,
    desk_api,
    desk_files,
    desk_pages,
    devices,
    events,
    evidence_files,
    handover_api,
    handover_pages,
    metrics,
    pages,
    papers,
    points,
    registry_api,
    releases,
    review,
    session,
    sign_in,
    supervision_api,
    supervision_pages,
    supervision_writes,
)
from xunhe.web import cameras as camera_api
from xunhe.web import external as external_api
from xunhe.web import forecasts as forecast_api
from xunhe.web import loads as load_api
from xunhe.web import maintenance as maintenance_api
from xunhe.web import silences as silence_pages
from xunhe.web import traces as trace_api
from xunhe.web.access import AccessGuard, check_csrf
from xunhe.web.backoff import Backoff
from xunhe.web.console import Console
from xunhe.web.failures import map_failures
from xunhe.web.headers import SecurityHeaders
from xunhe.web.live import Live
from xunhe.web.public_limit import PublicLimit

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
    citizen_list.router,
    citizen_pages.router,
    points.router,
    events.router,
    camera_pages.router,  # before the pages, whose /fragments/{name} would take its list
    pages.router,
    evidence_files.router,
    review.router,
    silence_pages.router,
    metrics.router,
    sign_in.router,
)

_TAGS = [
    {"name": "overview", "description": "Counts and the clock"},
    {"name": "map", "description": "The river as GeoJSON"},
    {"name": "stations", "description": "Buoys and what they measured"},
    {"name": "devices", "description": "Buoys: keys, calibrations, releases of their firmware"},
    {"name": "external", "description": "Values of laboratories and other systems"},
    {"name": "cameras", "description": "Cameras: how they are, their frames and their zones"},
    {"name": "incidents", "description": "Incidents and the alerts that witness them"},
    {"name": "silences", "description": "Alarms that are not wanted for a while"},
    {"name": "tickets", "description": "Duties of posts, and decisions about them"},
    {"name": "supervision", "description": "Lights, lists, scores, reports, look-back"},
    {"name": "desk", "description": "Members, and the log as a chain that anybody can check"},
    {"name": "citizens", "description": "Reports of citizens; needs no account"},
    {"name": "rejected", "description": "What could not be used, with its reason"},
    {"name": "events", "description": "Server-sent events that resume by id"},
]
_DESCRIPTION = (
    "What the gateway knows, for other programs. Instants are ISO 8601 in UTC, in the river's "
    "time. Reading needs a session unless `web.read_without_login` is on; writing always needs "
    "one, and its CSRF token in `X-CSRF-Token`."
)


_HOUR = timedelta(hours=1)
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
    silent_intervals: float,
    cameras: CameraDesk | None = None,
    evidence: EvidenceStore | None = None,
    desk_rules: DeskRules | None = None,
    supervision: SupervisionSettings | None = None,
    documents: DocumentSettings | None = None,
    citizens: CitizenSettings | None = None,
    releases_folder: Path = Path("releases"),
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
        dependencies=[Depends(check_csrf)],
    )
    app.state.live = Live()
    desk = Desk(registry, desk_rules or DeskRules())
    citizens = citizens or CitizenSettings()
    app.state.console = Console(
        database=database,
        registry=registry,
        desk=desk,
        papers=PaperOffice(registry, documents or DocumentSettings(), evidence),
        citizens=open_citizen_desk(desk, citizens, evidence),
        supervision=supervision or SupervisionSettings(),
        clock=clock,
        wall=wall or SystemClock(),
        settings=settings,
        time_factor=time_factor,
        silent_intervals=silent_intervals,
        live=app.state.live,
        backoff=Backoff(),
        report_limit=PublicLimit(citizens.reports_an_hour, _HOUR),
        code_limit=PublicLimit(_CODES_AN_HOUR, _HOUR),
        releases=releases_folder,
        cameras=cameras,
        evidence=evidence,
        blurred=BlurredPictures(evidence, Blur()) if evidence else None,
    )
    app.add_middleware(AccessGuard)
    map_failures(app)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    return app
