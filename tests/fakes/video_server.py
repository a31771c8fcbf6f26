"""An HTTP server that gives out videos as a camera would, or fails as one would."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class VideoServer:
    """What it gives by path. `statuses` wins over `bodies`; `held` paths never end."""

    port: int = 0
    bodies: dict[str, bytes] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str, login: str = "") -> str:
        return f"http://{login}127.0.0.1:{self.port}{path}"


@contextmanager
def video_server() -> Iterator[VideoServer]:
    """Run one on a free port."""
    offer = VideoServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            self.close_connection = True
            path = self.path.split("?")[0]
            status = offer.statuses.get(path, 200 if path in offer.bodies else 404)
            self.send_response(status)
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.send_header("Connection", "close")
            self.end_headers()
            if status == 200:
                self._give(path)

        def _give(self, path: str) -> None:
            try:
                self.wfile.write(offer.bodies[path])
                self.wfile.flush()
                if path in offer.held:
                    offer.over.wait(30)
            except OSError:
                pass  # the client has seen enough

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
