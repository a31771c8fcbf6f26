"""A desk worker of a province, put together. All workers are equal and share one store.

Each takes parcels and serves pages; one of them, the one on duty, also sends notices out, makes the
supervisors' rounds and moves what the desk moves by itself.
"""

import logging
import os
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

import sqlalchemy as sa
from fastapi import FastAPI

from xunhe.adapters import registry_file, rules_file
from xunhe.adapters.desk_calendar_file import rules_of
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.health import Health
from xunhe.adapters.mqtt import Link
from xunhe.adapters.outbox.sources import Events
from xunhe.adapters.province.duty import Duty
from xunhe.adapters.province.frames import FrameDesk
from xunhe.adapters.province.intake import DeskIntake
from xunhe.adapters.province.jetstream import JetStreamLine
from xunhe.adapters.province.line import Line
from xunhe.adapters.province.shared import SharedLine
from xunhe.adapters.province.steps import StepDesk
from xunhe.adapters.province.worker import Worker
from xunhe.adapters.retention import Retention
from xunhe.adapters.store import gateways
from xunhe.adapters.store.accounts import ensure_setup_code
from xunhe.adapters.store.address import UnreachableError
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.incidents import IncidentBook
from xunhe.domain.clock import Clock, SystemClock
from xunhe.domain.clock_watch import ClockWatch
from xunhe.domain.network import Network
from xunhe.domain.registry import Registry
from xunhe.outward import Outward, put_together
from xunhe.outward_settings.file import OutwardFile, load_outward
from xunhe.parts import (
    certificates,
    clock_watch,
    keep_certificate,
    limits_of,
    start_desk,
    sweep_old,
    tell_alarms,
    watch_over,
)
from xunhe.settings import Settings, StreamSettings
from xunhe.start import StartError, address, check_https, clock_of, listen
from xunhe.supervisor import Supervisor
from xunhe.web.application import create_app
from xunhe.web.live import Live
from xunhe.web.server import ConsoleServer

log = logging.getLogger(__name__)

_IDLE_S = 1.0
_FORGET_EVERY_S = 3600.0


class OnDuty(Supervisor):
    """Parts that run in the one worker on duty only."""

    def __init__(self, duty: Duty) -> None:
        super().__init__()
        self._duty = duty

    def start(self, name: str, step: Callable[[], object]) -> None:
        """As the supervisor's, while on duty."""
        super().start(name, partial(self._while_on_duty, step))

    def _while_on_duty(self, step: Callable[[], object]) -> None:
        if self._duty.is_mine():
            step()
        else:
            self.wait(_IDLE_S)


class News:
    """Other workers commit too: pages look again when there is a new event."""

    def __init__(self, database: Database, live: Live, parts: Supervisor) -> None:
        self._database, self._live, self._parts = database, live, parts
        self._seen = 0

    def step(self) -> None:
        """Look once a second."""
        with self._database.read() as connection:
            newest = Events().newest(connection)
        if newest != self._seen:
            self._seen = newest
            self._live.notify()
        self._parts.wait(_IDLE_S)


def run(settings: Settings, say: Callable[[str, str | None], None]) -> None:
    """Run a worker until SIGINT or SIGTERM; `say` as for the gateway."""
    check_https(settings.web)
    registry = registry_file.load(settings.registry.folder)
    clock = clock_of(settings.clock)
    leaving = load_outward(settings.outward.file)
    with ExitStack() as stack:
        listener = stack.enter_context(listen(settings.web))
        database = _open(settings.store.database)
        stack.callback(database.close)
        line = _line(settings.stream)
        stack.callback(line.close)
        duty = Duty(database)
        stack.callback(duty.close)
        link = _link(settings, stack)
        parts, alone, watch = Supervisor(), OnDuty(duty), clock_watch()
        health = _health(settings, database, clock, watch, (parts, alone), line)
        out = put_together(database, registry, link, clock, leaving, settings.documents.ticket_url)
        web = _pages(settings, database, registry, clock, leaving, out, health)
        server = ConsoleServer(web, settings.web)
        live: Live = web.state.live
        intake = _intake(settings, database, registry, clock)
        worker = Worker(line, intake, settings.stream.batch, live.notify)
        parts.start("parcels", worker.step)
        parts.start("news", News(database, live, parts).step)
        keep_certificate(parts, settings.web, server)
        start_desk(alone, settings, web.state.console, watch)
        watch_over(parts, health)
        tell_alarms(alone, settings, leaving, health)
        sweep_old(alone, Retention(database, settings.retention, clock), watch)
        out.start(alone)
        alone.start("steps", partial(_forget_steps, alone, database, clock))
        stack.callback(alone.stop)
        stack.callback(parts.stop)
        stack.callback(database.bells.close)
        # One code for all workers: each new one would put the one before out of force.
        code = ensure_setup_code(database, clock) if duty.is_mine() else None
        say(address(settings.web, listener), code)
        server.run(sockets=[listener.dup()])


def _open(address: str) -> Database:
    """The shared store, as soon as it is there."""
    while True:
        try:
            return Database.open(address)
        except (UnreachableError, sa.exc.OperationalError) as error:
            log.error("store fails, waiting for it: %s", error)
            time.sleep(_IDLE_S)


def _line(settings: StreamSettings) -> Line:
    """The broker that the settings name. StartError where they name none; LineError."""
    if settings.nats:
        stream = JetStreamLine(settings)
        stream.start()
        return stream
    if settings.mqtt_host is None:
        raise StartError(
            "a desk worker needs stream.nats, or stream.mqtt_host: see docs/province.md"
        )
    shared = SharedLine(settings)
    shared.start()
    return shared


def _link(settings: Settings, stack: ExitStack) -> Link:
    """For the desk's messages to offices; they wait where no broker is named."""
    link = Link(settings.mqtt, f"xunhe-desk-{socket.gethostname()}-{os.getpid()}")
    if not settings.mqtt.embedded:
        link.start()
        stack.callback(link.stop)
    return link


def _intake(settings: Settings, database: Database, registry: Registry, clock: Clock) -> DeskIntake:
    rules, duty = rules_file.load(settings.rules.file), rules_of(settings.desk)
    book = IncidentBook(Network(registry), rules, duty)
    return DeskIntake(database, clock, FrameDesk(registry), StepDesk(registry, book))


def _pages(
    settings: Settings,
    database: Database,
    registry: Registry,
    clock: Clock,
    leaving: OutwardFile,
    out: Outward,
    health: Health,
) -> FastAPI:
    return create_app(
        database,
        registry,
        clock,
        settings.web,
        settings.clock.factor if settings.clock else 1.0,
        rules=rules_file.load(settings.rules.file),
        evidence=EvidenceStore(settings.vision.evidence),
        evidence_mib=settings.vision.evidence_budget_mib,
        desk_rules=rules_of(settings.desk),
        supervision=settings.supervision,
        documents=settings.documents,
        citizens=settings.citizens,
        releases=settings.releases,
        outward=leaving,
        links=out.couriers,
        health=health,
    )


def _health(
    settings: Settings,
    database: Database,
    clock: Clock,
    watch: ClockWatch,
    parts: tuple[Supervisor, Supervisor],
    line: Line,
) -> Health:
    own, alone = parts
    return Health(
        database,
        settings.vision.evidence,
        limits_of(settings),
        clock,
        SystemClock(),
        watch,
        lambda: own.failing | alone.failing,
        lambda: line.is_up,
        partial(certificates, settings),
    )


def _forget_steps(parts: Supervisor, database: Database, clock: Clock) -> None:
    with database.write() as connection:
        gateways.forget_steps(connection, clock.now())
    parts.wait(_FORGET_EVERY_S)
