"""The ROM bootloader of a virtual board: esp32-mock-bootloader in a process of its own.

What passes is watched: a board starts its image only after all of that was written, and leaves the
bootloader when esptool arms the chip's watchdog, which is how a line without DTR and RTS resets.
"""

import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

_START_S = 60.0  # of a busy machine
_END, _ESCAPE = 0xC0, 0xDB
_REQUEST = 0
_FLASH_BEGIN, _FLASH_DATA, _DEFLATE_BEGIN, _DEFLATE_DATA = 0x02, 0x03, 0x10, 0x11
_WRITE_REG = 0x09
# RTC_CNTL_WDTCONFIG0_REG and RTC_CNTL_WDTWPROTECT_REG, ESP32-S3 technical reference manual
_WATCHDOG_CONFIG, _WATCHDOG_LOCK = 0x60008098, 0x600080B0
_WATCHDOG_ON = 1 << 31


class RomError(Exception):
    """The bootloader's process does not start."""


@dataclass(slots=True)
class Watched:
    """What the requests so far mean for the board."""

    has_image: bool
    wants_reset: bool = False
    _is_armed: bool = False
    _last_block: int | None = None

    def see(self, request: bytes) -> None:
        """A SLIP frame from esptool, unescaped: direction, command, size 2, checksum 4, data."""
        if len(request) < 8 or request[0] != _REQUEST:
            return
        command, data = request[1], request[8:]
        if command in (_FLASH_BEGIN, _DEFLATE_BEGIN) and len(data) >= 16:
            self._begin(*struct.unpack_from("<IIII", data))
        elif command in (_FLASH_DATA, _DEFLATE_DATA) and len(data) >= 8:
            self._block(struct.unpack_from("<II", data)[1])
        elif command == _WRITE_REG and len(data) >= 8:
            self._register(*struct.unpack_from("<II", data))

    def _register(self, address: int, value: int) -> None:
        if address == _WATCHDOG_CONFIG:
            self._is_armed = bool(value & _WATCHDOG_ON)
        elif address == _WATCHDOG_LOCK and value == 0:  # esptool's last word
            self.wants_reset = self._is_armed

    def _begin(self, size: int, blocks: int, _: int, offset: int) -> None:
        self._last_block = None
        if size and offset == 0:
            self.has_image, self._last_block = False, blocks - 1

    def _block(self, number: int) -> None:
        if number == self._last_block:
            self.has_image = True


class Rom:
    """Bytes in, bytes out. `chip` is esptool's name of it."""

    def __init__(self, chip: str, *, has_image: bool) -> None:
        self.watched = Watched(has_image)
        self._frame = bytearray()
        self._chip = chip
        self._folder = tempfile.TemporaryDirectory()
        self._port_file = Path(self._folder.name) / "port"
        self._process = self._begin()
        self._socket = self._connect()

    @property
    def readable(self) -> list[int]:
        """What to wait on for bytes."""
        return [self._socket.fileno()]

    def write(self, data: bytes) -> None:
        try:
            self._send(data)
        except OSError:  # it hung up; the ROM of a chip is always there
            self._connect_anew()
            self._send(data)
        for byte in data:
            if byte != _END:
                self._frame.append(byte)
            elif self._frame:
                self.watched.see(_unescaped(bytes(self._frame)))
                self._frame.clear()

    def read(self) -> bytes:
        self._socket.setblocking(False)
        try:
            said = self._socket.recv(4096)
        except BlockingIOError:
            return b""
        except ConnectionError:
            said = b""
        if not said:
            self._connect_anew()
        return said

    def close(self) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()

    def _send(self, data: bytes) -> None:
        self._socket.setblocking(True)
        self._socket.sendall(data)

    def _begin(self) -> subprocess.Popen[bytes]:
        self._port_file.unlink(missing_ok=True)
        options = ["--chip", self._chip, "--port", "0", "--port-file", str(self._port_file)]
        return subprocess.Popen(  # noqa: S603 (our own command)
            [_program(), "run", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def _connect_anew(self) -> None:
        self._socket.close()
        if self._process.poll() is not None:
            self._process = self._begin()
        self._socket = self._connect()

    def _connect(self) -> socket.socket:
        deadline_s = time.monotonic() + _START_S
        while self._process.poll() is None and time.monotonic() < deadline_s:
            try:
                return socket.create_connection(("127.0.0.1", int(self._port_file.read_text())), 5)
            except (OSError, ValueError):  # not written yet, or not listening yet
                time.sleep(0.02)
        self._process.kill()
        raise RomError("esp32-mock-bootloader does not start")


def _unescaped(frame: bytes) -> bytes:
    escape = bytes([_ESCAPE])
    return frame.replace(escape + b"\xdc", b"\xc0").replace(escape + b"\xdd", escape)


def _program() -> str:
    beside = Path(sys.executable).with_name("esp32-mock-bootloader")
    found = str(beside) if beside.exists() else shutil.which("esp32-mock-bootloader")
    if found is None:
        raise RomError("esp32-mock-bootloader is not installed: pip install 'xunhe[demo]'")
    return found
