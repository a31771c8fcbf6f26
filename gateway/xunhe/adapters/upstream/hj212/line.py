"""The TCP connection to a platform: opened again and again, frames out, events in."""

import random
import select
import socket
from collections.abc import Callable

from xunhe.codecs.hj212.deframing import Deframer, Event

_CONNECT_S = 10.0
_WRITE_S = 60.0
_GAP_S = 5.0  # silence after which half a frame is none
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0


class Line:
    """Used by one thread. OSError where it breaks: then `close` it."""

    def __init__(
        self, host: str, port: int, seconds: Callable[[], float], chance: random.Random
    ) -> None:
        self._address = (host, port)
        self._seconds, self._chance = seconds, chance
        self._socket: socket.socket | None = None
        self._deframer = Deframer()
        self._heard_s = 0.0
        self._failures, self._resumes_s = 0, 0.0

    @property
    def is_up(self) -> bool:
        """Is it connected, as far as this end knows?"""
        return self._socket is not None

    def open(self) -> bool:
        """Connect where a pause after the last failure is over; False where it did not try.

        OSError where the platform cannot be reached: pauses double, up to half a minute.
        """
        if self._seconds() < self._resumes_s:
            return False
        self._pause()
        self._socket = socket.create_connection(self._address, _CONNECT_S)
        self._socket.settimeout(_WRITE_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._deframer = Deframer()
        return True

    def settle(self) -> None:
        """The platform has answered something: the next failure is a first one."""
        self._failures = 0

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def write(self, data: bytes) -> None:
        """All of it."""
        self._connected.sendall(data)

    def hear(self, wait_s: float) -> list[Event]:
        """What comes within `wait_s`; returns with the first of it."""
        connected = self._connected
        if not select.select([connected], [], [], wait_s)[0]:
            is_gap = self._deframer.is_waiting and self._seconds() - self._heard_s > _GAP_S
            return self._deframer.give_up() if is_gap else []
        data = connected.recv(65536)
        if not data:
            raise ConnectionResetError("the platform has hung up")
        self._heard_s = self._seconds()
        return self._deframer.feed(data)

    @property
    def _connected(self) -> socket.socket:
        if self._socket is None:
            raise ConnectionError("not connected")
        return self._socket

    def _pause(self) -> None:
        self._failures += 1
        longest_s = min(_FIRST_PAUSE_S * 2.0 ** min(self._failures - 1, 10), _LONGEST_PAUSE_S)
        self._resumes_s = self._seconds() + longest_s * self._chance.uniform(0.5, 1.0)
