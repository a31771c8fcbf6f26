"""A 4G modem on a pseudo-terminal that really opens the TCP connections it is asked for.

This file is what all makes share: power, echo, card, registration, clock, and what goes wrong.
`modem_dialects.py` has the commands of each make. A PTY has no power line: the board writes "1" or
"0" into a file beside it, which stands for the load switch.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from xunhe_tools.virtual_river.serial_line import Pty, point

_WATCH_S = 0.02

Handler = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ModemFaults:
    """What goes wrong. Rates are chances per line, 0..1; the sequence depends on `seed` alone."""

    seed: int = 0
    has_card: bool = True
    registration: tuple[int, ...] = (2, 1)  # told one after another, the last for ever
    chatter_rate: float = 0.0  # an unasked line before a line of an answer
    noise_rate: float = 0.0  # bytes that are no line before a line
    keeps_echo: bool = False
    hangs_after: int | None = None  # commands until it falls silent; new power helps
    hangs_again: bool = False  # after new power too
    drops_after_bytes: int | None = None  # from the peer; then the network ends the connection
    boot_s: float = 0.05
    clock: str = "26/11/22,18:15:30+32"


class RefusedError(Exception):
    """The command ends with ERROR."""


class Modem:
    """One modem; `path` is its terminal, `power_path` the file of its switch. See `open`."""

    commands: ClassVar[tuple[tuple[str, str], ...]] = (
        (r"AT", "_do_nothing"),
        (r"ATE([01])", "_do_echo"),
        (r"AT\+(?:CFUN=[01]|CTZU=1)", "_do_nothing"),
        (r"AT\+CPIN\?", "_do_card"),
        (r"AT\+(CEREG|CREG)\?", "_do_registration"),
        (r"AT\+CCLK\?", "_do_clock"),
    )
    greeting: ClassVar[tuple[str, ...]] = ("RDY", "SMS Ready")
    chatter: ClassVar[tuple[str, ...]] = ("+CSQ: 21,99", '*PSUTTZ: 2026,11,22,10,15,30,"+32",0')

    def __init__(self, directory: Path, faults: ModemFaults | None = None) -> None:
        self.faults = faults or ModemFaults()
        self._pty = Pty()
        self.path = directory / "modem.tty"
        self.power_path = directory / "modem.tty.power"
        point(self.path, self._pty.path)
        self._dice = random.Random(self.faults.seed)  # noqa: S311 (reproducible faults)
        self._data: asyncio.Future[bytes] | None = None
        self._power_ups = 0
        self.log: list[str] = []  # commands, for tests
        self._reset()

    def _reset(self) -> None:
        self._is_on = self._is_booted = False
        self._has_echo = True
        self._commands_seen = 0
        self._registered = 0
        self._buf = bytearray()
        self._data_size = 0

    # -- power and wire

    async def run(self) -> None:
        """Serve until cancelled."""
        loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        loop.add_reader(self._pty.master, self._hear)
        worker: asyncio.Task[None] | None = None
        try:
            while True:
                is_on = self._has_power()
                if is_on and not self._is_on:
                    self._is_on = True
                    self._power_ups += 1
                    worker = asyncio.create_task(self._live())
                elif self._is_on and not is_on:
                    await end(worker)
                    await self.hang_up()
                    self._reset()
                    self._lines = asyncio.Queue()
                await asyncio.sleep(_WATCH_S)
        finally:
            loop.remove_reader(self._pty.master)
            await end(worker)
            await self.hang_up()

    def close(self) -> None:
        """Remove the terminal."""
        self._pty.close()
        for path in (self.path, self.power_path):
            path.unlink(missing_ok=True)

    def _has_power(self) -> bool:
        try:
            told = self.power_path.read_text()
        except FileNotFoundError:
            return False
        return told == "1" if told else self._is_on  # empty: the board is just writing it

    async def _live(self) -> None:
        await asyncio.sleep(self.faults.boot_s)
        self._is_booted = True
        for line in self.greeting:
            self.say(line)
        while True:
            await self._obey(await self._lines.get())

    @property
    def _is_hung(self) -> bool:
        after = self.faults.hangs_after
        may = self._power_ups == 1 or self.faults.hangs_again
        return after is not None and may and self._commands_seen >= after

    def _hear(self) -> None:
        data = self._pty.read()
        if not self._is_booted or self._is_hung:
            return
        self._buf += data
        while self._buf:
            if self._data is not None and not self._data.done():
                if len(self._buf) < self._data_size:
                    return
                self._data.set_result(bytes(self._buf[: self._data_size]))
                del self._buf[: self._data_size]
                continue
            line, end, rest = self._buf.partition(b"\r")
            if not end:
                return
            self._buf = rest
            if self._has_echo:
                self._pty.write(bytes(line) + b"\r")
            self._lines.put_nowait(line.strip().decode("ascii", "replace"))

    # -- commands

    async def _obey(self, line: str) -> None:
        self.log.append(line)
        self._commands_seen += 1
        if self._is_hung:
            return
        for pattern, name in self.commands:
            if found := re.fullmatch(pattern, line):
                handler: Handler = getattr(self, name)
                try:
                    await handler(*found.groups())
                except RefusedError as error:
                    self.say(*error.args, "ERROR")
                return
        self.say("ERROR")

    def say(self, *lines: str) -> None:
        """Lines of an answer or unasked ones, with what the faults put before them."""
        for line in lines:
            if self._dice.random() < self.faults.noise_rate:
                self._pty.write(b"\x00\xff\xa5" + bytes(self._dice.choices(range(128, 256), k=3)))
                self._pty.write(b"\r\n")
            if self._dice.random() < self.faults.chatter_rate:
                self._pty.write(f"\r\n{self._dice.choice(self.chatter)}\r\n".encode())
            self._pty.write(f"\r\n{line}\r\n".encode())

    def say_data(self, header: str, data: bytes) -> None:
        """Data behind their header line, then OK."""
        self._pty.write(f"\r\n{header}\r\n".encode() + data)
        self.say("OK")

    async def prompt(self, size: int) -> bytes:
        """Ask for so many bytes."""
        self._data, self._data_size = asyncio.get_running_loop().create_future(), size
        self._pty.write(b"\r\n> ")
        return await self._data

    async def hang_up(self) -> None:
        """End whatever connections there are."""

    async def _do_nothing(self) -> None:
        self.say("OK")

    async def _do_echo(self, wanted: str) -> None:
        self._has_echo = wanted == "1" or self.faults.keeps_echo
        self.say("OK")

    async def _do_card(self) -> None:
        if not self.faults.has_card:
            self.say("+CME ERROR: 10")  # TS 27.007 9.2.1: SIM not inserted
            return
        self.say("+CPIN: READY", "OK")

    async def _do_registration(self, name: str) -> None:
        told = self.faults.registration
        status = told[min(self._registered, len(told) - 1)]
        self._registered += name == "CEREG"
        self.say(f"+{name}: 0,{status}", "OK")

    async def _do_clock(self) -> None:
        self.say(f'+CCLK: "{self.faults.clock}"', "OK")


async def end(task: asyncio.Task[None] | None) -> None:
    """Cancel a task, if there is one, and wait until it has ended."""
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
