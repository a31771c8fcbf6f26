"""The platform: listens, keeps what is uploaded, answers, and asks when it is told to.

What it keeps is judged by its key (MN, CN, DataTime): a repetition is kept once and counted.
"""

import random
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from xunhe_tools.hj212_platform.wire import Heard, packed, taken

_UPLOADS = frozenset({"2011", "2051", "2061", "2031", "2041", "2021", "2081"})
_STEP_S = 0.05


@dataclass(slots=True)
class Faults:
    """What goes wrong, as a share of the uploads; `is_silent` answers nothing at all."""

    is_silent: bool = False
    drop: float = 0.0  # the connection ends before the answer
    half: float = 0.0  # … in the middle of the answer
    wrong_check: float = 0.0  # the answer is damaged
    deaf: float = 0.0  # the upload is not even looked at


@dataclass(slots=True)
class Kept:
    """An upload that the platform has; `at_s` by the monotonic clock."""

    heard: Heard
    at_s: float


@dataclass
class Platform:
    """Use it as a context; `port` is free to choose. Thread-safe as far as its methods go."""

    port: int = 0
    seed: int = 1
    faults: Faults = field(default_factory=Faults)
    kept: dict[tuple[str, str, str], Kept] = field(default_factory=dict)
    replies: list[Heard] = field(default_factory=list)  # everything that is no upload
    repeats: int = 0
    damaged: int = 0
    connections: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> "Platform":
        self._listener: socket.socket | None = None
        self._chance = random.Random(self.seed)  # noqa: S311  faults, no secret
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self.shut()
        for thread in self._threads:
            thread.join(5)

    def open(self) -> None:
        """Listen, on the same port as before."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        with self._lock:
            self._listener = listener
        self._run(self._accept, listener)

    def shut(self) -> None:
        """Vanish: no listener, no connection."""
        with self._lock:
            gone, self._sockets = [*self._sockets, *filter(None, [self._listener])], []
            self._listener = None
        for each in gone:
            _end(each)

    @property
    def keys(self) -> list[tuple[str, str, str]]:
        """What is kept, in the order in which it first came."""
        with self._lock:
            return list(self.kept)

    def ask(self, segment: str) -> None:
        """Send a segment on the newest connection."""
        self.send(packed(segment))

    def send(self, data: bytes) -> None:
        """Send bytes as they are on the newest connection."""
        with self._lock:
            connection = self._sockets[-1]
        connection.sendall(data)

    def wait(self, is_true: Callable[[], bool], seconds: float = 60.0) -> bool:
        """Until something holds; False where it did not in that time."""
        end_s = time.monotonic() + seconds
        while not is_true():
            if time.monotonic() > end_s:
                return False
            time.sleep(0.005)
        return True

    def _run(self, target: Callable[[socket.socket], None], connection: socket.socket) -> None:
        thread = threading.Thread(target=target, args=(connection,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(_STEP_S)
            with self._lock:
                is_open = listener is self._listener
                if is_open:
                    self._sockets.append(connection)
                    self.connections += 1
            if is_open:
                self._run(self._talk, connection)
            else:
                _end(connection)

    def _talk(self, connection: socket.socket) -> None:
        buffer = bytearray()
        while not self._stopping.is_set():
            try:
                data = connection.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                break
            if not data:
                break
            buffer += data
            if not self._took(connection, buffer):
                break
        self._forget(connection)

    def _forget(self, connection: socket.socket) -> None:
        with self._lock:
            if connection in self._sockets:
                self._sockets.remove(connection)
        _end(connection)

    def _took(self, connection: socket.socket, buffer: bytearray) -> bool:
        for heard, _ in taken(buffer):
            if heard is None:
                self.damaged += 1
            elif heard.fields["CN"] not in _UPLOADS:
                self._note(heard)
            elif not self._answer(connection, heard):
                return False
        return True

    def _note(self, heard: Heard) -> None:
        with self._lock:
            self.replies.append(heard)

    def _answer(self, connection: socket.socket, heard: Heard) -> bool:
        faults, draw = self.faults, self._chance.random
        if draw() < faults.deaf:
            return True
        if draw() < faults.drop:
            return False
        with self._lock:
            if heard.key in self.kept:
                self.repeats += 1
            else:
                self.kept[heard.key] = Kept(heard, time.monotonic())
        if faults.is_silent or not heard.wants_answer:
            return True
        answer = _data_answer(heard)
        if draw() < faults.wrong_check:
            answer = answer[:-6] + b"0000\r\n"
        is_half = draw() < faults.half
        try:
            connection.sendall(answer[: len(answer) // 2] if is_half else answer)
        except OSError:
            return False
        return not is_half


def _data_answer(heard: Heard) -> bytes:
    fields = heard.fields
    return packed(
        f"QN={fields['QN']};ST=91;CN=9014;PW={fields['PW']};MN={fields['MN']};Flag=4;CP=&&&&"
    )


def _end(connection: socket.socket) -> None:
    with suppress(OSError):  # it has gone already
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
