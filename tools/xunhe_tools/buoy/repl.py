"""MicroPython's REPL on a port, by mpremote's transport: files, hashes, what runs on the board.

A buoy whose program was interrupted must not stay so when the cable is pulled: a session arms the
board's watchdog and feeds it with every step. Nothing here waits longer than PATIENCE_S.
"""

import ast
import base64
import contextlib
import hashlib
import posixpath
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType

import serial
from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport

from xunhe_tools.buoy.errors import AGAIN, BuoyError, CableError, SilentError
from xunhe_tools.buoy.port import open_port

PATIENCE_S = 6.0
GUARD_S = 180  # until a board that nobody speaks to any more starts its program again
PIECE = 1536  # bytes a step; a multiple of 3 for base64
ENTRY_S = 6.0  # a board that is starting hears nothing for a while
_RAW = b"raw REPL; CTRL-B to exit\r\n"

_PRELUDE = """\
import gc, hashlib, os, machine
from binascii import a2b_base64, hexlify
def _digest(path):
    h = hashlib.sha256()
    with open(path, "rb") as f:
        while True:
            b = f.read(512)
            if not b:
                return hexlify(h.digest()).decode()
            h.update(b)
def _is_folder(path):
    try:
        return bool(os.stat(path)[0] & 0x4000)
    except OSError:
        return False
def _tree(path, found):
    for e in os.ilistdir(path):
        p = path + "/" + e[0]
        if e[1] & 0x4000:
            _tree(p, found)
        else:
            found[p] = _digest(p)
    return found
def _remove(path):
    if _is_folder(path):
        for n in os.listdir(path):
            _remove(path + "/" + n)
        os.rmdir(path)
    else:
        os.remove(path)
def _exists(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False
_guard = None
"""
_ARM = "_guard = machine.WDT(timeout=%d)"
_FEED = "_guard and _guard.feed()\n"


class ExecError(BuoyError):
    """The board ran what it was given and raised; `trace` is its traceback."""

    def __init__(self, trace: str) -> None:
        last = trace.strip().splitlines()[-1] if trace.strip() else "?"
        super().__init__(f"板上出错 / the board says: {last}")
        self.trace = trace


class _Line(SerialTransport):  # type: ignore[misc]  # mpremote has no types
    """mpremote's transport on a port that is open already, and less patient."""

    def __init__(self, port: serial.Serial) -> None:
        self.serial = port
        self.device_name = port.port
        self.in_raw_repl = self.mounted = self.is_pty = False
        self.use_raw_paste = True

    def read_until(
        self,
        min_num_bytes: int,
        ending: bytes,
        timeout: float | None = 10,
        data_consumer: Callable[[bytes], None] | None = None,
        timeout_overall: float | None = None,
    ) -> bytes:
        patience_s = PATIENCE_S if timeout is None else min(timeout, PATIENCE_S)
        end_s = time.monotonic() + (timeout_overall or float("inf"))
        data = bytearray()
        while not data.endswith(ending) and time.monotonic() < end_s:
            self.serial.timeout = min(patience_s, end_s - time.monotonic())
            piece = self.serial.read(1)
            if not piece:
                break
            data += piece
        return bytes(data)


class Repl:
    """A session: whatever ran is interrupted until `restart`, or until the watchdog bites.

    `guard_s` None: no watchdog, for a board on which nothing ran. `entry_s`: how long to knock,
    ENTRY_S if left out.
    """

    def __init__(
        self, path: str, guard_s: float | None = GUARD_S, entry_s: float | None = None
    ) -> None:
        self.path = path
        self._guard_s = guard_s
        self._entry_s = ENTRY_S if entry_s is None else entry_s
        self._line = _Line(open_port(path))

    def open(self) -> "Repl":
        """Interrupt what runs; CableError where no REPL comes."""
        try:
            try:
                self._begin()
            except SilentError:
                raise
            except CableError:  # a board that is just starting may answer and start once more
                self._begin()
        except BuoyError:
            self._line.serial.close()
            raise
        return self

    def _begin(self) -> None:
        self._enter()
        with self._wire():
            self._line.exec(_PRELUDE)
            if self._guard_s is not None:
                self._line.exec(_ARM % (self._guard_s * 1000))

    def __enter__(self) -> "Repl":
        return self if self._line.in_raw_repl else self.open()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(serial.SerialException, OSError):
            if self._line.in_raw_repl:
                self._line.exit_raw_repl()
            self._line.serial.flush()
        self._line.serial.close()

    # -- running code

    def run(self, code: str) -> str:
        """What the code printed. ExecError where it raised, CableError where the line broke."""
        with self._wire():
            said: bytes = self._line.exec(_FEED + code)
        return said.decode("utf-8", "replace")

    def value(self, expression: str) -> object:
        """The value of an expression of plain data."""
        return ast.literal_eval(self.run(f"print(repr({expression}))"))

    def restart(self) -> None:
        """The board starts anew as from power; the session is over."""
        self._leave("machine.reset()")

    def enter_bootloader(self) -> None:
        """Into the chip's ROM bootloader; the session is over."""
        self._leave("machine.bootloader()")

    # -- the board

    def hardware_id(self) -> str:
        """The factory MAC address, 12 hex digits."""
        return str(self.value("hexlify(machine.unique_id()).decode()"))

    def port_name(self) -> str:
        """As MicroPython says what it runs on, "1.29.0 ESP32-S3 …"."""
        self.run("import sys")
        numbers = "'.'.join(str(n) for n in sys.implementation[1][:3])"
        return str(self.value(f"{numbers} + ' ' + sys.implementation[2]"))

    # -- files

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, None where there is none."""
        if not self.value(f"_exists({path!r}) and not _is_folder({path!r})"):
            return None
        self.run(f"_f = open({path!r}, 'rb')")
        data = bytearray()
        while isinstance(piece := self.value(f"_f.read({PIECE})"), bytes) and piece:
            data += piece
        self.run("_f.close()")
        return bytes(data)

    def write(
        self, path: str, data: bytes, progress: Callable[[int], None] = lambda size: None
    ) -> None:
        """Write a file of any size; read back and compared. `progress` gets the bytes of a step."""
        self.make_folder(posixpath.dirname(path))
        self.run(f"_f = open({path!r}, 'wb')")
        for at in range(0, len(data), PIECE):
            piece = data[at : at + PIECE]
            self.run(f"_n = _f.write(a2b_base64({base64.b64encode(piece)!r}))")
            progress(len(piece))
        self.run("_f.close()")

    def replace(self, path: str, data: bytes) -> None:
        """Put `data` in the place of a file: the old bytes or the new ones, never half."""
        fresh = path + ".new"
        self.write(fresh, data)
        if self.digests([fresh])[fresh] != _sha256(data):
            raise CableError(f"{path} 写入后不符 / is not what was written")
        self.run(f"os.rename({fresh!r}, {path!r})\nhasattr(os, 'sync') and os.sync()")

    def remove(self, path: str) -> None:
        """Remove a file, or a folder with all that is in it, if it is there."""
        self.run(f"_exists({path!r}) and _remove({path!r})")

    def make_folder(self, path: str) -> None:
        """Make the folder and those above it, as far as they are missing."""
        above = [path]
        while posixpath.dirname(above[0]) not in ("", "/"):
            above.insert(0, posixpath.dirname(above[0]))
        if path not in ("", "/"):
            self.run(f"for _p in {above!r}:\n    _is_folder(_p) or os.mkdir(_p)")

    def digests(self, paths: Sequence[str]) -> dict[str, str]:
        """{path: SHA-256 in hex} of those that are there."""
        return self._mapping(f"{{p: _digest(p) for p in {list(paths)!r} if _exists(p)}}")

    def tree(self, folder: str) -> dict[str, str]:
        """{path: SHA-256 in hex} of all files in a folder; empty where there is none."""
        return self._mapping(f"_tree({folder!r}, {{}}) if _is_folder({folder!r}) else {{}}")

    def free_bytes(self) -> int:
        """What the file system still takes."""
        return int(str(self.value("os.statvfs('/')[0] * os.statvfs('/')[3]")))

    # -- inside

    def _mapping(self, expression: str) -> dict[str, str]:
        found = self.value(expression)
        if not isinstance(found, Mapping):
            raise CableError("板的回答无法理解 / the board's answer makes no sense")
        return dict(found)

    def _enter(self) -> None:
        """Ctrl-C and the raw REPL, again and again: a board that is just starting misses some."""
        line, end_s = self._line, time.monotonic() + self._entry_s
        with self._wire():
            while time.monotonic() < end_s:
                line.serial.write(b"\r\x03\x03")
                time.sleep(0.1)
                line.serial.reset_input_buffer()
                line.serial.write(b"\r\x01")
                if line.read_until(1, _RAW, 1, timeout_overall=1.5).endswith(_RAW):
                    line.in_raw_repl = True
                    return
        raise SilentError(
            f"{self.path} 上没有 MicroPython 回答 / no MicroPython answers on {self.path}",
            "按一下复位键再试 / press the reset button and try again: xunhe buoy list",
        )

    def _leave(self, code: str) -> None:
        with self._wire():
            self._line.exec_raw_no_follow(code)
            self._line.serial.flush()
            self._line.in_raw_repl = False
            time.sleep(0.2)

    @contextlib.contextmanager
    def _wire(self) -> Iterator[None]:
        try:
            yield
        except TransportExecError as error:
            raise ExecError(error.error_output) from None
        except (TransportError, serial.SerialException, OSError, struct.error) as error:
            raise CableError(
                f"{self.path} 断了或没有回答 / is gone or silent ({error})",
                AGAIN,
            ) from None


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
