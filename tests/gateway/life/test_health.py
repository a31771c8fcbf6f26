"""The gateway knows what is wrong with itself, says it to probes, pages, Prometheus and systemd."""

import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from tests.gateway.life.conftest import Gateway
from tests.gateway.web.console_server import serve
from tests.gateway.web.river_rows import NOW, SetClock, add_event
from xunhe.adapters import health as gateway_health
from xunhe.adapters import sd_notify
from xunhe.adapters.backup import keeping
from xunhe.adapters.health import (
    BLOCKING,
    FAILURES,
    INTAKE,
    LEAST_FREE_MIB,
    Alarm,
    Health,
    Limits,
)
from xunhe.adapters.store import deliveries, schema, upward
from xunhe.domain.clock_watch import ClockWatch
from xunhe.domain.outward import Message
from xunhe.supervisor import Supervisor

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@dataclass
class Watched:
    """A gateway's health with what a test may change of its world."""

    health: Health
    clock: SetClock
    wall: SetClock
    failing: dict[str, int] = field(default_factory=dict)
    broker: list[bool] = field(default_factory=lambda: [True])

    def alarms(self) -> set[Alarm]:
        return set(self.health.look().alarms)


@pytest.fixture
def watched(gateway: Gateway) -> Watched:
    clock, wall = SetClock(), SetClock()
    limits = Limits(evidence_bytes=2**20, backup_late=timedelta(hours=30))

    def since_1970_s() -> float:
        return wall.at.timestamp()

    watch = ClockWatch(wall, since_1970_s)
    health = Health(gateway.database, gateway.store.folder, limits, clock, wall, watch)
    made = Watched(health, clock, wall)
    health.failing = lambda: made.failing
    health.broker_is_up = lambda: made.broker[0]
    with gateway.database.write() as connection:
        keeping.note(connection, NOW)
    return made


@pytest.mark.parametrize(("left", "is_up"), [(timedelta(0), False), (-SECOND, True)])
def test_a_certificate_that_should_have_been_renewed_is_told(
    watched: Watched, left: timedelta, is_up: bool
) -> None:
    ends_at = watched.wall.at + gateway_health.CERTIFICATE_ENDS + left
    watched.health.certificates = lambda: {"web": ends_at}
    assert (Alarm.CERTIFICATE_ENDING in watched.alarms()) == is_up


@pytest.mark.parametrize(("more", "is_up"), [(timedelta(0), False), (SECOND, True)])
def test_what_waits_long_for_the_province_is_told(
    watched: Watched, more: timedelta, is_up: bool
) -> None:
    with watched.health.database.write() as connection:
        upward.add_frame(connection, "xunhe/v1/YX-S1/readings", b"frame", watched.clock.at)
    watched.clock.at += gateway_health.STUCK + more
    assert (Alarm.UPWARD_STUCK in watched.alarms()) == is_up


def test_a_gateway_that_is_well_raises_nothing(watched: Watched) -> None:
    reading = watched.health.look()
    assert reading.alarms == {}
    assert reading.is_ready
    assert reading.figures["database_bytes"] > 0


@pytest.mark.parametrize(("times", "is_up"), [(FAILURES - 1, False), (FAILURES, True)])
def test_a_part_that_fails_again_and_again_is_named(
    watched: Watched, times: int, is_up: bool
) -> None:
    watched.failing["rain"] = times
    assert (Alarm.PART_FAILING in watched.alarms()) is is_up
    assert watched.health.look().is_ready


def test_an_intake_that_keeps_failing_makes_it_unready(watched: Watched) -> None:
    watched.failing[INTAKE] = FAILURES
    assert watched.alarms() == {Alarm.INTAKE_FAILING}
    assert not watched.health.look().is_ready


def test_the_supervisor_forgets_a_failure_once_a_step_has_gone_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts, outcomes = Supervisor(), iter([OSError("first"), OSError("second"), None])
    seen: list[dict[str, int]] = []

    def step() -> None:
        seen.append(dict(parts.failing))
        outcome = next(outcomes, None)
        if outcome is not None:
            raise outcome
        if len(seen) == 4:
            parts._stopping.set()

    monkeypatch.setattr(parts._stopping, "wait", lambda _s: False)
    parts.failures["p"] = 0
    parts._repeat("p", step)
    assert seen == [{}, {"p": 1}, {"p": 2}, {}]
    assert parts.failures["p"] == 2


def test_a_broker_that_is_away_is_an_alarm_and_no_reason_to_be_unready(watched: Watched) -> None:
    watched.broker[0] = False
    assert watched.alarms() == {Alarm.BROKER_DOWN}
    assert watched.health.look().is_ready


@pytest.mark.parametrize(
    ("free", "is_up"), [(LEAST_FREE_MIB * 2**20 - 1, True), (LEAST_FREE_MIB * 2**20, False)]
)
def test_little_room_on_the_disk_is_an_alarm(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, free: int, is_up: bool
) -> None:
    usage = type("Usage", (), {"free": free})()
    monkeypatch.setattr(gateway_health.shutil, "disk_usage", lambda _: usage)
    assert (Alarm.DISK_NEARLY_FULL in watched.alarms()) is is_up


@pytest.mark.parametrize(("hours", "is_up"), [(30, False), (30.01, True)])
def test_a_late_backup_is_an_alarm(watched: Watched, hours: float, is_up: bool) -> None:
    watched.wall.at = NOW + timedelta(hours=hours)
    assert (Alarm.BACKUP_LATE in watched.alarms()) is is_up


def test_a_gateway_that_was_never_backed_up_says_so(gateway: Gateway, watched: Watched) -> None:
    with gateway.database.write() as connection:
        connection.execute(schema.counter.delete().where(schema.counter.c.name.like("backup%")))
    assert watched.alarms() == {Alarm.BACKUP_LATE}


def test_a_clock_that_went_back_is_an_alarm(gateway: Gateway, watched: Watched) -> None:
    with gateway.database.write() as connection:
        add_event(connection, "x", {})
    watched.clock.at = NOW - timedelta(minutes=10)
    assert watched.alarms() == set()
    watched.clock.at = NOW - timedelta(minutes=10, seconds=1)
    assert watched.alarms() == {Alarm.CLOCK_BEHIND}


def test_a_clock_that_was_set_while_the_gateway_runs_is_an_alarm(watched: Watched) -> None:
    watched.health.watch.seconds = NOW.timestamp
    watched.wall.at = NOW + timedelta(minutes=10)
    assert watched.alarms() == set()
    watched.wall.at = NOW + timedelta(minutes=20, seconds=1)
    assert watched.alarms() == {Alarm.CLOCK_JUMPED}
    watched.wall.at = NOW
    assert watched.alarms() == set()


def test_evidence_near_its_budget_is_an_alarm(gateway: Gateway, watched: Watched) -> None:
    with gateway.database.write() as connection:
        connection.execute(schema.evidence.update().values(size=2**18))
    assert watched.alarms() == set()
    with gateway.database.write() as connection:
        connection.execute(schema.evidence.update().values(size=2**19))
    assert watched.alarms() == {Alarm.EVIDENCE_FULL}


def test_deliveries_that_wait_too_long_or_were_put_aside_are_an_alarm(
    gateway: Gateway, watched: Watched
) -> None:
    with gateway.database.write() as connection:
        fresh = Message("k0", "ticket", NOW - timedelta(minutes=59), {})
        deliveries.add(connection, "webhook.city", [fresh], NOW)
    assert watched.alarms() == set()
    with gateway.database.write() as connection:
        deliveries.failed(connection, 1, "HTTP 410", None)
    assert watched.alarms() == {Alarm.OUTBOX_STUCK}


def test_a_deadline_without_a_calendar_is_an_alarm(gateway: Gateway, watched: Watched) -> None:
    with gateway.database.write() as connection:
        connection.execute(schema.ticket.update().values(due_is_provisional=True))
    assert watched.alarms() == {Alarm.CALENDAR_MISSING}


def test_a_database_that_takes_nothing_is_an_alarm_and_heals_by_itself(
    gateway: Gateway, watched: Watched
) -> None:
    @sa.event.listens_for(gateway.database._pools.writer, "before_cursor_execute")
    def full(*_: object) -> None:
        raise sa.exc.OperationalError("UPDATE", {}, Exception("database or disk is full"))

    assert watched.alarms() == {Alarm.DATABASE_NOT_WRITABLE}
    assert not watched.health.look().is_ready
    sa.event.remove(gateway.database._pools.writer, "before_cursor_execute", full)
    assert watched.alarms() == set()


def test_a_page_that_went_bad_while_running_is_an_alarm(gateway: Gateway, watched: Watched) -> None:
    watched.health.check_database()
    assert watched.alarms() == set()
    gateway.database.close()
    path = gateway.database.path
    data = bytearray(path.read_bytes())
    data[-4096:] = b"\xff" * 4096
    copy = path.with_name("copy.sqlite3")
    shutil.copy(path, copy)
    path.write_bytes(data)
    watched.health.check_database()
    shutil.copy(copy, path)
    assert Alarm.DATABASE_BROKEN in watched.alarms()


def test_an_alarm_is_logged_when_it_comes_and_when_it_goes(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    watched.broker[0] = False
    watched.health.look()
    watched.health.look()
    watched.broker[0] = True
    watched.health.look()
    said = [record.getMessage() for record in caplog.records]
    assert said == ["alarm=broker_down: MQTT", "alarm=broker_down is over"]


@pytest.fixture
def client(gateway: Gateway, watched: Watched) -> Iterator[httpx.Client]:
    with serve(gateway.database, health=watched.health) as served, served.member() as client:
        yield client


def test_the_probes_need_no_account_and_tell_nothing_but_names(
    client: httpx.Client, watched: Watched
) -> None:
    url = str(client.base_url)
    assert httpx.get(url + "/health/live", trust_env=False, timeout=60).json() == {"live": True}
    assert (
        httpx.get(url + "/health/ready", trust_env=False, timeout=60).status_code == 503
    )  # not looked yet
    watched.health.look()
    answer = httpx.get(url + "/health/ready", trust_env=False, timeout=60)
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "alarms": []})
    watched.failing[INTAKE] = FAILURES
    watched.broker[0] = False
    watched.health.look()
    answer = httpx.get(url + "/health/ready", trust_env=False, timeout=60)
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "alarms": ["intake_failing"]}


def test_the_page_shows_what_is_wrong_first_with_its_section_of_the_runbook(
    client: httpx.Client, watched: Watched
) -> None:
    watched.broker[0] = False
    watched.health.look()
    page = client.get("/gateway").text
    assert page.index("broker_down") < page.index("database_broken")
    for alarm in Alarm:
        assert f'href="/runbook#{alarm.value}"' in page
    runbook = client.get("/runbook").text
    for alarm in Alarm:
        assert f'id="{alarm.value}"' in runbook


def test_what_keeps_readings_out_is_what_makes_it_unready() -> None:
    assert {
        Alarm.DATABASE_BROKEN,
        Alarm.DATABASE_NOT_WRITABLE,
        Alarm.INTAKE_FAILING,
    } == BLOCKING


def test_systemd_is_told_where_it_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not sd_notify.notify("READY=1")
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))
        assert sd_notify.notify("READY=1\nWATCHDOG=1")
        assert listener.recv(100) == b"READY=1\nWATCHDOG=1"
    path.unlink()
    assert not sd_notify.notify("READY=1")
