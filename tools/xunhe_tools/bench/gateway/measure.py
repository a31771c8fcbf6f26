"""The figures of `xunhe bench gateway`.

readings_per_s              acknowledged in a second of one core's own time: speed.py
reading_to_ticket_p99_s     at 2,000 messages a second: alarms.py
kills, acknowledged_lost,   SIGKILL at random under that load: kills.py
duplicate_tickets, ready_s  (the slowest restart, to its first acknowledgement)
crash_states, crash_losses  power cuts: crashes.py
control_losses              the same with a store that breaks its promise: both kinds must lose
io_faults, io_fault_losses  calls of the disk that fail: faults.py
cross_device_allowed        topics of other devices that a broker opened: access_matrix.py
"""

import os
import platform
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xunhe_tools.bench.gateway import alarms, crashes, faults, kills, speed
from xunhe_tools.bench.gateway.access_matrix import cross_device_allowed
from xunhe_tools.bench.gateway.crashes import Crashed
from xunhe_tools.bench.gateway.site import RUN

MESSAGES_PER_S = 2000.0
_CARELESS = ("unsynced", "early")
_DEVICES = 100


@dataclass(frozen=True, slots=True)
class Form:
    """How much is tried."""

    kills: int
    crash_states: int
    control_states: int
    discharges: int
    io_faults: range


SHORT = Form(20, 5_000, 250, 100, range(1, 401, 8))
FULL = Form(500, 100_000, 2_000, 400, range(1, 2_001))


def measure(form: Form, seed: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Everything, one after another: a short form takes some seven minutes."""
    with tempfile.TemporaryDirectory(prefix="xunhe-bench-") as temporary:
        folder = Path(temporary)
        return {
            "seed": seed,
            "machine": f"{platform.machine()}, {os.cpu_count()} cores",
            "load_before": round(os.getloadavg()[0], 1),
            "messages_per_s": MESSAGES_PER_S,
            **_speed(_new(folder / "speed"), seed, say),
            **_alarms(_new(folder / "alarms"), form, seed, say),
            **_kills(_new(folder / "kills"), form, seed, say),
            **_crashes(_new(folder / "crashes"), form, seed, say),
            **_faults(_new(folder / "faults"), form, seed, say),
            "cross_device_allowed": cross_device_allowed(seed, _DEVICES, say),
        }


def _speed(folder: Path, seed: int, say: Callable[[str], None]) -> dict[str, Any]:
    found = speed.measure(folder, seed, say)
    return {
        "readings_per_s": round(found.readings_per_core_s),
        "readings_per_s_on_the_clock": round(found.readings_per_s),
        "judged_per_s": round(found.judged_per_s),
        "readings_n": found.n,
    }


def _alarms(folder: Path, form: Form, seed: int, say: Callable[[str], None]) -> dict[str, Any]:
    found = alarms.measure(folder, form.discharges, MESSAGES_PER_S, seed, say)
    return {
        "reading_to_ticket_p50_s": round(found.p50_s, 3),
        "reading_to_ticket_p99_s": round(found.p99_s, 3),
        "reading_to_ticket_n": found.n,
        "reading_to_ticket_missing": found.missing,
        "sent_per_s": round(found.messages_per_s),
        "unjudged_then": found.waiting,
    }


def _kills(folder: Path, form: Form, seed: int, say: Callable[[str], None]) -> dict[str, Any]:
    found = kills.kill_again_and_again(folder, form.kills, MESSAGES_PER_S, seed, say)
    return {
        "kills": form.kills,
        "acknowledged": found.acknowledged,
        "acknowledged_lost": found.verdict.lost + found.verdict.altered,
        "duplicate_tickets": found.verdict.duplicate_tickets,
        "ticketless": found.verdict.ticketless,
        "ready_s": round(max(found.ready_s), 2),
        "ready_median_s": round(sorted(found.ready_s)[len(found.ready_s) // 2], 2),
        "settled": found.is_settled,
    }


def _crashes(folder: Path, form: Form, seed: int, say: Callable[[str], None]) -> dict[str, Any]:
    say("记录一次运行并断电 / one life recorded, then power cuts")
    honest = _crash(folder, "honest", (), form.crash_states, seed, say)
    controls = {
        kind: _crash(folder, kind, (kind,), form.control_states, seed, say) for kind in _CARELESS
    }
    return {
        "crash_states": honest.states,
        "crash_losses": honest.losses,
        "crash_syncs": honest.syncs,
        "control_states": sum(control.states for control in controls.values()),
        "control_losses": sum(control.losses for control in controls.values()),
        **{f"control_losses_{kind}": control.losses for kind, control in controls.items()},
    }


def _crash(
    folder: Path,
    name: str,
    careless: tuple[str, ...],
    states: int,
    seed: int,
    say: Callable[[str], None],
) -> Crashed:
    command: tuple[str, ...] = RUN
    if careless:
        command = (sys.executable, "-m", "xunhe_tools.crash_states.careless", *careless)
    life = crashes.record_life(_new(folder / name), seed, command)
    return crashes.crash(life, states, seed, _new(folder / name / "found"), say)


def _faults(folder: Path, form: Form, seed: int, say: Callable[[str], None]) -> dict[str, Any]:
    found = faults.fail_each(folder, form.io_faults, seed, say)
    return {
        "io_faults": found.tried,
        "io_faults_reached": found.reached,
        "io_fault_losses": found.lost,
        "io_faults_unhealed": found.unhealed,
    }


def _new(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
