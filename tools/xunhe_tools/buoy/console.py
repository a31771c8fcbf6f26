"""A client of the buoy's console (firmware/CONSOLE.md): one JSON object a line out, one back."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import serial

from xunhe_tools.buoy.errors import AGAIN, CableError, RefusedError, SilentError
from xunhe_tools.buoy.port import open_port

WAIT_S = 8.0  # for a reply: the buoy may be measuring, or writing its flash
_POLL_S = 0.1
_LONGEST = 65536  # bytes of a line; more is no line of a buoy


class Console:
    """A conversation. `on_event` gets the buoy's own lines, which are no replies."""

    def __init__(self, path: str, on_event: Callable[[str], None] = lambda line: None) -> None:
        self.path = path
        self._on_event = on_event
        self._port = open_port(path, _POLL_S)
        self._buffer = bytearray()
        self._asked = 0

    def __enter__(self) -> "Console":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the port back."""
        self._port.close()

    def ask(self, request: Mapping[str, Any], wait_s: float = WAIT_S) -> dict[str, Any]:
        """The reply without "ok" and "id".

        RefusedError with the buoy's reason; CableError where nothing comes in `wait_s`.
        """
        if not self._asked:
            self.send("")  # ends what a pulled cable left half typed
        self._asked += 1
        self.send(json.dumps({**request, "id": self._asked}))
        deadline_s = time.monotonic() + wait_s
        while (line := self.line(deadline_s - time.monotonic())) is not None:
            reply = _reply(line)
            if reply is None:
                self._on_event(line)
            elif reply.pop("id", None) == self._asked:
                if not reply.pop("ok", False):
                    raise RefusedError(str(reply.get("reason", "?")))
                return reply
        raise SilentError(
            f"{self.path} 上的浮标 {wait_s:.0f} 秒没有回答 / the buoy did not answer in"
            f" {wait_s:.0f} s",
            "开盖或按复位键唤醒它，再试 / open its lid or press reset to wake it, and try again",
        )

    def greet(self) -> None:
        """SilentError within WAIT_S where no buoy is; a measurement keeps one waiting longer."""
        self.ask({"do": "config"})

    def send(self, line: str) -> None:
        """One line, as typed."""
        with self._wire():
            self._port.write(line.encode() + b"\r\n")

    def line(self, wait_s: float) -> str | None:
        """The next whole line without its end, None where none comes in time."""
        deadline_s = time.monotonic() + wait_s
        while b"\n" not in self._buffer:
            if time.monotonic() > deadline_s or len(self._buffer) > _LONGEST:
                return None
            with self._wire():
                self._buffer += self._port.read(max(1, self._port.in_waiting))
        whole, _, rest = bytes(self._buffer).partition(b"\n")
        self._buffer[:] = rest
        return whole.decode("utf-8", "replace").strip()

    @contextmanager
    def _wire(self) -> Iterator[None]:
        try:
            yield
        except (serial.SerialException, OSError) as error:
            raise CableError(
                f"{self.path} 断了 / is gone ({error})",
                AGAIN,
            ) from None


def _reply(line: str) -> dict[str, Any] | None:
    """A reply; a REPL that echoes what was typed gives none."""
    if not line.startswith("{"):
        return None
    try:
        reply = json.loads(line)
    except ValueError:
        return None
    return reply if isinstance(reply, dict) and "ok" in reply else None
