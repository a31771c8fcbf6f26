"""The gateway, put together. The only module that knows everyone."""

import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial

from xunhe.adapters import registry_file, rules_file
from xunhe.adapters.backup.errors import BackupError
from xunhe.adapters.camera.fleet import Fleet
from xunhe.adapters.camera.messages import Report
from xunhe.adapters.desk_calendar_file import rules_of
from xunhe.adapters.dome_rounds import DomeRounds
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.flights.intake import FlightBook
from xunhe.adapters.flights.live_drones import LiveDrones
from xunhe.adapters.health import INTAKE, Health, Limits
from xunhe.adapters.https import authority
from xunhe.adapters.ingest import Ingest, Terms
from xunhe.adapters.mqtt import Link
from xunhe.adapters.proof import Keeper
from xunhe.adapters.radio import Radio
from xunhe.adapters.recording import Recorder, Room
from xunhe.adapters.registry_desk import RegistryDesk
from xunhe.adapters.releases import Releases
from xunhe.adapters.retention import Retention
from xunhe.adapters.sights import SightBook
from xunhe.adapters.store import before_upgrade, cameras, devices, soundness
from xunhe.adapters.store.accounts import ensure_setup_code
from xunhe.adapters.store.address import file_at, is_file
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.soundness import UnsoundError
from xunhe.broker_parts import open_wire
from xunhe.domain.clock import Clock, ScaledClock, SystemClock
from xunhe.domain.clock_watch import ClockWatch
from xunhe.domain.registry import Registry
from xunhe.outward import put_together
from xunhe.outward_settings.file import load_outward
from xunhe.parts import clock_watch, keep_well, start_cameras, start_desk, start_drones
from xunhe.settings import (
    ClockSettings,
    RuleSettings,
    Settings,
    WebSettings,
)
from xunhe.supervisor import Supervisor
from xunhe.web.application import create_app
from xunhe.web.enrolment import enrolment
from xunhe.web.server import ConsoleServer

log = logging.getLogger(__name__)

_CHECK_S = 0.5  # of looking at the database before the start; the whole of it is read afterwards
_WAIT_S = 0.2  # for the first frame of a batch
_JUDGED_AT_ONCE = 50  # readings a transaction: what comes meanwhile does not wait much longer
_ANSWER_FIRST_S = 0.5  # whoever changed the registry gets his page before the parts start again


class StartError(RuntimeError):
    """The gateway cannot start; the message says why and what to do."""


def run(settings: Settings, say: Callable[[str, str | None], None]) -> None:
    """Run the gateway until SIGINT or SIGTERM.

    `say` gets the console's address and, as long as there is no administrator, the one-time code.
    """
    check_https(settings.web)
    with listen(settings.web) as listener, enrolment(settings.web):
        watch = clock_watch()
        while _run_once(settings, listener, say, watch):
            log.info("the registry was changed: starting again")


def _run_once(
    settings: Settings,
    listener: socket.socket,
    say: Callable[[str, str | None], None],
    watch: ClockWatch,
) -> bool:
    """Run until the end, or until the registry was changed: then True.

    Whoever knocks while the parts start again waits in the listener's queue.
    """
    registry = registry_file.load(settings.registry.folder)
    rules = rules_file.load(settings.rules.file)
    leaving = load_outward(settings.outward.file)
    recorder = _recorder(settings.rules)
    clock = clock_of(settings.clock)
    _check_database(settings)
    database = Database(settings.store.database)
    with ExitStack() as stack:
        stack.callback(database.close)
        database.migrate()
        parts = Supervisor()
        wire = open_wire(settings.mqtt, database, stack)
        duty = replace(rules_of(settings.desk), is_elsewhere=leaving.province is not None)
        keeper = _keeper(settings, database, clock)
        sights = SightBook(database, registry, clock, keeper, rules, recorder, duty)
        flights = FlightBook(database, registry, clock, keeper, rules, duty, recorder)

        reloading = threading.Event()

        def stop_to_start_again() -> None:
            reloading.set()
            server.should_exit = True

        def start_again() -> None:
            threading.Timer(_ANSWER_FIRST_S, stop_to_start_again).start()

        def notify() -> None:
            web.state.live.notify()

        def take_sight(report: Report) -> None:
            if sights.take(report):
                notify()

        link = wire.link
        out = put_together(database, registry, link, clock, leaving, settings.documents.ticket_url)
        fleet = _fleet(settings, registry, database, clock, sights, take_sight)
        health = _health(settings, database, clock, watch, parts, link)
        drones = LiveDrones(settings.drones, settings.vision, flights, notify)
        web = create_app(
            database,
            registry,
            clock,
            settings.web,
            settings.clock.factor if settings.clock else 1.0,
            rules=rules,
            cameras=fleet,
            evidence=EvidenceStore(settings.vision.evidence),
            evidence_mib=settings.vision.evidence_budget_mib,
            desk_rules=duty,
            supervision=settings.supervision,
            documents=settings.documents,
            citizens=settings.citizens,
            releases=settings.releases,
            movers=drones.movers,
            flights=flights,
            registry_desk=RegistryDesk(settings.registry.folder, start_again),
            outward=leaving,
            links=out.couriers,
            health=health,
        )
        radio = Radio(settings.radio.ports, partial(_station_of, database), link.publish_values)
        ingest = Ingest(
            database,
            registry,
            clock,
            rules,
            recorder,
            Releases(settings.releases.folder),
            duty,
            Terms(out.sends_samples, _JUDGED_AT_ONCE),
        )
        server = ConsoleServer(web, settings.web)
        _start_intake(parts, link, radio, ingest, web.state.live.notify)
        wire.keep(parts)
        out.start(parts)
        for port in radio.ports:
            stack.callback(port.close)
        start_desk(parts, settings, web.state.console, watch)
        start_drones(parts, drones, stack)
        start_cameras(parts, fleet, database, clock, stack)
        stack.callback(parts.stop)
        retention = Retention(database, settings.retention, clock)
        keep_well(parts, settings, server, health, retention)
        say(address(settings.web, listener), ensure_setup_code(database, clock))
        server.run(sockets=[listener.dup()])
        return reloading.is_set()


def _start_intake(
    parts: Supervisor, link: Link, radio: Radio, ingest: Ingest, committed: Callable[[], None]
) -> None:
    """Frames of buoys, by the broker and by radio."""

    def take_in() -> None:
        link.pump(ingest, committed, 0 if ingest.is_behind else _WAIT_S)
        radio.pump(ingest, committed)
        if not link.has_more:
            ingest.catch_up()
        ingest.listen()

    parts.start(INTAKE, take_in)
    for port in radio.ports:
        parts.start(f"radio {port.name}", port.step)


def address(settings: WebSettings, listener: socket.socket) -> str:
    """Where the console is."""
    host, port = listener.getsockname()[:2]
    return f"{'http' if settings.https is None else 'https'}://{host}:{port}/"


def check_https(settings: WebSettings) -> None:
    """StartError where HTTPS is on and its certificate is missing or of no use."""
    if settings.https is None:
        return
    try:
        certificate = authority.read(settings.https / authority.SERVER)
    except (OSError, ValueError) as error:
        raise StartError(
            f"web.https = {settings.https}: no certificate there ({error}). Run: xunhe https"
        ) from error
    log.info("https: the certificate holds until %s", certificate.not_valid_after_utc.date())


def _check_database(settings: Settings) -> None:
    """StartError where the database cannot be used as it is; nothing of it is changed then."""
    if not is_file(settings.store.database):
        return
    path = file_at(settings.store.database)
    traces = settings.vision.evidence, settings.desk.head_folder
    try:
        soundness.look(path, traces, _CHECK_S, time.monotonic)
        before_upgrade.keep(path)
    except (UnsoundError, BackupError) as error:
        raise StartError(str(error)) from error


def _health(
    settings: Settings,
    database: Database,
    clock: Clock,
    watch: ClockWatch,
    parts: Supervisor,
    link: Link,
) -> Health:
    limits = Limits(
        settings.vision.evidence_budget_mib * 2**20,
        timedelta(hours=settings.backup.late_hours),
    )
    return Health(
        database,
        settings.vision.evidence,
        limits,
        clock,
        SystemClock(),
        watch,
        lambda: parts.failing,
        lambda: link.is_up,
    )


def _recorder(settings: RuleSettings) -> Recorder | None:
    """What takes everything down, where that is asked for."""
    if settings.recording is None:
        return None
    room = Room(settings.recording_mib * 2**20, settings.recordings_kept)
    return Recorder(settings.recording, rules_file.tables(settings.file), room)


def _keeper(settings: Settings, database: Database, clock: Clock) -> Keeper:
    store = EvidenceStore(settings.vision.evidence)
    budget = Budget(database, store, round(settings.vision.evidence_budget_mib * 2**20))
    budget.sweep(clock.now())
    return Keeper(budget)


def _fleet(
    settings: Settings,
    registry: Registry,
    database: Database,
    clock: Clock,
    sights: SightBook,
    keep: Callable[[Report], None],
) -> Fleet | None:
    """The cameras' workers, unless they are switched off."""
    if not settings.vision.enabled:
        return None
    with database.read() as connection:
        memories = cameras.memories(connection)
    rounds = DomeRounds(database, registry, clock, settings.supervision.patrols)

    def take(report: Report) -> None:
        keep(report)
        rounds.take(report)

    def know(changed: Registry) -> None:
        sights.know(changed)
        rounds.know(changed)

    folder = settings.registry.folder
    return Fleet(folder, registry, settings.vision, clock, take, sights.set_aside, memories, know)


def _station_of(database: Database, address: str) -> str | None:
    with database.read() as connection:
        device = devices.find(connection, address)
    return None if device is None else device.station


def clock_of(settings: ClockSettings | None) -> Clock:
    """The clock of a gateway with these settings."""
    if settings is None:
        return SystemClock()
    return ScaledClock(settings.wall_s, settings.river_s, settings.factor)


def listen(settings: WebSettings) -> socket.socket:
    """The console's listening socket. StartError where its port is taken."""
    # Named TCP: asyncio sets TCP_NODELAY only on sockets whose protocol says so, and without it
    # each answer of head and body waits 40 ms for the other side's delayed acknowledgement.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise StartError(
            f"the console cannot listen on {settings.host}:{settings.port}: {error.strerror}."
            " Stop the other program there or set another web.port."
        ) from error
    listener.listen()
    return listener
