"""How many quiet cameras this machine holds: real streams, real workers, scripted things.

The streams come from a process of their own, on the same cores, which says when each began. Found
means reported by a worker; the truth is the script of the rendering.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from xunhe.adapters import registry_file
from xunhe.adapters.camera.fleet import Fleet
from xunhe.adapters.camera.messages import Report, Seen, Told
from xunhe.domain.clock import SystemClock
from xunhe.domain.sight import Phase, Sight, SightKind
from xunhe.settings import VisionSettings
from xunhe_tools.bench.vision.footage import Footage
from xunhe_tools.demo.plan import REGISTRY

_CONNECT_S = 60.0
_GRACE_S = 8.0
_EARLY_S = 3.0  # before a thing is wholly in the picture, its edge is


@dataclass(frozen=True, slots=True)
class Load:
    """A run: `delays_s` from visible to reported, one for each thing that was found."""

    cameras: int
    things: int
    delays_s: tuple[float, ...]
    mib_per_camera: float
    busy_share: float  # of all cores, over the run


def run(footage: Footage, zones: Path, cameras: int) -> Load:
    """Watch `cameras` streams of the clip at once."""
    with _watching(footage, zones, cameras) as site:
        begun_s, cpu_s = time.monotonic(), _cpu_s(site.fleet.processes)
        _until(site.fleet, lambda: False, footage.seconds + _GRACE_S)
        spent_s = _cpu_s(site.fleet.processes) - cpu_s
        memory_mib = _pss_mib(site.fleet.processes)
        share = spent_s / (time.monotonic() - begun_s) / (os.cpu_count() or 1)
    delays = _delays(footage, site.began, site.ledger.opened)
    things = sum(begun_s is not None for begun_s in site.began.values()) * len(footage.appears_s)
    return Load(cameras, things, delays, memory_mib / cameras, share)


def soak(footage: Footage, zones: Path, cameras: int, seconds: float) -> list[float]:
    """Memory of the workers once a minute, MiB, while they watch the clip again and again."""
    with _watching(footage, zones, cameras) as site:
        end_s, memories_mib = time.monotonic() + seconds, []
        while time.monotonic() < end_s:
            _until(site.fleet, lambda: False, min(60.0, seconds))
            memories_mib.append(_pss_mib(site.fleet.processes))
    return memories_mib


@dataclass(frozen=True, slots=True)
class _Site:
    """Cameras that are watched, what the workers say, and when each clip began."""

    fleet: Fleet
    ledger: "_Ledger"
    began: dict[str, float | None]


@contextmanager
def _watching(footage: Footage, zones: Path, cameras: int) -> Iterator[_Site]:
    """So many streams, from when all are live."""
    with tempfile.TemporaryDirectory() as name, _street(footage) as (port, began):
        folder = Path(name)
        _lay_out(folder, port, cameras, zones)
        ledger = _Ledger()
        fleet = Fleet(
            folder,
            registry_file.load(folder),
            VisionSettings(),
            SystemClock(),
            ledger.take,
            ledger.take,
            {},
            lambda _: None,
        )
        try:
            _until(fleet, lambda: len(began) >= cameras and len(ledger.live) >= cameras, _CONNECT_S)
            yield _Site(fleet, ledger, began)
        finally:
            fleet.stop()


class _Ledger:
    """What the workers reported, and when."""

    def __init__(self) -> None:
        self.live: set[str] = set()
        self.opened: dict[str, list[float]] = {}

    def take(self, report: Report) -> None:
        """Note it with the time at which it came."""
        if isinstance(report, Told) and report.state == "live":
            self.live.add(report.camera)
        if isinstance(report, Seen):
            self._note(report.sight)

    def _note(self, sight: Sight) -> None:
        if sight.phase is Phase.OPENED and sight.kind is SightKind.LITTER:
            self.opened.setdefault(sight.camera, []).append(time.time())


def _delays(
    footage: Footage,
    began: dict[str, float | None],
    opened: dict[str, list[float]],
) -> tuple[float, ...]:
    """For each thing the first report after it became visible; the clip's first round counts.

    In a later round the same thing comes again, and belongs to the same incident.
    """
    delays = []
    for camera, begun_s in began.items():
        if begun_s is None:
            continue
        for appears_s in footage.appears_s:
            due_s = begun_s + appears_s
            after = [at_s - due_s for at_s in opened.get(camera, ()) if at_s >= due_s]
            delays += [min(after)] if after else []
    return tuple(delays)


def _until(fleet: Fleet, is_done: object, limit_s: float) -> None:
    end_s = time.monotonic() + limit_s
    while time.monotonic() < end_s and not (callable(is_done) and is_done()):
        fleet.step()


def _lay_out(folder: Path, port: int, cameras: int, zones: Path) -> None:
    for name in ("reaches.geojson", "duty.toml"):
        (folder / name).write_text((REGISTRY / name).read_text("utf-8"), "utf-8")
    (folder / "zones").mkdir()
    (folder / "zones/bench.json").write_text(zones.read_text("utf-8"), "utf-8")
    rows = [
        f"""[[camera]]
code = "C{number}"
name = "测试 {number}"
name_en = "bench {number}"
reach = "YX-1"
position_m = 800
lon_lat = [120.0, 30.0]
url = "http://127.0.0.1:{port}/C{number}"
zones = "zones/bench.json"
"""
        for number in range(cameras)
    ]
    (folder / "cameras.toml").write_text("\n".join(rows), "utf-8")


@contextmanager
def _street(footage: Footage) -> Iterator[tuple[int, dict[str, float | None]]]:
    """The streams' port, and when each camera's clip began, or would have: None without things."""
    quiet_s = min(footage.appears_s) - _EARLY_S
    module = "xunhe_tools.bench.vision.street"
    command = [sys.executable, "-m", module, str(footage.path), str(quiet_s)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
    lines = process.stdout
    if lines is None:
        raise RuntimeError("the street has no standard output")
    began: dict[str, float | None] = {}

    def listen() -> None:
        for line in lines:
            row = json.loads(line)
            begun_s = row["begun_s"] - row["from_s"]
            began.setdefault(row["camera"], begun_s if row["things"] else None)

    try:
        port = int(json.loads(lines.readline())["port"])
        threading.Thread(target=listen, daemon=True).start()
        yield port, began
    finally:
        process.kill()
        process.wait()


def _pss_mib(processes: list[int]) -> float:
    """Memory of the workers, shared pages counted by their share."""
    total_kib = 0
    for pid in processes:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
        total_kib += sum(int(line.split()[1]) for line in rollup.splitlines() if "Pss:" in line[:4])
    return total_kib / 1024


def _cpu_s(processes: list[int]) -> float:
    ticks = 0
    for pid in processes:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / 100  # Linux counts CPU time for programs in hundredths of a second
