"""The USB line of a virtual board: a terminal with a stable path, which can be pulled out.

As on a real line, what the board says while nobody has the port open is lost.
"""

import os
import select
import tty
from enum import StrEnum
from pathlib import Path

from xunhe_tools.virtual_river.serial_line import point

_PIECE = 4096


class Cut(StrEnum):
    """What pulling the cable takes from the board."""

    LINE = "line"  # a battery keeps the board running
    POWER = "power"  # the cable was its supply


class UsbLine:
    """The board's end. `cut_after(n)` lets n more bytes towards the board pass, then it is out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._master: int | None = None
        self._left: int | None = None
        self.received = 0  # bytes that came from the technician, of all plug-ins

    @property
    def is_plugged_in(self) -> bool:
        return self._master is not None

    @property
    def readable(self) -> list[int]:
        """What to wait on for bytes; nothing while nobody has the port open."""
        return [self._master] if self._master is not None and self.is_open else []

    @property
    def is_open(self) -> bool:
        """Somebody has the port open."""
        if self._master is None:
            return False
        poller = select.poll()
        poller.register(self._master, 0)
        return not poller.poll(0)

    def plug_in(self) -> None:
        """A new terminal behind the same path."""
        self.pull()
        self._master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(self._master, False)
        point(self.path, os.ttyname(slave))
        os.close(slave)

    def pull(self) -> None:
        """The port is gone, also for who has it open."""
        if self._master is not None:
            os.close(self._master)
            self._master = self._left = None
        self.path.unlink(missing_ok=True)

    def cut_after(self, size: int | None) -> None:
        """Pull the cable when so many more bytes have come; None: leave it in."""
        self._left = size

    def read(self) -> tuple[bytes, bool]:
        """(what the technician wrote, True when the cable is to be pulled now)."""
        if self._master is None:
            return b"", False
        try:
            data = os.read(self._master, _PIECE)
        except OSError:  # nothing there, or nobody has it open
            data = b""
        is_cut = self._left is not None and len(data) >= self._left
        if self._left is not None:
            data = data[: self._left]
            self._left -= len(data)
        self.received += len(data)
        return data, is_cut

    def write(self, data: bytes) -> None:
        """To whoever listens; a full buffer loses the rest, as a line without handshake does."""
        if self._master is None or not self.is_open:
            return
        try:
            os.write(self._master, data)
        except BlockingIOError:
            return
