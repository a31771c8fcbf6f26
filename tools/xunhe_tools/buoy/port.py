"""Serial ports: which there are, and opening one with a reason and a next step where it fails."""

import errno
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import serial
from serial.tools import list_ports

from xunhe_tools.buoy.errors import PortError, PortTrouble

BAUD = 115200
READ_S = 1.0  # a read waits no longer
WRITE_S = 4.0  # a full line that nobody empties
_BUSY_S = 1.0


@dataclass(frozen=True, slots=True)
class Port:
    """A port as the operating system tells of it; texts are empty where it tells nothing."""

    path: str
    adapter: str = ""
    usb_id: str = ""  # vendor:product
    serial_number: str = ""
    twin: str = ""  # another port with the same serial number


def ports(extra: Sequence[str] = ()) -> list[Port]:
    """USB serial ports, and those named in `extra` (a virtual board's); in order of their paths.

    Cheap adapters share one serial number: such twins are told apart by their paths only.
    """
    found = {each.device: each for each in list_ports.comports() if each.vid is not None}
    numbers: dict[str, list[str]] = {}
    for path, each in sorted(found.items()):
        if each.serial_number:
            numbers.setdefault(each.serial_number, []).append(path)
    known = [
        Port(
            path,
            each.product or each.description or "",
            f"{each.vid:04x}:{each.pid:04x}",
            each.serial_number or "",
            next((p for p in numbers.get(each.serial_number or "", []) if p != path), ""),
        )
        for path, each in sorted(found.items())
    ]
    return known + [Port(path) for path in extra if path not in found]


def chosen(path: str | None) -> str:
    """The port that was named, or the only one there is. PortError where it has to be named."""
    if path is not None:
        return path
    found = [port.path for port in ports()]
    if len(found) == 1:
        return found[0]
    if not found:
        raise PortError(
            PortTrouble.GONE,
            "没有串口 / no serial port",
            "插好线，再看：xunhe buoy list / plug the cable in and look: xunhe buoy list",
        )
    raise PortError(
        PortTrouble.OTHER,
        f"有 {len(found)} 个串口 / there are {len(found)} ports: {', '.join(found)}",
        f"说明是哪一个 / name one: --port {found[0]}",
    )


def open_port(path: str, read_s: float = READ_S) -> serial.Serial:
    """The port, for this program alone. PortError says why not and what to type.

    A port that is busy gets a second: a process that this program has just begun holds for a moment
    what was open here, when several boards are worked at.
    """
    port = serial.Serial(baudrate=BAUD, timeout=read_s, write_timeout=WRITE_S, exclusive=True)
    port.port = path
    deadline_s = time.monotonic() + _BUSY_S
    while True:
        try:
            port.open()
        except (serial.SerialException, OSError) as error:
            found = trouble(path, error)
            if found.kind is not PortTrouble.BUSY or time.monotonic() > deadline_s:
                raise found from None
            time.sleep(0.05)
        else:
            return port


def trouble(path: str, error: OSError) -> PortError:
    """What is wrong with a port that did not open."""
    number = error.errno if error.errno is not None else _errno_in(str(error))
    if number == errno.ENOENT or not os.path.exists(path):
        return PortError(
            PortTrouble.GONE,
            f"没有串口 {path} / there is no port {path}",
            "插好线，再看：xunhe buoy list / plug the cable in and look: xunhe buoy list",
        )
    if number in (errno.EACCES, errno.EPERM):
        return PortError(PortTrouble.RIGHTS, f"无权使用 {path} / no right to use {path}", _rights())
    if number in (errno.EBUSY, errno.EAGAIN):
        return _busy(path)
    return PortError(
        PortTrouble.OTHER,
        f"{path} 打不开 / does not open: {error}",
        "重新插线后再试 / plug the cable in anew and try again",
    )


def holder(path: str) -> str:
    """The program that has a port open, "name (pid)"; empty where nobody is known to."""
    target = os.path.realpath(path)
    for process in Path("/proc").glob("[0-9]*"):
        if process.name != str(os.getpid()) and target in _open_files(process):
            return f"{_name(process)} ({process.name})"
    return ""


def _open_files(process: Path) -> set[str]:
    try:
        return {str(link.readlink()) for link in (process / "fd").iterdir()}
    except OSError:  # somebody else's, or gone by now
        return set()


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text("utf-8", "replace").strip()
    except OSError:
        return "?"


def _busy(path: str) -> PortError:
    who = holder(path)
    pid = who.rpartition("(")[2].rstrip(")")
    step = f"关掉它，或 / close it, or: kill {pid}" if who else f"fuser -v {path}"
    return PortError(
        PortTrouble.BUSY,
        f"{path} 正被占用 / is in use: {who or '别的程序 another program'}",
        step,
    )


def _rights() -> str:
    return (
        "sudo usermod -aG dialout $USER，然后注销再登录 / then log out and in again;"
        " Arch: uucp 组 group"
    )


def _errno_in(text: str) -> int | None:
    """pyserial hides some error numbers in the message: "[Errno 13] …"."""
    number = text.partition("[Errno ")[2].partition("]")[0]
    return int(number) if number.isdigit() else None
