"""What guards every route: origin, token, session, programs. Who may which: test_matrix."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.gateway.web.console_server import NAME, PASSWORD, Served, serve
from tests.gateway.web.river_rows import NOW, fill, opened
from xunhe.desk.roles import Role
from xunhe.web.access import COOKIE
from xunhe.web.decision import Caller, Decision, decide
from xunhe.web.permissions import OPEN, READ, WRITE
from xunhe.web.route_rules import Rule

WRITES = [
    "/api/v1/tickets/2/acceptance",
    "/api/v1/silences",
    "/tickets/2/steps",
    "/desk/new",
    "/accounts/disabling",
]
TOKEN = "a-token-for-programs"
OFFICE = Caller(frozenset({Role.OFFICE}))
NOBODY = Caller()


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The filled night behind a log-in."""
    database = opened(tmp_path_factory.mktemp("locked"))
    fill(database, hours=0.1)
    with serve(database, read_without_login=False, read_token=TOKEN) as served:
        yield served
    database.close()


@pytest.fixture(scope="module")
def member(locked: Served) -> Iterator[httpx.Client]:
    with locked.member() as client:
        yield client


def write(client: httpx.Client, path: str, **headers: str) -> httpx.Response:
    body: dict[str, Any] = {"reason": "because", "revision": 999}
    if path.startswith("/api/"):
        return client.post(path, json=body, headers=headers)
    return client.post(path, data=body, headers=headers)


@pytest.mark.parametrize("path", ["/metrics", "/api/v1/alerts"])
def test_a_program_reads_with_its_token_and_with_no_other(locked: Served, path: str) -> None:
    with locked.client() as program:
        for said, expected in (
            (f"Bearer {TOKEN}", 200),
            (f"Bearer {TOKEN}x", 401),
            (f"Basic {TOKEN}", 401),
            ("Bearer", 401),
        ):
            assert program.get(path, headers={"Authorization": said}).status_code == expected


def test_the_token_of_a_program_writes_nothing_and_reads_no_personal_data(locked: Served) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with locked.client() as program:
        assert write(program, WRITES[0], **headers).status_code == 401
        assert program.get("/desk/reports", headers=headers).status_code == 303
        assert program.get("/accounts", headers=headers).status_code == 303


@pytest.mark.parametrize("path", WRITES)
def test_writing_needs_the_token_of_the_session(member: httpx.Client, path: str) -> None:
    token = member.headers["X-CSRF-Token"]
    for wrong in ("", "wrong", token[:-1]):
        assert write(member, path, **{"X-CSRF-Token": wrong}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}],
)
def test_writing_from_another_origin_is_refused(
    locked: Served, member: httpx.Client, headers: dict[str, str]
) -> None:
    for path in WRITES:
        assert write(member, path, **headers).status_code == 403
    with locked.client() as anonymous:
        form = {"name": NAME, "password": PASSWORD}
        assert anonymous.post("/login", data=form, headers=headers).status_code == 403
        assert not anonymous.cookies


def test_a_path_that_nobody_registered_is_closed(locked: Served, member: httpx.Client) -> None:
    with locked.client() as anonymous:
        assert anonymous.get("/api/v1/secrets").status_code == 401
        assert anonymous.get("/secrets").status_code == 303
        assert anonymous.post("/secrets").status_code == 401
    assert member.get("/secrets").status_code == 404
    wrong_method = member.delete("/api/v1/tickets")
    assert (wrong_method.status_code, wrong_method.headers["allow"]) == (405, "GET, POST")


def test_the_log_in_page_remembers_where_one_wanted_to_go(locked: Served) -> None:
    with locked.client() as anonymous:
        answer = anonymous.get("/tickets/2")
        assert answer.headers["location"] == "/login?next=/tickets/2"


def test_a_session_ends_with_its_hours(served: Served) -> None:
    with served.member() as member:
        served.wall.at = NOW + timedelta(hours=12) - timedelta(seconds=1)
        assert "退出" in member.get("/account").text
        served.wall.at = NOW + timedelta(hours=12)
        assert member.get("/account").status_code == 303
        assert write(member, "/api/v1/tickets/2/acceptance").status_code == 401


def test_log_out_ends_the_session_on_the_server_and_needs_the_token(served: Served) -> None:
    with served.member() as member:
        token = member.cookies[COOKIE]
        assert member.post("/logout", headers={"X-CSRF-Token": ""}).status_code == 403
        assert member.post("/logout").status_code == 303
        member.cookies.set(COOKIE, token)
        assert write(member, "/api/v1/tickets/2/acceptance").status_code == 401


@pytest.mark.parametrize(
    ("rule", "method", "caller", "is_demo", "decision"),
    [
        (READ, "GET", NOBODY, False, Decision.NOT_LOGGED_IN),
        (READ, "GET", NOBODY, True, Decision.PUBLIC_READING),
        (READ, "HEAD", NOBODY, True, Decision.PUBLIC_READING),
        (READ, "GET", OFFICE, False, Decision.ROLE),
        (READ, "GET", Caller(own_origin=False), True, Decision.PUBLIC_READING),  # a link elsewhere
        (READ, "GET", Caller(has_token=True), False, Decision.PROGRAM),
        (READ.showing("电话", "telephones"), "GET", NOBODY, True, Decision.NOT_LOGGED_IN),
        (READ.showing("电话", "telephones"), "GET", OFFICE, True, Decision.ROLE),
        (READ, "GET", Caller(frozenset()), True, Decision.NOT_HIS),
        (WRITE, "POST", NOBODY, True, Decision.NOT_LOGGED_IN),
        (WRITE, "POST", Caller(has_token=True), True, Decision.NOT_LOGGED_IN),
        (WRITE, "POST", OFFICE, True, Decision.ROLE),
        (WRITE, "POST", Caller(frozenset({Role.OBSERVER})), True, Decision.NOT_HIS),
        (OPEN, "POST", NOBODY, False, Decision.OPEN),
        (OPEN, "POST", Caller(own_origin=False), False, Decision.FOREIGN_ORIGIN),
        (Rule(), "GET", OFFICE, True, Decision.NOT_HIS),
        (None, "GET", OFFICE, False, Decision.UNKNOWN),
        (None, "GET", NOBODY, True, Decision.UNKNOWN),
        (None, "POST", NOBODY, True, Decision.NOT_LOGGED_IN),
    ],
)
def test_decisions(
    rule: Rule | None, method: str, caller: Caller, is_demo: bool, decision: Decision
) -> None:
    assert decide(rule, method, caller, read_without_login=is_demo) is decision


def test_who_is_refused_something_is_noted_without_what_he_sent(
    locked: Served, member: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("WARNING", "xunhe.web.access"):
        assert member.get("/nobodys%0Aline?secret=1").status_code == 404
        with locked.client() as stranger:
            assert write(stranger, WRITES[0]).status_code == 401
            assert stranger.get("/tickets/1").status_code == 303
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        f"refused=404 GET '/nobodys\\nline' to {NAME!r} from 127.0.0.1",
        f"refused=401 POST '{WRITES[0]}' to '' from 127.0.0.1",
    ]


def test_log_ins_are_noted_and_what_was_typed_wrong_is_not(
    locked: Served, member: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "xunhe.web.sign_in"), locked.client() as client:
        client.post("/login", data={"name": "geheim", "password": "geheim too"})
        client.post("/login", data={"name": NAME, "password": PASSWORD})
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert "log-in refused from 127.0.0.1" in said
    assert f"log-in of {NAME!r} from 127.0.0.1" in said
    assert "geheim" not in said
    assert PASSWORD not in said
