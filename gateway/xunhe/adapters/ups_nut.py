"""One look at an uninterruptible power supply through a NUT server (RFC 9271), on TCP.

    → GET VAR <name> ups.status          ← VAR <name> ups.status "OB DISCHRG"
    → GET VAR <name> battery.charge      ← VAR <name> battery.charge "71"
    → LOGOUT                             ← OK Goodbye
                                         ← ERR <reason> in place of any answer

NUT's drivers speak USB, serial lines and contact closures, so that this is the only door needed.
"""

import shlex
import socket
from dataclasses import dataclass
from typing import BinaryIO

TIMEOUT_S = 5.0
_LONGEST = 1024
_NOT_SUPPORTED = "VAR-NOT-SUPPORTED"


class UpsError(RuntimeError):
    """The supply could not be asked, or its answer makes no sense; says why."""


@dataclass(frozen=True, slots=True)
class Supply:
    """What the supply says. `charge_percent`: None where it does not measure it."""

    on_battery: bool
    is_low: bool
    is_forced: bool
    charge_percent: float | None


def look(host: str, port: int, name: str, timeout_s: float = TIMEOUT_S) -> Supply:
    """Ask the server at `host` about its supply `name`. Raises UpsError."""
    try:
        with socket.create_connection((host, port), timeout_s) as line:
            line.settimeout(timeout_s)
            with line.makefile("rb") as answers:
                status = _ask(line, answers, f"GET VAR {name} ups.status")
                charge = _ask(line, answers, f"GET VAR {name} battery.charge")
                _ask(line, answers, "LOGOUT")
    except OSError as error:
        raise UpsError(f"{host}:{port}: {error.strerror or error}") from error
    return supply_of(_value(status, name, "ups.status"), _charge(charge, name))


def supply_of(status: str, charge_percent: float | None) -> Supply:
    """Of the words of `ups.status`: OL on line, OB on battery, LB low, FSD forced shutdown."""
    words = set(status.split())
    if not words & {"OL", "OB", "FSD"}:
        raise UpsError(f"ups.status is {status!r}, neither OL nor OB: is its driver running?")
    return Supply("OB" in words, "LB" in words, "FSD" in words, charge_percent)


def _ask(line: socket.socket, answers: BinaryIO, question: str) -> str:
    line.sendall(f"{question}\n".encode())
    answer = answers.readline(_LONGEST)
    if not answer.endswith(b"\n"):
        raise UpsError(f"{question}: the answer breaks off after {len(answer)} bytes")
    return str(answer, "utf-8", "replace").strip()


def _value(answer: str, name: str, variable: str) -> str:
    """The value of `VAR <name> <variable> "<value>"`. Raises UpsError with the server's reason."""
    try:
        words = shlex.split(answer)
    except ValueError as error:
        raise UpsError(f"{variable}: {answer!r}: {error}") from error
    if words[:3] != ["VAR", name, variable] or len(words) != 4:
        raise UpsError(f"{variable}: the server answers {answer!r}")
    return words[3]


def _charge(answer: str, name: str) -> float | None:
    if answer == f"ERR {_NOT_SUPPORTED}":
        return None
    text = _value(answer, name, "battery.charge")
    try:
        percent = float(text)
    except ValueError:
        raise UpsError(f"battery.charge is {text!r}, not a number") from None
    if not 0 <= percent <= 100:
        raise UpsError(f"battery.charge is {text}, not 0 to 100")
    return percent
