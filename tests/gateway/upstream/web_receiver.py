"""A program of others that is posted to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@dataclass
class Receiver:
    """What a program of others was posted, and how it answers."""

    url: str
    status: int = 204
    posted: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def web_receiver() -> Iterator[Receiver]:
    """At its `url`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            taking.posted.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(taking.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    taking = Receiver(f"http://127.0.0.1:{server.server_port}/hook")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield taking
    server.shutdown()
    thread.join()
    server.server_close()
