"""The sockets of stations that report: one thread, no station waits for another."""

import logging
import selectors
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from xunhe.codecs.hj212.deframing import Deframer, Event
from xunhe.outward_settings.hj212 import Hj212InSettings

log = logging.getLogger(__name__)

_CHUNK = 16_384
_GAP_S = 5.0  # silence after which half a frame is none
_UNREAD = 65_536  # bytes of answers that a station may leave unread


class Taker(Protocol):
    """Stores what comes: the intake."""

    def take(self, events: Iterable[tuple[int, Event]]) -> list[tuple[int, bytes]]:
        """Answers by number of the connection, once it is safe to give them."""
        ...


@dataclass(slots=True)
class Caller:
    """A connection of a station."""

    number: int
    socket: socket.socket
    heard_s: float
    deframer: Deframer = field(default_factory=Deframer)
    unsent: bytearray = field(default_factory=bytearray)


class Listener:
    """Call `step` again and again. OSError where the address is taken."""

    def __init__(
        self, settings: Hj212InSettings, intake: Taker, seconds: Callable[[], float]
    ) -> None:
        self._settings, self._intake, self._seconds = settings, intake, seconds
        self._callers: dict[int, Caller] = {}
        self._count = 0
        self._socket = socket.create_server((settings.host, settings.port))
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ)

    def step(self, wait_s: float = 0.5) -> int:
        """Read what has come, store it together, answer; returns how many events that were."""
        events: list[tuple[int, Event]] = []
        for key, ready in self._selector.select(wait_s):
            caller: Caller | None = key.data
            if caller is None:
                self._accept()
            elif ready & selectors.EVENT_WRITE:
                self._flush(caller)
            else:
                events += [(caller.number, event) for event in self._read(caller)]
        events += self._silent()
        if events:
            for number, answer in self._intake.take(events):
                self._answer(number, answer)
        return len(events)

    def close(self) -> None:
        """Hang up."""
        for caller in list(self._callers.values()):
            self._hang_up(caller)
        self._selector.close()
        self._socket.close()

    def _accept(self) -> None:
        with suppress(BlockingIOError, ConnectionAbortedError):
            found, address = self._socket.accept()
            if len(self._callers) >= self._settings.most_connections:
                log.warning("from=%s refused: too many connections", address[0])
                found.close()
                return
            found.setblocking(False)
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._count += 1
            caller = Caller(self._count, found, self._seconds())
            self._callers[caller.number] = caller
            self._selector.register(found, selectors.EVENT_READ, caller)

    def _read(self, caller: Caller) -> list[Event]:
        try:
            data = caller.socket.recv(_CHUNK)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        caller.heard_s = self._seconds()
        if data:
            return caller.deframer.feed(data)
        self._hang_up(caller)
        return caller.deframer.give_up()

    def _silent(self) -> list[tuple[int, Event]]:
        """What half-said things come to nothing; who has been silent for long is hung up on."""
        now_s, found = self._seconds(), []
        for caller in list(self._callers.values()):
            silent_s = now_s - caller.heard_s
            if caller.deframer.is_waiting and silent_s > _GAP_S:
                found += [(caller.number, event) for event in caller.deframer.give_up()]
            if silent_s > self._settings.idle_s:
                self._hang_up(caller)
        return found

    def _answer(self, number: int, answer: bytes) -> None:
        caller = self._callers.get(number)
        if caller is None:
            return  # it comes again, and is told then
        caller.unsent += answer
        self._flush(caller)

    def _flush(self, caller: Caller) -> None:
        try:
            del caller.unsent[: caller.socket.send(caller.unsent)]
        except BlockingIOError:
            pass
        except OSError:
            self._hang_up(caller)
            return
        if len(caller.unsent) > _UNREAD:
            self._hang_up(caller)
            return
        more = selectors.EVENT_WRITE if caller.unsent else 0
        self._selector.modify(caller.socket, selectors.EVENT_READ | more, caller)

    def _hang_up(self, caller: Caller) -> None:
        if self._callers.pop(caller.number, None) is not None:
            self._selector.unregister(caller.socket)
            caller.socket.close()
