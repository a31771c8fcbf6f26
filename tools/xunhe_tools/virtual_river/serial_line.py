"""One RS-485 line: two pseudo-terminals joined in this process, and what can go wrong between.

    buoy <tty> slave A | master A <-> this bridge <-> master B | slave B <tty> pymodbus

Both slave ends stay open here, so a master never sees EIO when the buoy closes its own end.
"""

from __future__ import annotations

import asyncio
import os
import random
import termios
import tty
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

# A Modbus slave ends a frame after 3.5 characters (4 ms at 9600 baud). A process that writes may be
# paused longer than that by the scheduler, which no UART would be; hence more, as USB adapters do.
FRAME_GAP_S = 0.020


@dataclass(frozen=True, slots=True)
class LineFaults:
    """A bad line: chances per bit or per byte, 0..1. `echo` returns the buoy's own bytes to it.

    The sequence of faults depends on `seed` and on the bytes so far, not on the clock.
    """

    seed: int = 0
    bit_error_rate: float = 0.0
    drop_rate: float = 0.0
    noise_rate: float = 0.0
    echo: bool = False

    def __post_init__(self) -> None:
        for name in ("bit_error_rate", "drop_rate", "noise_rate"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} {getattr(self, name)} is outside 0..1")


@dataclass(slots=True)
class Corruptor:
    """Disturbs the bytes of one direction."""

    faults: LineFaults
    direction: str
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        # Reproducible faults, not secrets.
        self._dice = random.Random(f"{self.faults.seed} {self.direction}")  # noqa: S311

    def __call__(self, data: bytes) -> bytes:
        """`data` as it arrives at the other end."""
        out, dice, faults = bytearray(), self._dice, self.faults
        for byte in data:
            if dice.random() < faults.noise_rate:
                out.append(dice.randrange(256))
            if dice.random() >= faults.drop_rate:
                flips = [1 << bit for bit in range(8) if dice.random() < faults.bit_error_rate]
                out.append(byte ^ sum(flips))
        return bytes(out)


_RATES = {
    getattr(termios, f"B{rate}"): rate for rate in (1200, 2400, 4800, 9600, 19200, 57600, 115200)
}


class Pty:
    """A raw pseudo-terminal with both ends open; the master end does not block."""

    def __init__(self) -> None:
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        self.path = os.ttyname(self._slave)

    def forget_unread(self) -> None:
        """Drop what the other end has not read: a UART that nobody listens to keeps nothing."""
        termios.tcflush(self._slave, termios.TCIFLUSH)

    def baud(self) -> int | None:
        """The rate that the other end set; None where it left the kernel's default."""
        speed = termios.tcgetattr(self._slave)[5]
        return None if speed == termios.B38400 else _RATES.get(speed, 0)

    def read(self) -> bytes:
        """What the slave end wrote since."""
        try:
            return os.read(self.master, 4096)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> int:
        """Number of bytes taken; a full buffer loses the rest, as a line without handshake does."""
        try:
            return os.write(self.master, data) if data else 0
        except BlockingIOError:
            return 0

    def close(self) -> None:
        """Hang up both ends."""
        os.close(self.master)
        os.close(self._slave)


class SerialLine:
    """The line of one buoy. `buoy_path` is stable, `probe_path` is for the slaves.

    `on_silence` is called before bytes of the buoy that follow a gap. Event-driven: costs nothing
    while nobody speaks. Needs a running event loop from `open` to `close`.
    """

    def __init__(
        self,
        directory: Path,
        station: str,
        faults: LineFaults | None = None,
        on_silence: Callable[[], None] = lambda: None,
    ) -> None:
        self._faults, self.on_silence = faults, on_silence
        self._buoy, self._probes = Pty(), Pty()
        self._to_probes, self._to_buoy = (
            Corruptor(faults, way) if faults else bytes for way in ("to probes", "to buoy")
        )
        self._heard_s = float("-inf")
        self.probe_path = self._probes.path
        self.buoy_path = directory / f"{station}.tty"
        point(self.buoy_path, self._buoy.path)

    def baud(self) -> int | None:
        """The buoy's baud rate; None where it set none."""
        return self._buoy.baud()

    def open(self) -> None:
        """Begin to carry bytes."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._buoy.master, self._from_buoy, loop)
        loop.add_reader(self._probes.master, self._from_probes)

    def _from_buoy(self, loop: asyncio.AbstractEventLoop) -> None:
        data, now_s = self._buoy.read(), loop.time()
        if now_s - self._heard_s > FRAME_GAP_S:
            self.on_silence()
        self._heard_s = now_s
        if self._faults is not None and self._faults.echo:
            self._buoy.write(data)
        self._probes.write(self._to_probes(data))

    def _from_probes(self) -> None:
        self._buoy.write(self._to_buoy(self._probes.read()))

    def close(self) -> None:
        """Take the line down and remove its stable path."""
        loop = asyncio.get_running_loop()
        for end in (self._buoy, self._probes):
            loop.remove_reader(end.master)
            end.close()
        self.buoy_path.unlink(missing_ok=True)


def point(link: Path, target: str) -> None:
    """Make `link` a symlink to `target` in one step, whatever a former run left there."""
    fresh = link.with_name(f"{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)
