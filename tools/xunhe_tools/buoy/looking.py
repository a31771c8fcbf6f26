"""What is on a port, found out without stopping a buoy that runs.

First the console is asked, which a buoy answers and a REPL echoes; then a REPL that somebody left
in its raw mode; then the ROM bootloader.
"""

import json
import time
from dataclasses import dataclass, replace
from enum import StrEnum

import serial

from xunhe_tools.buoy import layout
from xunhe_tools.buoy.console import Console
from xunhe_tools.buoy.errors import AGAIN, BuoyError, CableError, PortError
from xunhe_tools.buoy.installing import slots
from xunhe_tools.buoy.port import Port, open_port
from xunhe_tools.buoy.repl import Repl

_LISTEN_S = 1.0
_ASK_S = 4.0  # a buoy in the middle of a measurement answers later
_SYNC = bytes.fromhex("c0000824000000000007071220") + b"\x55" * 32 + b"\xc0"
_EMPTY = (b"invalid header: 0x", b"waiting for download")  # what a chip without a program says
_SYNC_REPLY = b"\xc0\x01\x08"


class Kind(StrEnum):
    """What answers on a port."""

    BOOTLOADER = "bootloader"
    MICROPYTHON = "micropython"
    FLASHED = "flashed"  # the firmware is on it, it has no configuration
    BUOY = "buoy"
    SILENT = "silent"
    CLOSED = "closed"  # the port does not open


@dataclass(frozen=True, slots=True)
class Found:
    """A port and what is on it. `trouble` and `next_step` are for people, empty if all is well."""

    port: Port
    kind: Kind
    device: str = ""
    board: str = ""  # folder under boards/
    station: str = ""
    version: str = ""
    release: int | None = None
    fingerprint: str = ""  # of the buoy's key
    pending: int | None = None  # readings that were not sent yet
    trouble: str = ""
    next_step: str = ""


def look(port: Port) -> Found:
    """Look at one port; a port that does not open is told, not raised."""
    try:
        heard = _listen(port.path)
        if heard is _Answer.BUOY:
            return _buoy(port)
        if heard is _Answer.REPL:
            return _micropython(port)
    except PortError as error:
        return Found(port, Kind.CLOSED, trouble=error.happened, next_step=error.next_step)
    except BuoyError as error:
        return Found(port, Kind.SILENT, trouble=error.happened, next_step=error.next_step)
    if heard is _Answer.BOOTLOADER:
        return Found(port, Kind.BOOTLOADER, next_step="xunhe buoy flash --image FILE")
    return Found(
        port,
        Kind.SILENT,
        trouble="没有回答：在休眠，或不是浮标 / no answer: asleep, or no buoy",
        next_step="开盖或按复位键，再看 / open the lid or press reset, and look again",
    )


class _Answer(StrEnum):
    BUOY = "buoy"
    REPL = "repl"
    BOOTLOADER = "bootloader"
    NOTHING = "nothing"


def _listen(path: str) -> _Answer:
    """Who answers."""
    with open_port(path, read_s=0.1) as port:
        try:
            return _who(port)
        except (serial.SerialException, OSError) as error:
            raise CableError(f"{path} 断了 / is gone ({error})", AGAIN) from None


def _who(port: serial.Serial) -> _Answer:
    question = json.dumps({"do": "config", "id": 0}).encode() + b"\r\n"
    said = _hear(port, question, (b'{"', b">>> "))
    if b'"ok"' in said:
        return _Answer.BUOY
    if b">>> " in said or b">>> " in _hear(port, b"\r\x02", (b">>> ",)):
        return _Answer.REPL
    if any(word in said for word in _EMPTY):
        return _Answer.BOOTLOADER
    if said.strip():  # it talks, and may be busy: it is given more time
        return _Answer.BUOY
    return (
        _Answer.BOOTLOADER if _SYNC_REPLY in _hear(port, _SYNC, (_SYNC_REPLY,)) else _Answer.NOTHING
    )


def _hear(port: serial.Serial, question: bytes, until: tuple[bytes, ...]) -> bytes:
    """What comes after a question, until one of the words or the time is up."""
    port.write(question)
    deadline_s = time.monotonic() + _LISTEN_S
    said = b""
    while time.monotonic() < deadline_s:
        said += bytes(port.read(max(1, port.in_waiting)))
        if any(word in said.replace(question.strip(), b"") for word in until):
            return said + bytes(port.read(max(1, port.in_waiting)))
    return said


def _buoy(port: Port) -> Found:
    with Console(port.path) as console:
        about = console.ask({"do": "config"}, _ASK_S)
        status = console.ask({"do": "log"}, _ASK_S)["status"]
        release = console.ask({"do": "update"}, _ASK_S).get("newest")
    return Found(
        port,
        Kind.BUOY,
        about["device"],
        about["board"],
        about["station"],
        about["firmware"],
        release,
        about.get("fingerprint", ""),
        status["pending"],
    )


def _micropython(port: Port) -> Found:
    with Repl(port.path, guard_s=None) as repl:
        device, about = repl.hardware_id(), repl.port_name()
        now = slots(repl)
        is_provisioned = repl.read(layout.CONFIG) is not None
        board = layout.board_of(about)
    found = Found(port, Kind.FLASHED, device, board, release=now.newest)
    if now.confirmed == "factory":
        return replace(found, kind=Kind.MICROPYTHON, version=about, next_step="xunhe buoy flash")
    if not is_provisioned:
        return replace(found, next_step="xunhe buoy provision")
    trouble = "程序被中断，停在 REPL / its program was interrupted and stands in the REPL"
    return replace(found, trouble=trouble, next_step="按复位键 / press reset: mpremote reset")
