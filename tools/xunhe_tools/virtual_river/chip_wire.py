"""I2C and 1-Wire over a PTY: what the virtual board sends, and which simulated chip answers.

    I2C      b"W" address n data → b"A" | b"N"      b"R" address n → b"A" data | b"N"
    1-Wire   b"Z" reset → b"A" | b"N"    b"P" byte → b"A"    b"G" → b"A" byte

A is the chip's acknowledgement, N that none is there; addresses, n and bytes are one byte each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from xunhe_tools.virtual_river.serial_line import Pty, point

ACK, NACK = b"A", b"N"

# Takes one whole request off the buffer and answers it; None where it is not whole yet.
Answer = Callable[[bytearray], bytes | None]


class I2cChip(Protocol):
    """A chip at one address; None or False: it does not acknowledge."""

    def write(self, data: bytes) -> bool:
        """Bytes written to it."""

    def read(self, size: int) -> bytes | None:
        """So many bytes read from it."""


class OneWireChip(Protocol):
    """A chip on the bus; it follows the ROM commands by itself."""

    def reset(self) -> None:
        """The reset pulse."""

    def write(self, byte: int) -> None:
        """A byte from the master."""

    def read(self) -> int:
        """A byte to the master: 0xFF where it has nothing to say."""


def take_i2c(chips: Mapping[int, I2cChip], buffer: bytearray) -> bytes | None:
    """Answer the first request in the buffer."""
    if len(buffer) < 3:
        return None
    kind, address, size = buffer[:3]
    end = 3 + (size if kind == ord("W") else 0)
    if len(buffer) < end:
        return None
    data = bytes(buffer[3:end])
    del buffer[:end]
    chip = chips.get(address)
    if chip is None:
        return NACK
    if kind == ord("W"):
        return ACK if chip.write(data) else NACK
    shown = chip.read(size)
    return NACK if shown is None else ACK + shown


def take_onewire(chips: Sequence[OneWireChip], buffer: bytearray) -> bytes | None:
    """Answer the first request in the buffer; several chips that talk at once and-wire."""
    size = 2 if buffer[:1] == b"P" else 1
    if len(buffer) < size:
        return None
    request = bytes(buffer[:size])
    del buffer[:size]
    if request == b"Z":
        for chip in chips:
            chip.reset()
        return ACK if chips else NACK
    if request == b"G":
        shown = 0xFF
        for chip in chips:
            shown &= chip.read()
        return ACK + bytes((shown,))
    for chip in chips:
        chip.write(request[-1])
    return ACK


class ChipWire:
    """One bus of one buoy, at a stable path. Needs a running event loop from `open` to `close`."""

    def __init__(self, path: Path, answer: Answer) -> None:
        self._pty, self._answer, self._buffer = Pty(), answer, bytearray()
        self.path = path
        point(path, self._pty.path)

    def open(self) -> None:
        """Begin to answer."""
        asyncio.get_running_loop().add_reader(self._pty.master, self._heard)

    def _heard(self) -> None:
        self._buffer += self._pty.read()
        while self._buffer and (shown := self._answer(self._buffer)) is not None:
            self._pty.write(shown)

    def close(self) -> None:
        """Take the bus down and remove its stable path."""
        asyncio.get_running_loop().remove_reader(self._pty.master)
        self._pty.close()
        self.path.unlink(missing_ok=True)
