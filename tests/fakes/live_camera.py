"""Cameras on a network: H.264 in real time over HTTP; they can be locked and switched off."""

import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import av

_STEP_S = 0.1


@dataclass
class LiveCameras:
    """Every path that is not in `off` gives the film, in real time and again and again."""

    film: Path
    port: int = 0
    off: set[str] = field(default_factory=set)
    logins: dict[str, str] = field(default_factory=dict)  # path: user:password
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str, login: str = "") -> str:
        return f"http://{login}127.0.0.1:{self.port}{path}"

    def status(self, path: str, authorization: str | None) -> int:
        """What the camera answers."""
        if path in self.off:
            return 503
        login = self.logins.get(path)
        expected = None if login is None else f"Basic {b64encode(login.encode()).decode()}"
        return 200 if expected in (None, authorization) else 401

    def chunks(self) -> list[tuple[float, bytes]]:
        """The film as it would be sent: seconds from its start, and bytes."""
        data, size = self.film.read_bytes(), self.film.stat().st_size
        with av.open(str(self.film)) as container:
            seconds = float(container.duration or 0) / av.time_base
        pieces = max(1, round(seconds / _STEP_S))
        edges = [i * size // pieces for i in range(pieces + 1)]
        return [(i * _STEP_S, data[a:b]) for i, (a, b) in enumerate(pairwise(edges))]


@contextmanager
def live_cameras(film: Path) -> Iterator[LiveCameras]:
    """Serve a transport stream on a free port."""
    offer = LiveCameras(film)
    chunks = offer.chunks()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            status = offer.status(self.path, self.headers.get("Authorization"))
            self.send_response(status)
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
            if status == 200:
                self._give(time.monotonic())

        def _give(self, begun_s: float) -> None:
            try:
                for at_s, data in chunks:
                    late_s = max(0.0, begun_s + at_s - time.monotonic())
                    if offer.over.wait(late_s) or self.path in offer.off:
                        return
                    self.wfile.write(data)
                    self.wfile.flush()
            except OSError:
                pass  # the client has gone

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    offer.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield offer
    finally:
        offer.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
