"""The console as a stranger on the network meets it: a real `xunhe run` process and raw sockets."""

import io
import re
import socket
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.gateway.web.console_server import NAME, PASSWORD
from tests.tools.buoy.gateway import RunningGateway, running_gateway

SECRETS = ("BEGIN EC PRIVATE", "BEGIN PRIVATE", "root:x:0", "[store]", "SQLite format")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path_factory.mktemp("outside")) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def stranger(gateway: RunningGateway) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.url, timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def member(gateway: RunningGateway) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.url, timeout=60, trust_env=False) as client:
        answer = client.post("/login", data={"name": NAME, "password": PASSWORD})
        assert answer.status_code == 303
        client.headers["X-CSRF-Token"] = client.get("/api/v1/session").json()["csrf"]
        yield client


def port_of(gateway: RunningGateway) -> int:
    return int(gateway.url.rsplit(":", 1)[1])


def said(gateway: RunningGateway, raw: bytes, wait_s: float = 2.0) -> bytes:
    """What the server answers to these bytes, until it closes or says no more."""
    with socket.create_connection(("127.0.0.1", port_of(gateway)), wait_s) as line:
        line.sendall(raw)
        answer = b""
        try:
            while part := line.recv(65536):
                answer += part
        except (TimeoutError, ConnectionResetError):
            pass
    return answer


def answers(raw: bytes) -> list[int]:
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3})", raw)]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/login"),
        ("GET", "/report"),
        ("GET", "/nothing"),
        ("GET", "/api/v1/nothing"),
        ("GET", "/api/v1/stations"),
        ("POST", "/login"),
        ("DELETE", "/login"),
        ("TRACE", "/login"),
        ("OPTIONS", "/api/v1/stations"),
        ("PUT", "/login"),
    ],
)
def test_every_answer_bears_the_security_headers_and_betrays_no_version(
    stranger: httpx.Client, method: str, path: str
) -> None:
    answer = stranger.request(method, path)
    headers = answer.headers
    assert answer.status_code not in (200, 500) or method == "GET"
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "object-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers
    assert "x-powered-by" not in headers
    assert "access-control-allow-origin" not in headers
    assert "Traceback" not in answer.text


def test_the_cookie_is_kept_from_scripts_and_other_sites_and_dies_with_the_session(
    gateway: RunningGateway,
) -> None:
    with httpx.Client(base_url=gateway.url, timeout=60, trust_env=False) as client:
        client.cookies.set("xunhe_session", "chosen-by-a-stranger")
        answer = client.post("/login", data={"name": NAME, "password": PASSWORD})
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        token = cookie.split("=", 1)[1].split(";")[0]
        assert token != "chosen-by-a-stranger"
        assert len(token) >= 22, "128 bits in base64"
    own = {"cookie": f"xunhe_session={token}"}
    with httpx.Client(base_url=gateway.url, timeout=60, trust_env=False, headers=own) as client:
        csrf = client.get("/api/v1/session").json()["csrf"]
        client.post("/logout", data={"csrf": csrf})
        assert client.get("/api/v1/session").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-CSRF-Token": "wrong"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Referer": "http://evil.example/"},
    ],
)
def test_a_write_that_another_site_could_cause_is_refused(
    member: httpx.Client, headers: dict[str, str]
) -> None:
    token = member.headers["X-CSRF-Token"]
    sent = {"X-CSRF-Token": token, **headers} if headers else {"X-CSRF-Token": ""}
    if set(headers) == {"Referer"}:
        sent["X-CSRF-Token"] = ""  # a referer alone proves nothing either way
    for path in ("/api/v1/silences", "/desk/new", "/accounts", "/api/v1/devices"):
        assert member.post(path, json={}, headers=sent).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/static/..%2f..%2f..%2fxunhe.toml",
        "/static/%252e%252e/xunhe.toml",
        "/static/....//....//xunhe.toml",
        "/static/..\\..\\xunhe.toml",
        "/static//etc/passwd",
        "/static/%00/etc/passwd",
        "/evidence/../xunhe.sqlite3",
        "/evidence/..%2fxunhe.sqlite3/blurred",
        "/tiles/..%2f/0/0",
        "/../xunhe.toml",
        "//etc/passwd",
        "/.git/config",
        "/xunhe.toml",
        "/var/https/authority.key",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
def test_no_path_leads_out_of_what_is_served(gateway: RunningGateway, path: str) -> None:
    raw = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    answer = said(gateway, raw)
    assert all(code in (303, 400, 401, 404) for code in answers(answer)), answer[:200]
    assert not any(secret.encode() in answer for secret in SECRETS)


def _post(head: bytes, body: bytes = b"") -> bytes:
    return b"POST /login HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n" + body


SMUGGLED = b"GET /login HTTP/1.1\r\nHost: x\r\n\r\n"  # would be answered with 200
CHUNKED = b"Transfer-Encoding: chunked"


@pytest.mark.parametrize(
    "raw",
    [
        _post(b"Content-Length: 6\r\n" + CHUNKED, b"0\r\n\r\n" + SMUGGLED),
        _post(CHUNKED + b"\r\nContent-Length: 6", b"0\r\n\r\n" + SMUGGLED),
        _post(b"Content-Length: 0\r\nContent-Length: 36", SMUGGLED),
        _post(b"Content-Length: 0, 36", SMUGGLED),
        _post(b"Transfer-Encoding: xchunked", b"0\r\n\r\n" + SMUGGLED),
        _post(b"Transfer-Encoding: chunked, identity", b"0\r\n\r\n" + SMUGGLED),
        _post(b"Transfer-Encoding : chunked", b"0\r\n\r\n" + SMUGGLED),
        _post(b"Content-Length: -1", SMUGGLED),
        _post(b"Content-Length: +4", b"abcd" + SMUGGLED),
        _post(CHUNKED, b"-1\r\n\r\n" + SMUGGLED),
        _post(CHUNKED, b"fffffffffffffffff\r\n" + SMUGGLED),
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n" + SMUGGLED,
        b"GET / HTTP/1.1\r\nHost x\r\n\r\n" + SMUGGLED,
        b"GET /\r\n\r\n" + SMUGGLED,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SMUGGLED,
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000 + b"\r\n\r\n" + SMUGGLED,
        b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + bytes(64),
        bytes(range(256)) * 20,
    ],
)
def test_a_message_with_two_readings_ends_the_connection(
    gateway: RunningGateway, raw: bytes
) -> None:
    codes = answers(said(gateway, raw))
    assert 200 not in codes, f"a second request was read: {codes}"
    assert all(code < 500 for code in codes)


def test_a_body_larger_than_the_limit_is_refused_whatever_it_says_of_its_size(
    gateway: RunningGateway, member: httpx.Client
) -> None:
    large = b"x" * (17 * 2**20)
    assert member.post("/api/v1/silences", content=large).status_code == 413

    def unsaid() -> Iterator[bytes]:
        for _ in range(17):
            yield b"x" * 2**20

    assert member.post("/api/v1/silences", content=unsaid()).status_code in (403, 411, 413)
    lied = b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"
    assert all(code < 500 for code in answers(said(gateway, lied, 0.5)))


def _bomb(width: int) -> bytes:
    out = io.BytesIO()
    Image.new("1", (width, width)).save(out, "PNG")
    return out.getvalue()


def test_a_picture_that_would_fill_the_memory_is_no_photograph(stranger: httpx.Client) -> None:
    page = stranger.get("/report").text
    once = re.search(r'name="once" value="([^"]+)"', page)
    form = {"text": "水黑", "reach": "", "once": once[1] if once else ""}
    bomb = _bomb(20_000)
    assert len(bomb) < 100_000
    begin = time.monotonic()
    answer = stranger.post("/report", data=form, files={"photo": ("a.png", bomb, "image/png")})
    assert answer.status_code in (400, 413, 422, 429)
    assert time.monotonic() - begin < 20


def test_a_workbook_that_would_fill_the_memory_is_no_table(member: httpx.Client) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (130 * 2**20))
    page = member.get("/registry/import").text
    csrf = member.headers["X-CSRF-Token"]
    once = re.search(r'name="once" value="([^"]+)"', page)
    form = {"csrf": csrf, "once": once[1] if once else ""}
    files = {"file": ("a.xlsx", out.getvalue(), "application/octet-stream")}
    answer = member.post("/registry/import", data=form, files=files)
    assert answer.status_code < 500, answer.text[:500]


def test_whoever_dawdles_holds_up_nobody(gateway: RunningGateway, stranger: httpx.Client) -> None:
    lines = []
    try:
        for _ in range(100):
            line = socket.create_connection(("127.0.0.1", port_of(gateway)), 5)
            line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            lines.append(line)
        assert stranger.get("/login").status_code == 200
    finally:
        for line in lines:
            line.close()


def test_an_error_inside_shows_nothing_of_the_inside(member: httpx.Client) -> None:
    for path in ("/tickets/99999999999999999999", "/api/v1/tickets/-1", "/stations/%ff%fe"):
        answer = member.get(path)
        assert answer.status_code in (400, 404, 422)
        for word in ("Traceback", "sqlalchemy", "sqlite", str(Path.home())):
            assert word not in answer.text


def test_the_log_and_the_list_of_processes_hold_no_secret(
    gateway: RunningGateway, member: httpx.Client, stranger: httpx.Client
) -> None:
    stranger.post("/login", data={"name": NAME, "password": "not the password"})
    secrets = [
        PASSWORD,
        "not the password",
        member.headers["X-CSRF-Token"],
        member.cookies["xunhe_session"],
    ]
    log = (gateway.folder / "gateway.log").read_text()
    told = log + "".join(_of_every_process("cmdline", "environ"))
    assert "console" in log
    for secret in secrets:
        assert secret not in told


def test_what_holds_keys_is_readable_by_its_owner_only(gateway: RunningGateway) -> None:
    for file in gateway.folder.glob("xunhe.sqlite3*"):
        assert file.stat().st_mode & 0o077 == 0, file.name


def _of_every_process(*names: str) -> Iterator[str]:
    for process in Path("/proc").glob("[0-9]*"):
        for name in names:
            with suppress(OSError):
                yield (process / name).read_bytes().decode("utf-8", "replace")
