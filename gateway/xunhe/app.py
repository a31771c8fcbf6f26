"""The gateway, put together. The only module that knows everyone.

`run` supervises: a part that fails is logged, counted and started again after a pause.
"""

import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from fastapi import FastAPI

from xunhe.adapters import registry_file, rules_file, ups, ups_nut
from xunhe.adapters.broker import EmbeddedBroker
from xunhe.adapters.camera.fleet import Fleet
from xunhe.adapters.camera.messages import Report
from xunhe.adapters.desk_calendar_file import rules_of
from xunhe.adapters.desk_clock import DeskClock, provisional
from xunhe.adapters.desk_head import HeadKeeper
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.ingest import Ingest
from xunhe.adapters.mqtt import Link
from xunhe.adapters.outbox import send_waiting
from xunhe.adapters.proof import Keeper
from xunhe.adapters.radio import Radio
from xunhe.adapters.recording import Recorder
from xunhe.adapters.releases import Releases
from xunhe.adapters.sights import SightBook
from xunhe.adapters.store import cameras, devices, rain
from xunhe.adapters.store.accounts import ensure_setup_code
from xunhe.adapters.store.database import Database
from xunhe.adapters.supervision.rounds import Rounds
from xunhe.alerts.rulebook import RuleBook
from xunhe.desk.rules import DeskRules
from xunhe.desk.seats import seats_of
from xunhe.domain.clock import Clock, ScaledClock, SystemClock
from xunhe.domain.registry import Registry
from xunhe.settings import ClockSettings, RuleSettings, Settings, UpsSettings, WebSettings
from xunhe.web.application import create_app
from xunhe.web.console import Console
from xunhe.web.server import ConsoleServer

log = logging.getLogger(__name__)

_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_STOP_S = 5.0
_RAIN_EVERY_S = 10.0
_ROUND_S = 60.0


class StartError(RuntimeError):
    """The gateway cannot start; the message says why and what to do."""


def run(settings: Settings, say: Callable[[str, str | None], None]) -> None:
    """Run the gateway until SIGINT or SIGTERM.

    `say` gets the console's address and, as long as there is no administrator, the one-time code.
    """
    registry = registry_file.load(settings.registry.folder)
    rules = rules_file.load(settings.rules.file)
    recorder = _recorder(settings.rules)
    clock = clock_of(settings.clock)
    database = Database(settings.store.database)
    with ExitStack() as stack:
        stack.callback(database.close)
        database.migrate()
        listener = stack.enter_context(_listen(settings.web))
        if settings.mqtt.embedded:
            broker = EmbeddedBroker(settings.mqtt.host, settings.mqtt.port)
            broker.start()
            stack.callback(broker.stop)
        factor = settings.clock.factor if settings.clock else 1.0
        duty = rules_of(settings.desk)
        sights = _sights(settings, registry, database, clock, rules, duty, recorder)

        def take_sight(report: Report) -> None:
            if sights.take(report):
                web.state.live.notify()

        fleet = _fleet(settings, registry, database, clock, sights, take_sight)
        web = create_app(
            database,
            registry,
            clock,
            settings.web,
            factor,
            silent_intervals=rules.unheard.intervals,
            cameras=fleet,
            evidence=EvidenceStore(settings.vision.evidence),
            desk_rules=duty,
            supervision=settings.supervision,
            documents=settings.documents,
            citizens=settings.citizens,
            releases_folder=settings.releases.folder,
        )
        link = Link(settings.mqtt)
        link.start()
        stack.callback(link.stop)
        radio = Radio(settings.radio.ports, partial(_station_of, database), link.publish_values)
        releases = Releases(settings.releases.folder)
        ingest = Ingest(database, registry, clock, rules, recorder, releases, duty)
        parts = Supervisor()

        def take_in() -> None:
            link.pump(ingest, web.state.live.notify)
            radio.pump(ingest, web.state.live.notify)
            ingest.listen()

        def send_out() -> None:
            if not send_waiting(database, link, clock):
                parts.wait(_PAUSE_S)

        parts.start("ingest", take_in)
        parts.start("outbox", send_out)
        for port in radio.ports:
            stack.callback(port.close)
            parts.start(f"radio {port.name}", port.step)
        _start_desk(parts, settings, web.state.console)
        if fleet is not None:
            stack.callback(fleet.stop)
            parts.start("cameras", fleet.step)
            parts.start("rain", lambda: _tell_rain(database, clock, fleet, parts))
        stack.callback(parts.stop)
        host, port = listener.getsockname()[:2]
        say(f"http://{host}:{port}/", ensure_setup_code(database, clock))
        _serve(parts, settings, web, listener)


class Supervisor:
    """Runs each part again and again in a thread of its own until `stop`."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self.failures: dict[str, int] = {}

    def start(self, name: str, step: Callable[[], object]) -> None:
        """Repeat `step`; its errors are logged and counted, and do not end the part."""
        self.failures[name] = 0
        thread = threading.Thread(target=self._repeat, args=(name, step), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def wait(self, seconds: float) -> bool:
        """Sleep; True where the gateway is stopping."""
        return self._stopping.wait(seconds)

    def stop(self) -> None:
        """Let every part finish its step."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(_STOP_S)

    def _repeat(self, name: str, step: Callable[[], object]) -> None:
        pause_s = _PAUSE_S
        while not self._stopping.is_set():
            try:
                step()
                pause_s = _PAUSE_S
            except Exception:  # the one place: log, count, go on
                self.failures[name] += 1
                log.exception("part=%s failed %d times", name, self.failures[name])
                self._stopping.wait(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def _recorder(settings: RuleSettings) -> Recorder | None:
    """What takes everything down, where that is asked for."""
    if settings.recording is None:
        return None
    return Recorder(settings.recording, rules_file.tables(settings.file))


def _start_desk(parts: Supervisor, settings: Settings, console: Console) -> None:
    """What the desk does by itself: its own steps, the log's head, the supervisors' rounds."""
    database, clock = console.database, console.clock
    desk_clock = DeskClock(database, console.desk)
    heads = HeadKeeper(database, settings.desk.head_folder, settings.desk.head_mail)
    rounds = Rounds(database, seats_of(console.registry), settings.supervision, clock)
    _warn_of_the_calendar(database)

    def keep_desk() -> None:
        if desk_clock.tick(clock.now()):
            console.live.notify()
        heads.tick(clock.now())
        console.citizens.reward_waiting(database, clock.now())
        parts.wait(_PAUSE_S)

    def make_rounds() -> None:
        rounds.step()
        parts.wait(_ROUND_S)

    parts.start("desk", keep_desk)
    parts.start("rounds", make_rounds)


def _serve(parts: Supervisor, settings: Settings, web: FastAPI, listener: socket.socket) -> None:
    """Until a signal or the supply's guard ends it."""
    server = ConsoleServer(web, settings.web)
    _watch_supply(parts, settings.ups, server)
    server.run(sockets=[listener])


def _watch_supply(parts: Supervisor, settings: UpsSettings, server: ConsoleServer) -> None:
    """Ends the server, and with it the gateway, while the battery still lasts."""
    host = settings.host
    if host is None:
        return

    def end() -> None:
        server.should_exit = True

    ask = partial(ups_nut.look, host, settings.port, settings.name)
    guard = ups.Guard(settings, ask, time.monotonic, end)

    def watch() -> None:
        guard.step()
        parts.wait(settings.every_s)

    parts.start("ups", watch)


def _warn_of_the_calendar(database: Database) -> None:
    with database.read() as connection:
        count = provisional(connection)
    if count:
        log.warning(
            "%d deadlines are provisional: the calendar lacks a year; update chinesecalendar"
            " or set desk.calendar",
            count,
        )


def _sights(
    settings: Settings,
    registry: Registry,
    database: Database,
    clock: Clock,
    rules: RuleBook,
    duty: DeskRules,
    recorder: Recorder | None,
) -> SightBook:
    store = EvidenceStore(settings.vision.evidence)
    budget = Budget(database, store, round(settings.vision.evidence_budget_mib * 2**20))
    budget.sweep(clock.now())
    return SightBook(database, registry, clock, Keeper(budget), rules, recorder, duty)


def _tell_rain(database: Database, clock: Clock, fleet: Fleet, parts: Supervisor) -> None:
    """What rain gauges have told excuses clear water at an outfall."""
    with database.read() as connection:
        fleet.take_rain(rain.now_mm_h(connection, clock.now()))
    parts.wait(_RAIN_EVERY_S)


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
    folder = settings.registry.folder
    return Fleet(
        folder, registry, settings.vision, clock, keep, sights.set_aside, memories, sights.know
    )


def _station_of(database: Database, address: str) -> str | None:
    with database.read() as connection:
        device = devices.find(connection, address)
    return None if device is None else device.station


def clock_of(settings: ClockSettings | None) -> Clock:
    """The clock of a gateway with these settings."""
    if settings is None:
        return SystemClock()
    return ScaledClock(settings.wall_s, settings.river_s, settings.factor)


def _listen(settings: WebSettings) -> socket.socket:
    listener = socket.socket()
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
