"""A narrow line between a station and a platform: so many bits a second each way, and a delay.

`hurry` runs the line's time faster: rate up and delay down by the same factor. What the programs at
its ends need is not scaled, so it weighs `hurry` times as much as it would.
"""

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue

_CHUNK = 64  # bytes: what is in one piece on the line
_WAITS = 4096  # bytes that the line's ends hold before they push back


@dataclass
class NarrowLine:
    """A relay to 127.0.0.1:`target`. Use it as a context; connect to `port`."""

    target: int
    bits_per_s: float
    delay_s: float
    hurry: float = 1.0

    def __enter__(self) -> "NarrowLine":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._stopping = threading.Event()
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _start(self, target: object, *args: object) -> None:
        threading.Thread(target=target, args=args, daemon=True).start()  # type: ignore[arg-type]

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                near.close()
                continue
            for one, other in ((near, far), (far, near)):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _WAITS)
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                queue: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
                self._start(self._take_in, one, queue)
                self._start(self._give_out, other, queue)

    def _take_in(self, source: socket.socket, queue: "SimpleQueue[tuple[float, bytes]]") -> None:
        """Read at the line's rate; what was read arrives after the delay."""
        byte_s = 8 / (self.bits_per_s * self.hurry)
        free_s = time.monotonic()
        while data := _read(source):
            free_s = max(free_s, time.monotonic()) + len(data) * byte_s
            time.sleep(max(free_s - time.monotonic(), 0))
            queue.put((free_s + self.delay_s / self.hurry, data))
        queue.put((0.0, b""))

    def _give_out(self, sink: socket.socket, queue: "SimpleQueue[tuple[float, bytes]]") -> None:
        while True:
            due_s, data = queue.get()
            if not data:
                break
            time.sleep(max(due_s - time.monotonic(), 0))
            try:
                sink.sendall(data)
            except OSError:
                break
        with suppress(OSError):  # it has gone already
            sink.shutdown(socket.SHUT_RDWR)
        sink.close()


def _read(source: socket.socket) -> bytes:
    try:
        return source.recv(_CHUNK)
    except OSError:
        return b""
