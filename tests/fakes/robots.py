"""A chat robot's server on loopback, which checks what the real ones check."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY, SECRET = "robot-key-0001", "SEC-of-the-robot"
_FRESH_S = 3600


@dataclass
class RobotServer:
    """Takes the messages of one kind of robot; `errors` are answered first, in order."""

    kind: str
    port: int = 0
    texts: list[str] = field(default_factory=list)
    errors: list[int] = field(default_factory=list)
    status: int = 200
    says: bytes | None = None  # in place of its answer

    @property
    def url(self) -> str:
        path = {
            "wecom": f"/cgi-bin/webhook/send?key={KEY}",
            "dingtalk": f"/robot/send?access_token={KEY}",
            "feishu": f"/open-apis/bot/v2/hook/{KEY}",
        }[self.kind]
        return f"http://127.0.0.1:{self.port}{path}"

    def answer(self, target: str, body: dict[str, Any]) -> dict[str, Any]:
        if self.errors:
            return self._say(self.errors.pop(0))
        code = getattr(self, f"_{self.kind}")(urlsplit(target), body)
        return self._say(code)

    def _say(self, code: int) -> dict[str, Any]:
        if self.kind == "feishu":
            return {"code": code, "msg": "success" if code == 0 else "refused", "data": {}}
        return {"errcode": code, "errmsg": "ok" if code == 0 else "refused"}

    def _wecom(self, target: Any, body: dict[str, Any]) -> int:
        if parse_qs(target.query).get("key") != [KEY]:
            return 93000
        return self._take(body["msgtype"] == "text", body["text"]["content"], 2048)

    def _dingtalk(self, target: Any, body: dict[str, Any]) -> int:
        query = parse_qs(target.query, strict_parsing=True)
        stamp = query["timestamp"][0]
        mac = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256)
        is_fresh = abs(time.time() * 1000 - int(stamp)) < _FRESH_S * 1000
        expected = base64.b64encode(mac.digest()).decode()
        if query.get("access_token") != [KEY] or query["sign"] != [expected] or not is_fresh:
            return 310000
        return self._take(body["msgtype"] == "text", body["text"]["content"], 20_000)

    def _feishu(self, target: Any, body: dict[str, Any]) -> int:
        stamp = body["timestamp"]
        mac = hmac.new(f"{stamp}\n{SECRET}".encode(), b"", hashlib.sha256)
        is_fresh = abs(time.time() - int(stamp)) < _FRESH_S
        if body["sign"] != base64.b64encode(mac.digest()).decode() or not is_fresh:
            return 19021
        return self._take(body["msg_type"] == "text", body["content"]["text"], 20_000)

    def _take(self, is_text: bool, text: str, limit: int) -> int:
        if not is_text or not 0 < len(text.encode()) <= limit:
            return 40058
        self.texts.append(text)
        return 0


@contextmanager
def robot(kind: str) -> Iterator[RobotServer]:
    """A server of this kind."""
    taking = RobotServer(kind)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            answer = taking.says
            if answer is None:
                answer = json.dumps(taking.answer(self.path, body)).encode()
            self.send_response(taking.status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    taking.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield taking
    server.shutdown()
    thread.join()
    server.server_close()
