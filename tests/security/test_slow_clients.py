"""A connection on which somebody dawdles is closed; one that works is not."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.river_rows import opened
from xunhe.web import slow_clients


@pytest.fixture
def hasty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A console that is patient for a fraction of a second."""
    monkeypatch.setattr(slow_clients, "HEAD_S", 0.3)
    monkeypatch.setattr(slow_clients, "BODY_S", 0.3)
    database = opened(tmp_path)
    with serve(database) as served:
        yield served
    database.close()


def drip(line: socket.socket) -> None:
    for _ in range(200):
        line.sendall(b"X: y\r\n")
        time.sleep(0.05)


def end_of(line: socket.socket) -> bytes:
    """What comes until the server closes; TimeoutError where it does not."""
    line.settimeout(10)
    got = b""
    try:
        while part := line.recv(65536):
            got += part
    except ConnectionResetError:
        pass
    return got


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HT",
        b"GET /login HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nname=",
        b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nname",
    ],
)
def test_what_is_begun_and_not_ended_is_cut(hasty: Served, begun: bytes) -> None:
    with socket.create_connection(("127.0.0.1", hasty.port), 5) as line:
        line.sendall(begun)
        end_of(line)


def test_a_drop_now_and_then_buys_no_time(hasty: Served) -> None:
    with socket.create_connection(("127.0.0.1", hasty.port), 5) as line:
        line.sendall(b"GET /login HTTP/1.1\r\nHost: x\r\n")
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            drip(line)


def test_a_second_head_on_the_same_connection_has_its_deadline_too(hasty: Served) -> None:
    with socket.create_connection(("127.0.0.1", hasty.port), 5) as line:
        line.sendall(b"GET /login HTTP/1.1\r\nHost: x\r\n\r\nGET /login HT")
        assert end_of(line).count(b"HTTP/1.1 200") == 1


def test_a_live_stream_goes_on_beyond_every_deadline(hasty: Served) -> None:
    url = f"{hasty.url}/api/v1/events"
    with httpx.stream("GET", url, timeout=60, trust_env=False) as stream:
        assert stream.status_code == 200
        time.sleep(0.7)
        hasty.live.notify()
        assert next(stream.iter_raw())
