"""A link between a browser and the console that a test takes down, or whose answers get lost."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_CHUNK = 65536


class FlakyLink:
    """Passes connections on to a port of this machine.

    `is_up` false: nobody answers. `deaf_to`: a request that begins so arrives, and its answer is
    lost, as where a telephone loses the network in between. `target`: the console's port of now.
    """

    def __init__(self, target: int) -> None:
        self.is_up = True
        self.deaf_to: bytes | None = None
        self.target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def running(self) -> Iterator["FlakyLink"]:
        thread = threading.Thread(target=self._accept)
        thread.start()
        try:
            yield self
        finally:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            thread.join(60)

    def _accept(self) -> None:
        with suppress(OSError):  # closed: the test is over
            while True:
                browser, _ = self._listener.accept()
                if not self.is_up or not self._pass_on(browser):
                    browser.close()

    def _pass_on(self, browser: socket.socket) -> bool:
        """False where the console is away, as while it starts again."""
        try:
            console = socket.create_connection(("127.0.0.1", self.target))
        except ConnectionRefusedError:
            return False
        _Line(self, browser, console)
        return True


class _Line:
    """One connection, both ways."""

    def __init__(self, link: FlakyLink, browser: socket.socket, console: socket.socket) -> None:
        self._link = link
        self._is_deaf = False
        for pair in ((browser, console), (console, browser)):
            threading.Thread(target=self._pass, args=(*pair, browser), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, browser: socket.socket) -> None:
        with suppress(OSError):  # the other direction has ended the connection
            while data := source.recv(_CHUNK):
                deaf_to = self._link.deaf_to
                if source is browser and deaf_to is not None and data.startswith(deaf_to):
                    self._is_deaf = True
                if not self._link.is_up or (self._is_deaf and sink is browser):
                    break
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
