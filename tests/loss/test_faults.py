"""The broker goes, the clock jumps, the disk is full: nothing is lost, and nobody has to help.

One gateway for all, since its start takes seconds; each test leaves it well. A camera's worker that
is killed: tests/gateway/camera/test_fleet_processes.py.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.loss.trial import BUOYS, LONG_S, Trial, trial
from xunhe_tools.bench.gateway.checker import Verdict
from xunhe_tools.crash_states.library import set_clock, shifting

HOUR = 60  # readings of a buoy
SMALL = "32m"
LITTLE_MIB, NONE_MIB = 64, 2  # beside what the gateway has when the limit begins
TEN_YEARS_S = 3652 * 86400
NOTHING_WRONG = Verdict(lost=0, altered=0, duplicate_tickets=0, ticketless=0)
DESK = "SELECT * FROM ticket", "SELECT * FROM incident", "SELECT * FROM desk_log"

pytestmark = pytest.mark.timeout(4 * LONG_S)


@dataclass(frozen=True, slots=True)
class World:
    """A gateway with a ticket, on a disk of its own where this user may mount one."""

    trial: Trial
    shift: Path
    has_small_disk: bool


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    disk, shift = tmp_path_factory.mktemp("disk"), tmp_path_factory.mktemp("clock") / "shift"
    with ExitStack() as stack:
        is_small = stack.enter_context(mounted(disk))
        running = stack.enter_context(trial(disk, shifting(shift)))
        running.fleet.pollute()
        running.fleet.measure(HOUR)
        assert running.is_settled()
        running.wait_until(lambda: running.verdict() == NOTHING_WRONG, "the ticket")
        yield World(running, shift, is_small)


@contextmanager
def mounted(folder: Path) -> Iterator[bool]:
    """A small file system on this folder; False where that is not allowed."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)]
    is_mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def limited(pid: int, mib: int) -> Iterator[None]:
    """This process may have so much more memory; beyond it, Linux kills it. Skips without cgroups
    of version 1, which leave what a process has already to where it came from."""
    group = Path(f"/sys/fs/cgroup/memory/xunhe-{os.getpid()}")
    try:
        group.mkdir()
    except OSError:
        pytest.skip("only root may limit memory, by cgroups of version 1")
    (group / "memory.limit_in_bytes").write_text(str(mib * 2**20))
    (group / "cgroup.procs").write_text(str(pid))
    try:
        yield
    finally:
        if Path(f"/proc/{pid}").exists():
            (group.parent / "cgroup.procs").write_text(str(pid))
        group.rmdir()


def fill(disk: Path) -> Path:
    """A file that leaves no room."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    assert shutil.disk_usage(disk).free == 0
    return ballast


def test_a_full_disk_takes_no_word_that_it_does_not_keep_and_heals_when_there_is_room(
    world: World,
) -> None:
    if not world.has_small_disk:
        pytest.skip("only root may mount a small disk")
    gateway = world.trial
    gateway.load(1)
    ballast = fill(gateway.site.folder)
    gateway.load_until(lambda: not gateway.is_ready(), "the alarm of the full disk")
    assert gateway.load(1) == 0
    assert any(buoy.waiting for buoy in gateway.fleet.buoys.values())
    assert gateway.verdict() == NOTHING_WRONG
    ballast.unlink()
    assert gateway.is_settled()
    gateway.wait_until(gateway.is_ready, "the end of the alarm")
    assert gateway.verdict() == NOTHING_WRONG


def test_an_hour_without_the_broker_comes_afterwards_and_whole(world: World) -> None:
    gateway = world.trial
    before = len(gateway.fleet.ledger.readings)
    gateway.kill_broker()
    gateway.fleet.measure(HOUR)
    gateway.start_broker()
    assert gateway.is_settled()
    assert len(gateway.fleet.ledger.readings) == before + BUOYS * HOUR
    assert gateway.verdict() == NOTHING_WRONG


@pytest.mark.slow  # MQTT gives a broker that says nothing 45 s
def test_a_broker_that_hangs_is_given_up_and_found_again(world: World) -> None:
    gateway = world.trial
    gateway.broker.send_signal(signal.SIGSTOP)
    gateway.wait_until(lambda: "broker_down" in gateway.alarms(), "the alarm of the broker")
    gateway.fleet.measure(HOUR)
    gateway.broker.send_signal(signal.SIGCONT)
    assert gateway.is_settled()
    gateway.wait_until(lambda: "broker_down" not in gateway.alarms(), "the end of the alarm")
    assert gateway.verdict() == NOTHING_WRONG


def test_a_clock_that_jumps_by_ten_years_and_back_moves_nothing_on_the_desk(world: World) -> None:
    gateway, ledger = world.trial, world.trial.fleet.ledger
    before = [gateway.rows(table) for table in DESK]
    set_clock(world.shift, TEN_YEARS_S)
    gateway.load_until(lambda: "clock_jumped" in gateway.alarms(), "the alarm of the clock")
    assert gateway.is_settled()  # all of it is late, and kept
    set_clock(world.shift, -TEN_YEARS_S)
    gateway.load(2)
    assert gateway.fleet.settle(LONG_S)
    set_clock(world.shift, 0)
    gateway.refused = set(ledger.refused)
    assert gateway.refused
    assert gateway.rows("SELECT DISTINCT reason FROM rejected") == [("time_future",)]
    gateway.wait_until(lambda: "clock_jumped" not in gateway.alarms(), "the end of the alarm")
    gateway.load(1)
    assert gateway.is_settled()
    assert [gateway.rows(table) for table in DESK] == before
    assert gateway.verdict() == NOTHING_WRONG


def test_little_memory_is_enough(world: World) -> None:
    gateway = world.trial
    assert gateway.site.gateway is not None
    with limited(gateway.site.gateway.pid, LITTLE_MIB):
        gateway.fleet.measure(HOUR)
        gateway.load(2)
        assert gateway.is_settled()
        assert gateway.is_ready()
    assert gateway.verdict() == NOTHING_WRONG


@pytest.mark.slow  # another start of the gateway
def test_a_gateway_that_is_ended_for_want_of_memory_keeps_its_word_when_it_is_back(
    world: World,
) -> None:
    gateway = world.trial
    assert gateway.site.gateway is not None
    with limited(gateway.site.gateway.pid, NONE_MIB):
        until_s = time.monotonic() + LONG_S
        while gateway.site.is_alive and time.monotonic() < until_s:
            gateway.fleet.measure(HOUR)
            gateway.load(1)
    assert gateway.site.gateway.poll() == -signal.SIGKILL
    gateway.site.start()
    gateway.site.wait_connected()
    assert gateway.is_settled()
    gateway.wait_until(lambda: gateway.verdict() == NOTHING_WRONG, "the same tickets")
