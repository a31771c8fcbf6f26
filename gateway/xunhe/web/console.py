"""What every handler may use, and the time that a request is judged at."""

from collections.abc import Callable, Sequence
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
from xunhe.adapters.flights.intake import FlightBook
from xunhe.adapters.health import Health
from xunhe.adapters.mbtiles import Tiles
from xunhe.adapters.outbox.courier import Courier
from xunhe.adapters.photo_shelf import PhotoShelf
from xunhe.adapters.registry_desk import RegistryDesk
from xunhe.adapters.store.database import Database
from xunhe.adapters.supervision.kept_tally import KeptTally
from xunhe.alerts.rulebook import RuleBook
from xunhe.domain.camera_desk import CameraDesk
from xunhe.domain.clock import Clock
from xunhe.domain.mover import Mover
from xunhe.domain.registry import Registry
from xunhe.outward_settings.upstream import CapSettings
from xunhe.settings import SupervisionSettings, WebSettings
from xunhe.web.backoff import Backoff
from xunhe.web.half_way import HalfWay
from xunhe.web.live import Live
from xunhe.web.open311.door import Open311Door
from xunhe.web.public_limit import PublicLimit
from xunhe.web.shared import Shared
from xunhe.web.work import ProofOfWork


@dataclass(frozen=True, slots=True)
class Console:
    """The parts of the gateway that pages read from.

    `clock` is the river's: readings, tickets and their due times. `wall` is the machine's:
    sessions, log-in back-off and the age of pictures, since people live in wall time. `cameras` is
    None where the gateway watches none; `cap` and `open311` where nobody may ask for them.
    `movers` tells what moves now; `tiles` lie below the map; `health` is the gateway's own; without
    `flights` none is taken in.
    """

    database: Database
    registry: Registry
    desk: Desk
    papers: PaperOffice
    citizens: CitizenDesk
    supervision: SupervisionSettings
    tally: KeptTally
    clock: Clock
    wall: Clock
    settings: WebSettings
    time_factor: float
    rules: RuleBook
    live: Live
    shared: Shared
    backoff: Backoff
    lock_out: Backoff
    half_way: HalfWay
    work: ProofOfWork
    unproved_limit: PublicLimit
    report_limit: PublicLimit
    code_limit: PublicLimit
    releases: Path  # folder of the buoys' firmware
    links: Sequence[Courier] = ()
    cap: CapSettings | None = None
    open311: Open311Door | None = None
    cameras: CameraDesk | None = None
    evidence: EvidenceStore | None = None
    shelf: PhotoShelf | None = None
    blurred: BlurredPictures | None = None
    movers: Callable[[], Sequence[Mover]] = tuple
    flights: FlightBook | None = None
    tiles: Tiles | None = None
    registry_desk: RegistryDesk | None = None
    health: Health | None = None

    @property
    def silent_intervals(self) -> float:
        """After so many of its intervals without a word a station is silent."""
        return self.rules.unheard.intervals


def iso(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and Z, as every instant of the API."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _console(request: Request) -> Console:
    found: Console = request.app.state.console
    return found


ConsoleDep = Annotated[Console, Depends(_console)]
