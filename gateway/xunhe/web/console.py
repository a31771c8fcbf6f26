"""What every handler may use, and the time that a request is judged at."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from xunhe.adapters.blur import BlurredPictures
from xunhe.adapters.citizen_desk import CitizenDesk
from xunhe.adapters.desk_tickets import Desk
from xunhe.adapters.documents.office import PaperOffice
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.store.database import Database
from xunhe.domain.camera_desk import CameraDesk
from xunhe.domain.clock import Clock
from xunhe.domain.registry import Registry
from xunhe.settings import SupervisionSettings, WebSettings
from xunhe.web.backoff import Backoff
from xunhe.web.live import Live
from xunhe.web.public_limit import PublicLimit


@dataclass(frozen=True, slots=True)
class Console:
    """The parts of the gateway that pages read from.

    `clock` is the river's: readings, tickets and their due times. `wall` is the machine's:
    sessions, log-in back-off and the age of pictures, since people live in wall time. `cameras` is
    None where the gateway watches none.
    """

    database: Database
    registry: Registry
    desk: Desk
    papers: PaperOffice
    citizens: CitizenDesk
    supervision: SupervisionSettings
    clock: Clock
    wall: Clock
    settings: WebSettings
    time_factor: float
    silent_intervals: float
    live: Live
    backoff: Backoff
    report_limit: PublicLimit
    code_limit: PublicLimit
    releases: Path  # folder of the buoys' firmware
    cameras: CameraDesk | None = None
    evidence: EvidenceStore | None = None
    blurred: BlurredPictures | None = None


def iso(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and Z, as every instant of the API."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _console(request: Request) -> Console:
    found: Console = request.app.state.console
    return found


ConsoleDep = Annotated[Console, Depends(_console)]
