"""What runs beside the intake: the desk's clock, cameras and rain, the certificate, the supply."""

import logging
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial

from xunhe.adapters import sd_notify, ups, ups_nut
from xunhe.adapters.camera.fleet import Fleet
from xunhe.adapters.desk_clock import DeskClock, provisional
from xunhe.adapters.desk_head import HeadKeeper
from xunhe.adapters.flights.live_drones import LiveDrones
from xunhe.adapters.health import Health, Limits
from xunhe.adapters.https import authority
from xunhe.adapters.notify.alarms import AlarmNotices
from xunhe.adapters.retention import Retention
from xunhe.adapters.store import rain
from xunhe.adapters.store.database import Database
from xunhe.adapters.supervision.rounds import Rounds
from xunhe.desk.notices import Book
from xunhe.domain.clock import Clock, SystemClock
from xunhe.domain.clock_watch import ClockWatch
from xunhe.outward_settings.file import OutwardFile
from xunhe.settings import Settings, UpsSettings, WebSettings
from xunhe.supervisor import PAUSE_S, Supervisor
from xunhe.web.console import Console
from xunhe.web.server import ConsoleServer
from xunhe.web.wording import GATEWAY_ALARMS

log = logging.getLogger(__name__)

_RAIN_EVERY_S = 10.0
_RENEWAL_S = 3600.0
_ROUND_S = 60.0
_SWEEP_S, _SWEEP_AGAIN_S = 3600.0, 0.5
_LOOK_S = 15.0  # an alarm is up within a minute
_CHECK_S = 24 * 3600.0


def clock_watch() -> ClockWatch:
    """Over this machine's clock; as long as it does not jump, it is taken for right."""
    return ClockWatch(SystemClock(), partial(time.clock_gettime, time.CLOCK_BOOTTIME))


def start_desk(parts: Supervisor, settings: Settings, console: Console, watch: ClockWatch) -> None:
    """What the desk does by itself: its own steps, the log's head, the supervisors' rounds. It
    rests while the clock is in doubt."""
    database, clock = console.database, console.clock
    desk_clock = DeskClock(database, console.desk)
    heads = HeadKeeper(database, settings.desk.head_folder, settings.desk.head_mail)
    rounds = Rounds(database, console.registry, settings.supervision, clock)
    _warn_of_the_calendar(database)

    def step_desk() -> None:
        if desk_clock.tick(clock.now()):
            console.live.notify()
        heads.tick(clock.now())
        console.citizens.reward_waiting(database, clock.now())

    def keep_desk() -> None:
        if not watch.jump():
            step_desk()
        parts.wait(PAUSE_S)

    def make_rounds() -> None:
        if not watch.jump():
            rounds.step()
        parts.wait(_ROUND_S)

    parts.start("desk", keep_desk)
    parts.start("rounds", make_rounds)


def keep_well(
    parts: Supervisor, settings: Settings, server: ConsoleServer, health: Health, old: Retention
) -> None:
    """The certificate, the supply, the gateway's own state, what has had its time."""
    keep_certificate(parts, settings.web, server)
    _watch_supply(parts, settings.ups, server)
    watch_over(parts, health)
    sweep_old(parts, old, health.watch)


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


def watch_over(parts: Supervisor, health: Health) -> None:
    """Look at the gateway itself, tell systemd that it lives, and once a day read every page of
    the database."""

    def look() -> None:
        health.look()
        sd_notify.notify("READY=1\nWATCHDOG=1")
        parts.wait(_LOOK_S)

    def check() -> None:
        health.check_database()
        parts.wait(_CHECK_S)

    parts.start("health", look)
    parts.start("integrity", check)


def tell_alarms(
    parts: Supervisor, settings: Settings, leaving: OutwardFile, health: Health
) -> None:
    """To the people whom the links' file names, where it names any."""
    if not leaving.recipient:
        return
    notices = AlarmNotices(
        health.database,
        Book(leaving.recipient, leaving.rota),
        lambda alarm: GATEWAY_ALARMS[alarm.value].zh + " " + GATEWAY_ALARMS[alarm.value].en,
        lambda alarm: settings.documents.runbook_url(alarm.value),
    )

    def tell() -> None:
        if health.newest is not None:
            notices.tell(health.newest)
        parts.wait(_LOOK_S)

    parts.start("alarm notices", tell)


def limits_of(settings: Settings) -> Limits:
    """From where on the gateway's own state is an alarm."""
    return Limits(
        settings.vision.evidence_budget_mib * 2**20,
        timedelta(hours=settings.backup.late_hours),
    )


def certificates(settings: Settings) -> Mapping[str, datetime]:
    """Until when each of this machine's certificates holds; one that cannot be read is left to
    whoever needs it."""
    folders = {"web": settings.web.https, "mqtt": settings.mqtt.secured}
    files = {n: folder / authority.SERVER for n, folder in folders.items() if folder is not None}
    return {
        n: authority.read(file).not_valid_after_utc for n, file in files.items() if file.exists()
    }


def sweep_old(parts: Supervisor, retention: Retention, watch: ClockWatch) -> None:
    """Forget what has had its time: batch by batch while there is some, else once an hour, and
    nothing while the clock is in doubt."""

    def sweep() -> None:
        has_more = not watch.jump() and retention.sweep()
        parts.wait(_SWEEP_AGAIN_S if has_more else _SWEEP_S)

    parts.start("retention", sweep)


def keep_certificate(parts: Supervisor, settings: WebSettings, server: ConsoleServer) -> None:
    """Look every hour whether the certificate ends soon."""
    folder, clock = settings.https, SystemClock()
    if folder is None:
        return

    def look() -> None:
        if authority.renew(folder, clock.now()):
            server.show_renewed()
            log.info("https: the certificate was renewed")
        parts.wait(_RENEWAL_S)

    parts.start("https", look)


def start_drones(parts: Supervisor, drones: LiveDrones, stack: ExitStack) -> None:
    """For each its MAVLink and its stream; at the end, what still flies is told as it stands."""
    stack.callback(drones.close)
    for drone in drones.each:
        parts.start(f"drone {drone.name} mavlink", drone.listen)
        parts.start(f"drone {drone.name} stream", drone.watch)


def start_cameras(
    parts: Supervisor, fleet: Fleet | None, database: Database, clock: Clock, stack: ExitStack
) -> None:
    """The cameras' workers, and what rain gauges tell them; none where cameras are off."""
    if fleet is None:
        return
    parts.start("cameras", fleet.step)
    parts.start("rain", lambda: _tell_rain(database, clock, fleet, parts))
    stack.callback(fleet.stop)


def _tell_rain(database: Database, clock: Clock, fleet: Fleet, parts: Supervisor) -> None:
    """What rain gauges have told excuses clear water at an outfall."""
    with database.read() as connection:
        fleet.take_rain(rain.now_mm_h(connection, clock.now()))
    parts.wait(_RAIN_EVERY_S)
