"""The processes of a demo run. They die with the demo, whatever ends it."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xunhe_tools.byte_code import LAUNCH, lay_out

_PR_SET_PDEATHSIG = 1  # Linux prctl(2)
_HEAP = "256k"


@dataclass(slots=True)
class Child:
    """A process with its log file; `start` again makes a new one with the same command."""

    name: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0

    def start(self) -> None:
        """Start it; what it prints is added to its log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603  our own commands
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
            )
        self.starts += 1

    @property
    def is_running(self) -> bool:
        """True while the process lives."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """SIGKILL: for a buoy, power lost."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self, patience_s: float = 10) -> None:
        """SIGTERM, and SIGKILL to what does not go."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.kill()

    def said(self) -> list[str]:
        """The lines of its log."""
        return self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []


def micropython() -> str | None:
    """Path of the real MicroPython; None where its wheel does not exist."""
    beside = Path(sys.executable).with_name("micropython")
    return str(beside) if beside.exists() else shutil.which("micropython")


def lay_out_firmware(folder: Path) -> Path:
    """What starts a buoy: byte code as on a real board, or the sources where nothing runs it."""
    return LAUNCH if micropython() is None else lay_out(folder)


def buoy_command(launch: Path, config: Path) -> list[str]:
    """Run the firmware under MicroPython, or its sources under CPython where there is none."""
    interpreter = micropython()
    if interpreter is None:
        return [sys.executable, str(launch), str(config)]
    return [interpreter, "-X", f"heapsize={_HEAP}", str(launch), str(config)]


def gateway_command(config: Path) -> list[str]:
    """Run the gateway as its user would."""
    return [sys.executable, "-m", "xunhe_tools", "run", "--config", str(config)]


def river_command(config: Path) -> list[str]:
    """Run the virtual river."""
    return [sys.executable, "-m", "xunhe_tools.virtual_river", str(config)]


def cameras_command(config: Path) -> list[str]:
    """Run the virtual river's cameras."""
    return [sys.executable, "-m", "xunhe_tools.virtual_river.cameras", str(config)]


def flight_command(folder: Path) -> list[str]:
    """Render the drone's film, report what is in it and take that to the desk; then it is over."""
    return [sys.executable, "-m", "xunhe_tools.demo.flight", str(folder)]


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
