"""The cameras' address: HTTP-FLV and MPEG-TS for any number of clients.

`GET /<code>.flv` or `/<code>.ts` answers with the stream until the client goes. A client that does
not keep up is let go: the others are not made to wait for it.
"""

from __future__ import annotations

import base64
import hmac
import json
import queue
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from xunhe_tools.virtual_river.camera_stream import FORMATS, Chunk

_WAITING = 60  # packets a client may lie behind: about five seconds
_WRITE_S = 10.0
_END = b""


class Channel:
    """Those who listen to one camera. Thread-safe."""

    def __init__(self, preludes: Mapping[str, bytes], password: str | None = None) -> None:
        self.preludes, self.password = preludes, password
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()
        self._came = False
        self.dropped = 0

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens."""
        with self._lock:
            return bool(self._listeners)

    def take_newcomer(self) -> bool:
        """Whether somebody came since the last call: a key frame would let them begin."""
        with self._lock:
            came, self._came = self._came, False
            return came

    def join(self, listener: Listener) -> None:
        """From now on `listener` gets the chunks of its kind, beginning at a key frame."""
        with self._lock:
            self._listeners.add(listener)
            self._came = True

    def leave(self, listener: Listener) -> None:
        """No more chunks."""
        with self._lock:
            self._listeners.discard(listener)

    def send(self, chunks: Mapping[str, Chunk]) -> None:
        """Give a packet to everybody; who has no room left is dropped."""
        with self._lock:
            late = {one for one in self._listeners if not one.offer(chunks[one.kind])}
            self._listeners -= late
            self.dropped += len(late)

    def close(self) -> None:
        """End every stream."""
        with self._lock:
            for listener in self._listeners:
                listener.end()
            self._listeners.clear()


class Listener:
    """One client's share: a short queue of bytes."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._begun = False
        self._bytes: queue.Queue[bytes] = queue.Queue(_WAITING)

    def offer(self, chunk: Chunk) -> bool:
        """False where the client lies too far behind; it gets its end then."""
        if not self._begun and not chunk.is_key:
            return True
        self._begun = True
        try:
            self._bytes.put_nowait(chunk.data)
        except queue.Full:
            self.end()
            return False
        return True

    def end(self) -> None:
        """Let the client go, whatever waits for it."""
        while True:
            try:
                self._bytes.put_nowait(_END)
            except queue.Full:
                self._bytes.get_nowait()
            else:
                return

    def next(self) -> bytes:
        """The next bytes, waiting for them; empty at the end."""
        return self._bytes.get()


class CameraServer(ThreadingHTTPServer):
    """Serves `channels` by camera code on 127.0.0.1."""

    daemon_threads = True

    def __init__(self, port: int, channels: Mapping[str, Channel]) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.channels = channels

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def urls(self) -> dict[str, dict[str, str]]:
        """Addresses by camera and container; none holds a password."""
        return {
            code: {kind: f"http://127.0.0.1:{self.port}/{code}.{kind}" for kind in FORMATS}
            for code in self.channels
        }

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error; nothing else is raised by a handler."""


class _Handler(BaseHTTPRequestHandler):
    server: CameraServer
    timeout = _WRITE_S

    def do_GET(self) -> None:
        """The stream; 401 without the password, 404 with a list of what there is."""
        code, _, kind = self.path.strip("/").rpartition(".")
        channel = self.server.channels.get(code)
        if channel is None or kind not in FORMATS:
            self._tell(404, json.dumps({"cameras": self.server.urls()}).encode())
        elif not self._may(channel):
            self._tell(401, b"wrong password\n")
        else:
            self._stream(channel, kind)

    def _may(self, channel: Channel) -> bool:
        """Basic authentication (RFC 7617); any user name, for a demo has one password."""
        if channel.password is None:
            return True
        scheme, _, given = self.headers.get("Authorization", "").partition(" ")
        try:
            words = base64.b64decode(given, validate=True).decode("utf-8")
        except ValueError:
            return False
        password = words.partition(":")[2]
        return scheme.lower() == "basic" and hmac.compare_digest(
            password.encode(), channel.password.encode()
        )

    def _tell(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, channel: Channel, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", FORMATS[kind])
        self.send_header("Connection", "close")
        self.end_headers()
        listener = Listener(kind)
        channel.join(listener)
        try:
            self.wfile.write(channel.preludes[kind])
            while data := listener.next():
                self.wfile.write(data)
        except OSError:
            pass  # the client has gone, or stopped reading
        finally:
            channel.leave(listener)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the demo's log is for what goes wrong."""
