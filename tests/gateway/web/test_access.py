"""Who may do what: every route times everybody. A route that is missing here fails."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from tests.fakes import camera_desk
from tests.gateway.web.console_server import NAME, PASSWORD, Served, serve
from tests.gateway.web.river_rows import NOW, fill, opened
from xunhe.web.access import COOKIE, Decision, decide
from xunhe.web.application import ROUTERS

READING = [
    "/",
    "/tickets/2",
    "/rejected",
    "/silences",
    "/fragments/overview",
    "/fragments/tickets/2",
    "/cameras",
    "/cameras/YX-C1",
    "/fragments/camera-list",
    "/fragments/cameras/YX-C1",
    "/metrics",
    "/api/v1/cameras",
    "/api/v1/cameras/YX-C1",
    "/api/v1/cameras/YX-C1/frame.jpg",
    "/api/v1/cameras/YX-C1/overlay",
    "/api/v1/cameras/YX-C1/zones",
    "/api/v1/openapi.json",
    "/api/v1/overview",
    "/desk/new",
    "/desk/log",
    "/api/v1/desk/log",
    "/api/v1/desk/head",
    "/desk/board",
    "/desk/list",
    "/api/v1/desk/tickets",
    "/api/v1/desk/board",
    "/api/v1/desk/circulars",
    "/api/v1/desk/tasks",
    "/api/v1/desk/patrols",
    "/api/v1/desk/proposals",
    "/api/v1/desk/lookbacks",
    "/handovers",
    "/api/v1/handovers",
    "/documents",
    "/tickets/2/documents",
    "/api/v1/documents",
    "/api/v1/categories",
    "/api/v1/sign-boards",
    "/api/v1/sections",
    "/api/v1/reaches",
    "/api/v1/stations",
    "/api/v1/stations/YX-S1/observations",
    "/api/v1/stations/YX-S1/flux",
    "/api/v1/stations/YX-S1/forecast",
    "/api/v1/incidents",
    "/api/v1/incidents/1",
    "/api/v1/alerts",
    "/api/v1/tickets",
    "/api/v1/tickets/2",
    "/api/v1/rejected",
    "/api/v1/external",
    "/api/v1/maintenance",
    "/api/v1/silences",
    "/api/v1/decisions",
    "/api/v1/events",
]
OPEN = ["/login", "/static/tokens.css", "/report", "/report/track"]
# What a member gets from a decision that cannot be: it reached the desk.
WRITING = {
    "/api/v1/tickets/2/acceptance": 409,
    "/api/v1/tickets/2/false-alarm": 409,
    "/api/v1/tickets/2/steps": 422,
    "/api/v1/tickets": 422,
    "/api/v1/tickets/2/files": 503,
    "/api/v1/desk/members": 422,
    "/api/v1/documents": 422,
    "/api/v1/tickets/2/documents": 422,
    "/tickets/2/documents": 422,
    "/tickets/2/steps": 422,
    "/tickets/2/files": 422,
    "/desk/new": 422,
    "/desk/members": 422,
    "/desk/members/leaving": 422,
    "/api/v1/cameras/YX-C1/zones": 422,
    "/api/v1/external": 422,
    "/api/v1/maintenance": 422,
    "/silences": 303,
    "/silences/7/end": 404,
    "/api/v1/silences": 422,
    "/api/v1/silences/7/end": 404,
}
# Tested in test_evidence_pages, which has files and incidents to ask for.
OF_EVIDENCE = {
    ("GET", "/evidence/{sha256}"),
    ("HEAD", "/evidence/{sha256}"),
    ("GET", "/evidence/{sha256}/blurred"),
    ("HEAD", "/evidence/{sha256}/blurred"),
    ("GET", "/api/v1/incidents/1/evidence"),
    ("POST", "/api/v1/incidents/1/verdicts"),
    ("POST", "/incidents/1/verdict"),
}
# Tested in test_devices and the tools' test_update.
OF_DEVICES = {
    ("GET", "/api/v1/devices"),
    ("POST", "/api/v1/devices"),
    ("GET", "/api/v1/devices/seal-key"),
    ("GET", "/api/v1/devices/{device}/calibrations"),
    ("POST", "/api/v1/devices/{device}/calibrations"),
    ("POST", "/api/v1/releases"),
    ("GET", "/api/v1/releases/{release}"),
    ("POST", "/api/v1/releases/{release}/offers"),
    ("GET", "/api/v1/session"),
}
# Tested in test_traces and test_loads, which have something to ask for.
OF_WATER = {("GET", "/api/v1/incidents/1/trace"), ("GET", "/api/v1/stations/YX-S1/lag")}
# Tested in test_handovers, which has handovers and persons to sign them.
OF_HANDOVERS = {
    (verb, folder + path)
    for folder in ("/handovers", "/api/v1/handovers")
    for verb, path in (
        ("GET", "/{handover_id}"),
        ("POST", ""),
        ("POST", "/{handover_id}/signatures"),
        ("POST", "/{handover_id}/cancellation"),
    )
}
# Tested in test_supervision: what needs a period, a task, a unit.
OF_SUPERVISION = {
    ("GET", "/desk/reports/{label}"),
    ("GET", "/desk/circulars/{label}"),
    ("POST", "/desk/proposals"),
    ("GET", "/api/v1/desk/circulars/{month}"),
    ("GET", "/api/v1/desk/scores/{period}"),
    ("GET", "/api/v1/desk/reports/{period}"),
    ("POST", "/api/v1/desk/patrols"),
    ("PUT", "/api/v1/desk/tasks/YX-S1"),
    ("POST", "/api/v1/desk/tasks/YX-S1/progress"),
    ("POST", "/api/v1/desk/tasks/YX-S1/deadline"),
    ("POST", "/api/v1/desk/tasks/YX-S1/closing"),
    ("POST", "/api/v1/desk/lists/{year}/problems/2"),
    ("POST", "/api/v1/desk/lists/reviews/{quarter}"),
    ("POST", "/api/v1/desk/matters/{subject}/warning"),
    ("POST", "/api/v1/desk/matters/{subject}/warning/withdrawal"),
    ("POST", "/api/v1/desk/matters/{subject}/step"),
    ("POST", "/api/v1/desk/matters/{subject}/step/refusal"),
    ("POST", "/api/v1/desk/matters/{subject}/instruction"),
    ("POST", "/api/v1/desk/tickets/2/inspection"),
    ("GET", "/api/v1/desk/units/{unit}/ledger/{month}"),
    ("POST", "/api/v1/desk/units/{unit}/returns"),
    ("POST", "/api/v1/desk/units/{unit}/meetings"),
    ("POST", "/api/v1/desk/units/{unit}/grade"),
}
# Tested in test_papers, which has papers to ask for.
OF_PAPERS = {
    ("GET", "/documents/{document_id}"),
    ("GET", "/documents/{document_id}.{suffix}"),
    ("GET", "/boards/YX-S1"),
    ("GET", "/boards/YX-S1.{suffix}"),
    ("GET", "/packages/{digest}.zip"),
}
# Tested in test_citizen_pages: what anybody may do, and what the office does with it.
OF_CITIZENS = {
    ("POST", "/report"),
    ("POST", "/report/account"),
    ("POST", "/report/rating"),
    ("POST", "/api/v1/public/reports"),
    ("GET", "/api/v1/public/reports/YX-S1"),
    ("GET", "/desk/reports"),
    ("POST", "/api/v1/points/{partner}/exchanges"),
    ("POST", "/api/v1/points/{partner}/batches"),
    ("GET", "/api/v1/points/{partner}/batches/{batch}.csv"),
}
# Tested in test_desk: for the office only, log-in or none.
OF_OFFICE = {("GET", "/desk/members"), ("GET", "/api/v1/desk/members")}
# Tested below, each by itself.
SIGN_IN = {("GET", "/setup"), ("POST", "/setup"), ("POST", "/login"), ("POST", "/logout")}


TOKEN = "a-token-for-programs"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The filled night behind a log-in."""
    database = opened(tmp_path_factory.mktemp("locked"))
    fill(database, hours=0.1)
    with serve(
        database,
        read_without_login=False,
        read_token=TOKEN,
        cameras=camera_desk.desk(NOW),
    ) as served:
        yield served
    database.close()


@pytest.fixture(scope="module")
def member(locked: Served) -> Iterator[httpx.Client]:
    with locked.member() as client:
        yield client


def status(client: httpx.Client, path: str) -> int:
    with client.stream("GET", path) as answer:  # the live stream never ends by itself
        return answer.status_code


def write(client: httpx.Client, path: str, **headers: str) -> httpx.Response:
    body: dict[str, Any] = {"reason": "because", "revision": 999}
    if path.startswith("/api/"):
        return client.request(method(path), path, json=body, headers=headers)
    return client.post(path, data=body, headers=headers)


def method(path: str) -> str:
    return "PUT" if path.endswith("/zones") else "POST"


def concrete(path: str) -> str:
    code = "YX-C1" if "camera" in path else "YX-S1"
    values = {
        "ticket_id": "2",
        "incident_id": "1",
        "silence_id": "7",
        "code": code,
        "name": "overview",
    }
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def test_every_route_stands_in_the_matrix() -> None:
    known = {("GET", path) for path in READING + OPEN}
    known |= {(method(path), path) for path in WRITING}
    known |= SIGN_IN | OF_EVIDENCE | OF_HANDOVERS | OF_SUPERVISION
    known |= OF_OFFICE | OF_PAPERS | OF_CITIZENS | OF_WATER | OF_DEVICES
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for verb in route.methods:
                asked = (verb, concrete(route.path))
                assert asked in known, f"{verb} {route.path}"


@pytest.mark.parametrize("path", READING)
def test_reading_behind_a_log_in(locked: Served, member: httpx.Client, path: str) -> None:
    with locked.client() as anonymous:
        for_programs = path.startswith(("/api/", "/fragments/", "/metrics"))
        assert status(anonymous, path) == (401 if for_programs else 303)
    assert status(member, path) == 200


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


def test_the_token_of_a_program_writes_nothing(locked: Served) -> None:
    with locked.client() as program:
        path = next(path for path in WRITING if path.startswith("/api/"))
        assert write(program, path, Authorization=f"Bearer {TOKEN}").status_code == 401


@pytest.mark.parametrize("path", READING)
def test_reading_a_virtual_river_is_open(reader: httpx.Client, path: str) -> None:
    assert status(reader, path) == 200


@pytest.mark.parametrize("path", OPEN)
def test_open_to_everyone(locked: Served, member: httpx.Client, path: str) -> None:
    with locked.client() as anonymous:
        assert status(anonymous, path) == 200
    assert status(member, path) == 200


@pytest.mark.parametrize(("path", "reached"), WRITING.items())
def test_writing_needs_a_session_even_on_a_virtual_river(
    locked: Served, reader: httpx.Client, member: httpx.Client, path: str, reached: int
) -> None:
    assert write(reader, path).status_code == 401
    with locked.client() as anonymous:
        assert write(anonymous, path).status_code == 401
    assert write(member, path).status_code == reached


@pytest.mark.parametrize("path", WRITING)
def test_writing_needs_the_token_of_the_session(member: httpx.Client, path: str) -> None:
    for token in ("", "wrong"):
        answer = write(member, path, **{"X-CSRF-Token": token})
        assert answer.status_code == 403
    token = member.headers["X-CSRF-Token"]
    assert write(member, path, **{"X-CSRF-Token": token[:-1]}).status_code == 403


@pytest.mark.parametrize("path", WRITING)
@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}],
)
def test_writing_from_another_origin_is_refused(
    member: httpx.Client, path: str, headers: dict[str, str]
) -> None:
    assert write(member, path, **headers).status_code == 403


def test_the_log_in_form_takes_nothing_from_another_origin(locked: Served) -> None:
    with locked.client() as anonymous:
        form = {"name": NAME, "password": PASSWORD}
        answer = anonymous.post(
            "/login", data=form, headers={"Origin": "https://elsewhere.example"}
        )
        assert answer.status_code == 403
        assert not anonymous.cookies


def test_a_path_that_nobody_registered_is_closed(locked: Served) -> None:
    with locked.client() as anonymous:
        assert anonymous.get("/api/v1/secrets").status_code == 401
        assert anonymous.get("/secrets").status_code == 303
        assert anonymous.post("/secrets").status_code == 401


def test_the_log_in_page_remembers_where_one_wanted_to_go(locked: Served) -> None:
    with locked.client() as anonymous:
        answer = anonymous.get("/tickets/2")
        assert answer.headers["location"] == "/login?next=/tickets/2"


def test_a_session_ends_with_its_hours(served: Served) -> None:
    with served.member() as member:
        served.wall.at = NOW + timedelta(hours=12) - timedelta(seconds=1)
        assert "退出" in member.get("/").text
        served.wall.at = NOW + timedelta(hours=12)
        assert "退出" not in member.get("/").text
        assert write(member, "/api/v1/tickets/2/acceptance").status_code == 401


def test_log_out_ends_the_session_on_the_server(served: Served) -> None:
    with served.member() as member:
        token = member.cookies[COOKIE]
        assert member.post("/logout").status_code == 303
        member.cookies.set(COOKIE, token)
        assert write(member, "/api/v1/tickets/2/acceptance").status_code == 401


def test_log_out_needs_the_token(served: Served) -> None:
    with served.member() as member:
        assert member.post("/logout", headers={"X-CSRF-Token": ""}).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "session", "own", "public", "decision"),
    [
        ("GET", "/", False, True, False, Decision.NOT_LOGGED_IN),
        ("GET", "/", False, True, True, Decision.PUBLIC_READING),
        ("GET", "/", True, True, False, Decision.SESSION),
        ("GET", "/", False, False, True, Decision.PUBLIC_READING),  # a link from elsewhere
        ("HEAD", "/", False, True, True, Decision.PUBLIC_READING),
        ("POST", "/x", False, True, True, Decision.NOT_LOGGED_IN),
        ("POST", "/x", True, True, True, Decision.SESSION),
        ("POST", "/x", True, False, True, Decision.FOREIGN_ORIGIN),
        ("POST", "/login", False, True, False, Decision.OPEN),
        ("POST", "/login", False, False, False, Decision.FOREIGN_ORIGIN),
        ("DELETE", "/x", False, True, True, Decision.NOT_LOGGED_IN),
        ("GET", "/login/more", False, True, False, Decision.NOT_LOGGED_IN),
        ("GET", "/static", False, True, False, Decision.NOT_LOGGED_IN),
        ("GET", "/static/console.css", False, True, False, Decision.OPEN),
    ],
)
def test_decisions(
    method: str, path: str, session: bool, own: bool, public: bool, decision: Decision
) -> None:
    found = decide(method, path, has_session=session, own_origin=own, read_without_login=public)
    assert found is decision
