"""The gateway, put together. The only module that knows everyone."""

import logging
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property, partial

from fastapi import FastAPI

from xunhe.adapters import registry_file, rules_file
from xunhe.adapters.camera.fleet import Fleet
from xunhe.adapters.camera.messages import Report
from xunhe.adapters.desk_calendar_file import rules_of
from xunhe.adapters.dome_rounds import DomeRounds
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.flights.intake import FlightBook
from xunhe.adapters.flights.live_drones import LiveDrones
from xunhe.adapters.health import INTAKE, Health
from xunhe.adapters.ingest import Ingest, Terms
from xunhe.adapters.proof import Keeper
from xunhe.adapters.radio import Radio
from xunhe.adapters.recording import Recorder, Room
from xunhe.adapters.registry_desk import RegistryDesk
from xunhe.adapters.releases import Releases
from xunhe.adapters.retention import Retention
from xunhe.adapters.sights import SightBook
from xunhe.adapters.store import cameras, devices
from xunhe.adapters.store.accounts import ensure_setup_code
from xunhe.adapters.store.database import Database
from xunhe.broker_parts import open_wire
from xunhe.domain.clock import SystemClock
from xunhe.domain.clock_watch import ClockWatch
from xunhe.domain.registry import Registry
from xunhe.outward import Outward, put_together
from xunhe.outward_settings.file import load_outward
from xunhe.parts import (
    certificates,
    clock_watch,
    keep_well,
    limits_of,
    start_cameras,
    start_desk,
    start_drones,
    tell_alarms,
)
from xunhe.settings import RuleSettings, Settings
from xunhe.start import address, check_database, check_https, clock_of, listen
from xunhe.supervisor import Supervisor
from xunhe.web.application import create_app
from xunhe.web.enrolment import enrolment
from xunhe.web.server import ConsoleServer

log = logging.getLogger(__name__)

_WAIT_S = 0.2  # for the first frame of a batch
_JUDGED_AT_ONCE = 50  # readings a transaction: what comes meanwhile does not wait much longer
_ANSWER_FIRST_S = 0.5  # whoever changed the registry gets his page before the parts start again


def run(settings: Settings, say: Callable[[str, str | None], None]) -> None:
    """Run the gateway until SIGINT or SIGTERM.

    `say` gets the console's address and, as long as there is no administrator, the one-time code.
    Whoever knocks while the parts start again waits in the listener's queue.
    """
    check_https(settings.web)
    with listen(settings.web) as listener, enrolment(settings.web):
        watch = clock_watch()
        while _run_once(settings, watch, listener, say):
            log.info("the registry was changed: starting again")


def _run_once(
    settings: Settings,
    watch: ClockWatch,
    listener: socket.socket,
    say: Callable[[str, str | None], None],
) -> bool:
    """Run until the end, or until the registry was changed: then True."""
    with ExitStack() as stack:
        gateway = Gateway(settings, watch, stack)
        gateway.start()
        say(address(settings.web, listener), ensure_setup_code(gateway.database, gateway.clock))
        gateway.server.run(sockets=[listener.dup()])
        return gateway.was_changed.is_set()


class Gateway:
    """Its parts, from the files to the pages; a part is made when another first asks for it.

    `stack` ends in reverse what was begun. Raises what a file, the database or the broker refuses.
    """

    def __init__(self, settings: Settings, watch: ClockWatch, stack: ExitStack) -> None:
        self._settings, self._watch, self._stack = settings, watch, stack
        self._registry = registry_file.load(settings.registry.folder)
        self._rules = rules_file.load(settings.rules.file)
        self._leaving = load_outward(settings.outward.file)
        self._duty = replace(
            rules_of(settings.desk), is_elsewhere=self._leaving.province is not None
        )
        self._recorder = _recorder(settings.rules)
        self._parts = Supervisor()
        self.clock = clock_of(settings.clock)
        self.was_changed = threading.Event()  # the registry: the parts must start again
        check_database(settings)
        self.database = Database(settings.store.database)
        stack.callback(self.database.close)
        self.database.migrate()
        self._wire = open_wire(settings.mqtt, self.database, stack)

    def start(self) -> None:
        """Everything that runs beside the pages."""
        console = self._web.state.console  # made before any part's thread asks for it
        self._start_intake()
        self._wire.keep(self._parts)
        self._outward.start(self._parts)
        start_desk(self._parts, self._settings, console, self._watch)
        start_drones(self._parts, self._drones, self._stack)
        start_cameras(self._parts, self._fleet, self.database, self.clock, self._stack)
        self._stack.callback(self._parts.stop)
        self._stack.callback(self.database.bells.close)
        retention = Retention(self.database, self._settings.retention, self.clock)
        keep_well(self._parts, self._settings, self.server, self._health, retention)
        tell_alarms(self._parts, self._settings, self._leaving, self._health)

    @cached_property
    def server(self) -> ConsoleServer:
        """The pages' server: it runs in the caller's thread."""
        return ConsoleServer(self._web, self._settings.web)

    # -- what comes in

    def _start_intake(self) -> None:
        """Frames of buoys, by the broker and by radio."""
        link, radio, ingest = self._wire.link, self._radio, self._ingest

        def take_in() -> None:
            link.pump(ingest, self._notify, 0 if ingest.is_behind else _WAIT_S)
            radio.pump(ingest, self._notify)
            if not link.has_more:
                ingest.catch_up()
            ingest.listen()

        self._parts.start(INTAKE, take_in)
        for port in radio.ports:
            self._parts.start(f"radio {port.name}", port.step)
            self._stack.callback(port.close)

    @cached_property
    def _radio(self) -> Radio:
        station_of = partial(_station_of, self.database)
        return Radio(self._settings.radio.ports, station_of, self._wire.link.publish_values)

    @cached_property
    def _ingest(self) -> Ingest:
        return Ingest(
            self.database,
            self._registry,
            self.clock,
            self._rules,
            self._recorder,
            Releases(self._settings.releases.folder),
            self._duty,
            Terms(self._outward.sends_samples, _JUDGED_AT_ONCE),
        )

    # -- what is seen

    @cached_property
    def _evidence(self) -> EvidenceStore:
        return EvidenceStore(self._settings.vision.evidence)

    @cached_property
    def _keeper(self) -> Keeper:
        room_bytes = round(self._settings.vision.evidence_budget_mib * 2**20)
        budget = Budget(self.database, self._evidence, room_bytes)
        budget.sweep(self.clock.now())
        return Keeper(budget)

    @cached_property
    def _sights(self) -> SightBook:
        return SightBook(
            self.database,
            self._registry,
            self.clock,
            self._keeper,
            self._rules,
            self._recorder,
            self._duty,
        )

    @cached_property
    def _flights(self) -> FlightBook:
        return FlightBook(
            self.database,
            self._registry,
            self.clock,
            self._keeper,
            self._rules,
            self._duty,
            self._recorder,
        )

    @cached_property
    def _drones(self) -> LiveDrones:
        settings = self._settings
        return LiveDrones(
            settings.drones,
            settings.vision,
            self._flights,
            self._notify,
            settings.registry.folder,
        )

    @cached_property
    def _fleet(self) -> Fleet | None:
        """The cameras' workers, unless they are switched off."""
        settings = self._settings
        if not settings.vision.enabled:
            return None
        with self.database.read() as connection:
            memories = cameras.memories(connection)
        rounds = DomeRounds(self.database, self._registry, self.clock, settings.supervision.patrols)

        def take(report: Report) -> None:
            if self._sights.take(report):
                self._notify()
            rounds.take(report)

        def know(changed: Registry) -> None:
            self._sights.know(changed)
            rounds.know(changed)

        return Fleet(
            settings.registry.folder,
            self._registry,
            settings.vision,
            self.clock,
            take,
            self._sights.set_aside,
            memories,
            know,
        )

    # -- what people see and what goes out

    @cached_property
    def _outward(self) -> Outward:
        return put_together(
            self.database,
            self._registry,
            self._wire.link,
            self.clock,
            self._leaving,
            self._settings.documents.ticket_url,
        )

    @cached_property
    def _health(self) -> Health:
        settings = self._settings
        return Health(
            self.database,
            settings.vision.evidence,
            limits_of(settings),
            self.clock,
            SystemClock(),
            self._watch,
            lambda: self._parts.failing,
            lambda: self._wire.link.is_up,
            partial(certificates, settings),
        )

    @cached_property
    def _web(self) -> FastAPI:
        settings = self._settings
        return create_app(
            self.database,
            self._registry,
            self.clock,
            settings.web,
            settings.clock.factor if settings.clock else 1.0,
            rules=self._rules,
            cameras=self._fleet,
            evidence=self._evidence,
            evidence_mib=settings.vision.evidence_budget_mib,
            desk_rules=self._duty,
            supervision=settings.supervision,
            documents=settings.documents,
            citizens=settings.citizens,
            releases=settings.releases,
            movers=self._drones.movers,
            flights=self._flights,
            registry_desk=RegistryDesk(settings.registry.folder, self._start_again),
            outward=self._leaving,
            links=self._outward.couriers,
            health=self._health,
        )

    def _notify(self) -> None:
        """Something was committed: pages look again."""
        self._web.state.live.notify()

    def _start_again(self) -> None:
        def stop() -> None:
            self.was_changed.set()
            self.server.should_exit = True

        threading.Timer(_ANSWER_FIRST_S, stop).start()


def _recorder(settings: RuleSettings) -> Recorder | None:
    """What takes everything down, where that is asked for."""
    if settings.recording is None:
        return None
    room = Room(settings.recording_mib * 2**20, settings.recordings_kept)
    return Recorder(settings.recording, rules_file.tables(settings.file), room)


def _station_of(database: Database, address: str) -> str | None:
    with database.read() as connection:
        device = devices.find(connection, address)
    return None if device is None else device.station
