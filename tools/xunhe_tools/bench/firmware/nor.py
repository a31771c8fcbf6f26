"""NOR flash in memory that tears: the operation in which the power goes is done in part only."""

import random
from collections.abc import Callable
from dataclasses import dataclass

_COUNT, _SIZE, _ERASE = 4, 5, 6  # ioctl numbers of MicroPython's block protocol


class PowerCut(Exception):  # noqa: N818  an event, not an error of the code under test
    """The power went during this operation."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A program of `data` at byte `at`, or the erase of the sector there (`data` None)."""

    at: int
    data: bytes | None


class Nor:
    """A program clears bits, an erase sets them. The block protocol of esp32.Partition.

    `before` is called with each operation before it is done. `cut_in`: so many operations from now
    (from 1) the power goes; 0: it stays.
    """

    def __init__(self, image: bytes, sector_size: int, rng: random.Random) -> None:
        self.data = bytearray(image)
        self.sector_size = sector_size
        self.cut_in = 0
        self.before: Callable[[Operation], None] | None = None
        self._rng = rng

    def readblocks(self, block: int, buf: bytearray, offset: int = 0) -> None:
        """Fill `buf` from a byte of a sector on."""
        at = block * self.sector_size + offset
        buf[:] = self.data[at : at + len(buf)]

    def writeblocks(self, block: int, buf: bytes, offset: int = 0) -> None:
        """Program bytes; what is 0 already stays 0."""
        self._operate(Operation(block * self.sector_size + offset, bytes(buf)))

    def ioctl(self, op: int, arg: int) -> int:
        """Number of sectors, their size, or the erase of one."""
        if op == _ERASE:
            self._operate(Operation(arg * self.sector_size, None))
        return {_COUNT: len(self.data) // self.sector_size, _SIZE: self.sector_size}.get(op, 0)

    def tear(self, operation: Operation) -> None:
        """Do a part of an operation, anything from nothing to all of it."""
        if operation.data is None:
            self._tear_erase(operation.at)
            return
        whole = self._rng.randrange(len(operation.data) + 1)
        self._program(operation.at, operation.data[:whole])
        if whole < len(operation.data):  # a byte with some of its bits programmed
            torn = operation.data[whole] | self._rng.randrange(256)
            self._program(operation.at + whole, bytes((torn,)))

    def _operate(self, operation: Operation) -> None:
        if self.before is not None:
            self.before(operation)
        if self.cut_in:
            self.cut_in -= 1
            if not self.cut_in:
                self.tear(operation)
                raise PowerCut
        if operation.data is None:
            self._erase(operation.at)
        else:
            self._program(operation.at, operation.data)

    def _program(self, at: int, data: bytes) -> None:
        for i in range(len(data)):
            self.data[at + i] &= data[i]

    def _erase(self, at: int) -> None:
        self.data[at : at + self.sector_size] = b"\xff" * self.sector_size

    def _tear_erase(self, at: int) -> None:
        """An erase cut short leaves bytes anywhere in any state between old and blank."""
        if self._rng.random() < 0.1:
            self._erase(at)
        for _ in range(self._rng.randrange(self.sector_size)):
            self.data[at + self._rng.randrange(self.sector_size)] |= self._rng.randrange(256)
