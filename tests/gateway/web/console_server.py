"""The real server in a thread, on a free port."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.gateway.web.river_rows import REGISTRY, SetClock
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.flights.intake import FlightBook
from xunhe.adapters.health import Health
from xunhe.adapters.outbox.courier import Courier
from xunhe.adapters.proof import Keeper
from xunhe.adapters.registry_desk import RegistryDesk
from xunhe.adapters.rules_file import shipped
from xunhe.adapters.store.accounts import create_administrator, ensure_setup_code
from xunhe.adapters.store.database import Database
from xunhe.domain.camera_desk import CameraDesk
from xunhe.domain.mover import Mover
from xunhe.outward_settings.file import OutwardFile
from xunhe.settings import CitizenSettings, DocumentSettings, WebSettings
from xunhe.web.application import create_app
from xunhe.web.live import Live
from xunhe.web.server import ConsoleServer

_PATIENCE_S = 60  # of a busy machine
NAME, PASSWORD = "站长", "a long enough password"


@dataclass
class Served:
    """A running console."""

    url: str
    port: int
    database: Database
    live: Live
    clock: SetClock
    wall: SetClock

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=_PATIENCE_S, trust_env=False)

    @contextmanager
    def member(self) -> Iterator[httpx.Client]:
        """A client that is logged in; its CSRF token comes with every request."""
        add_administrator(self.database, self.wall)
        with self.client() as client:
            answer = client.post("/login", data={"name": NAME, "password": PASSWORD})
            assert answer.status_code == 303
            page = client.get("/account").text
            client.headers["X-CSRF-Token"] = page.split('name="csrf" value="')[1].split('"')[0]
            yield client


def add_administrator(database: Database, wall: SetClock) -> None:
    code = ensure_setup_code(database, wall)
    if code is not None:
        create_administrator(database, code, NAME, PASSWORD, wall.now())


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def flight_book(database: Database, evidence: EvidenceStore, clock: SetClock) -> FlightBook:
    keeper = Keeper(Budget(database, evidence, 1 << 26))
    return FlightBook(database, REGISTRY, clock, keeper, shipped())


@contextmanager
def serve(
    database: Database,
    *,
    read_without_login: bool = True,
    read_token: str | None = None,
    port: int | None = None,
    time_factor: float = 1.0,
    cameras: CameraDesk | None = None,
    evidence: EvidenceStore | None = None,
    documents: DocumentSettings | None = None,
    registry_desk: RegistryDesk | None = None,
    citizens: CitizenSettings | None = None,
    movers: Callable[[], Sequence[Mover]] = tuple,
    map_tiles: Path | None = None,
    outward: OutwardFile | None = None,
    links: Sequence[Courier] = (),
    health: Health | None = None,
) -> Iterator[Served]:
    listener = socket.create_server(("127.0.0.1", port or 0))  # bound: nobody else can take it
    settings = WebSettings(
        port=int(listener.getsockname()[1]),
        read_without_login=read_without_login,
        read_token=read_token,
        map_tiles=map_tiles,
    )
    clock, wall = SetClock(), SetClock()
    book = flight_book(database, evidence, clock) if evidence else None
    app = create_app(
        database,
        REGISTRY,
        clock,
        settings,
        time_factor,
        wall=wall,
        rules=shipped(),
        cameras=cameras,
        evidence=evidence,
        documents=documents,
        movers=movers,
        flights=book,
        registry_desk=registry_desk,
        citizens=citizens or CitizenSettings(work_bits=0),  # most tests prove no work
        outward=outward,
        links=links,
        health=health,
    )
    server = ConsoleServer(app, settings)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    deadline_s = time.monotonic() + _PATIENCE_S
    while not server.started:
        assert thread.is_alive(), "the server ended at once"
        assert time.monotonic() < deadline_s, "the server did not start"
        time.sleep(0.01)
    url = f"http://127.0.0.1:{settings.port}"
    try:
        yield Served(url, settings.port, database, app.state.live, clock, wall)
    finally:
        server.should_exit = True
        thread.join(_PATIENCE_S)
        assert not thread.is_alive(), "the server did not stop"
