"""The processor of a virtual board: MicroPython's unix port in a terminal of its own.

It is started again as a board starts itself: the exit code says why it ended.
"""

import fcntl
import json
import os
import signal
import subprocess
import termios
import time
import tty
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xunhe_tools.demo.children import micropython

SOFT_RESET, DEEP_SLEEP, RESET, BOOTLOADER = 0, 43, 44, 45  # exit codes
# Ctrl-C where nothing catches it: before the start, or a second one while the first is handled.
_INTERRUPTED = (1, -signal.SIGINT)
_CTRL_A, _CTRL_B, _CTRL_C = b"\x01", b"\x02", b"\x03"
_WEDGED_S = 0.3
_BANNER = b"MPY: soft reboot\r\n"
_CHIP = Path(__file__).parent / "chip"


@dataclass(frozen=True, slots=True)
class Hardware:
    """What a virtual board is made of; `buses` is the section "virtual" of its firmware.

    Paths in it are this machine's own (as seen from outside).
    """

    folder: Path  # flash and RTC live here
    device: str = "02f00d000001"  # factory MAC address
    sectors: int = 384  # of the file system: what a flash of 4 MiB leaves
    heap: str = "512k"
    buses: Mapping[str, object] = field(default_factory=dict)

    @property
    def flash(self) -> Path:
        """The littlefs image."""
        return self.folder / "vfs.bin"

    @property
    def ring_log(self) -> Path:
        """The ring log's part of the flash."""
        return self.folder / "ringlog.bin"


class Processor:
    """Runs while `read` is called; a board that is off has none."""

    def __init__(self, hardware: Hardware) -> None:
        self._hardware = hardware
        self._watchdog = hardware.folder.absolute() / "watchdog"
        self._process: subprocess.Popen[bytes] | None = None
        self._master = -1
        self._held = bytearray()  # typed before it was ready
        self._is_ready = self._is_raw = self._was_interrupted = False
        self._locked_since_s: float | None = None
        self.starts = 0

    @property
    def is_on(self) -> bool:
        return self._process is not None

    @property
    def readable(self) -> list[int]:
        """What to wait on for bytes."""
        return [self._master] if self._process is not None else []

    def power_up(self) -> None:
        """From nothing: the friendly REPL, or main.py."""
        self._is_raw = False
        self._watchdog.unlink(missing_ok=True)
        self._start(runs_main=True)

    def power_off(self) -> None:
        """The power goes in the middle of whatever it did."""
        if self._process is not None:
            self._process.kill()
            self._reap()

    def write(self, data: bytes) -> None:
        """What the technician types."""
        self._held += data
        self._was_interrupted |= _CTRL_C in data
        for byte in data:  # raw paste says \x05A\x01 and is raw already
            if bytes([byte]) in (_CTRL_A, _CTRL_B):
                self._is_raw = bytes([byte]) == _CTRL_A
        if self._is_ready:
            self._pass_on()

    def read(self) -> tuple[bytes, int | None]:
        """(what it said, how it ended or None)."""
        if self._is_bitten():
            self.power_off()
            return b"", RESET
        if self._is_wedged():
            self.power_off()
            return b"", -signal.SIGINT
        said = self._said()
        if said and not self._is_ready:
            self._is_ready = True
            self._pass_on()
        if said or self._process is None or self._process.poll() is None:
            return said, None
        return b"", self._reap()

    def start_again(self, why: int) -> bytes:
        """After an exit; returns what the line sees of it."""
        if why == SOFT_RESET:
            self._start(runs_main=not self._is_raw)
            return _BANNER
        if why in _INTERRUPTED:
            self._is_raw = False
            self._start(runs_main=False)
            return _BANNER
        self.power_up()
        return b""

    # -- inside

    def _start(self, *, runs_main: bool) -> None:
        self._master, slave = os.openpty()
        _set_line(slave)
        os.set_blocking(self._master, False)
        command = [str(micropython()), "-X", f"heapsize={self._hardware.heap}"]
        self._process = subprocess.Popen(  # noqa: S603 (our own command)
            [*command, str(_CHIP / "start.py")],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, **self._environment(runs_main)},
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509 (one call, no locks)
        )
        os.close(slave)
        self.starts += 1
        self._is_ready = self._was_interrupted = False
        self._locked_since_s = None
        self._held.clear()
        if self._is_raw:
            self._held += _CTRL_A

    def _environment(self, runs_main: bool) -> dict[str, str]:
        hardware = self._hardware
        buses = {"flash": str(hardware.ring_log.absolute()), "flash_sectors": 64, "console": True}
        buses |= {"boot_file": "/data/boot"} | dict(hardware.buses)
        inside = {name: _inside(value) for name, value in buses.items()}
        return {
            "XUNHE_CHIP": str(_CHIP),
            "XUNHE_FLASH": str(hardware.flash.absolute()),
            "XUNHE_SECTORS": str(self._hardware.sectors),
            "XUNHE_RAW": "0" if runs_main else "1",
            "XUNHE_DEVICE": hardware.device,
            "XUNHE_WATCHDOG": str(self._watchdog),
            "XUNHE_BUOY_CONFIG": "/data/config.json",
            "XUNHE_BUOY_BUSES": json.dumps(inside),
        }

    def _is_bitten(self) -> bool:
        """machine.WDT leaves its milliseconds in a file whenever it is fed."""
        try:
            fed_s, timeout_ms = self._watchdog.stat().st_mtime, self._watchdog.read_text()
        except OSError:  # never armed since the last reset
            return False
        return timeout_ms.isdigit() and time.time() > fed_s + int(timeout_ms) / 1000

    def _is_wedged(self) -> bool:
        """The unix port raises KeyboardInterrupt in its signal handler: where that comes inside the
        allocator the heap stays locked, and the next allocation waits for ever. No board does so.
        """
        if self._process is None or not self._was_interrupted:
            return False
        if not _waits_for_a_lock(self._process.pid):
            self._locked_since_s = None
            return False
        now_s = time.monotonic()
        if self._locked_since_s is None:
            self._locked_since_s = now_s
        return now_s - self._locked_since_s > _WEDGED_S

    def _pass_on(self) -> None:
        try:
            taken = os.write(self._master, self._held) if self._held else 0
        except BlockingIOError:
            taken = 0
        del self._held[:taken]

    def _said(self) -> bytes:
        if self._process is None:
            return b""
        try:
            return os.read(self._master, 4096)
        except OSError:  # nothing yet, or it has ended
            return b""

    def _reap(self) -> int:
        process, self._process = self._process, None
        if process is None:
            return SOFT_RESET
        os.close(self._master)
        return process.wait()


def _waits_for_a_lock(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/wchan").read_text().startswith("futex")
    except OSError:  # a kernel that does not tell
        return False


def _inside(value: object) -> object:
    """A path of this machine as the firmware opens it, beside its own file system."""
    is_ours = isinstance(value, str) and value.startswith("/") and not value.startswith("/data/")
    return f"/host{value}" if is_ours else value


def _set_line(slave: int) -> None:
    """Raw, but Ctrl-C interrupts what runs, as USB does on a board."""
    tty.setraw(slave)
    mode = termios.tcgetattr(slave)
    mode[3] |= termios.ISIG
    termios.tcsetattr(slave, termios.TCSANOW, mode)


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
