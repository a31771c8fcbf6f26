"""A handover in the browser and by the API: drawn up by the office, signed by two persons."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest

from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.river_rows import opened

PASSWORD = "a long enough password"
API = "/api/v1/handovers"


@dataclass(frozen=True)
class Desk:
    """A console with three people at it; P5 holds VILLAGE-1, P6 VILLAGE-2."""

    served: Served
    office: httpx.Client
    p5: httpx.Client
    p6: httpx.Client


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One for all tests, each with a post of its own: hashing passwords takes its time."""
    with ExitStack() as stack:
        database = opened(tmp_path_factory.mktemp("handovers"))
        stack.callback(database.close)
        served = stack.enter_context(serve(database))
        office = stack.enter_context(served.member())
        two = [person(served, office, code) for code in ("P5", "P6")]
        for client in two:
            stack.callback(client.close)
        yield Desk(served, office, *two)


def person(served: Served, office: httpx.Client, code: str) -> httpx.Client:
    added = {"name": f"user-{code}", "password": PASSWORD, "person": code}
    answer = office.post("/api/v1/desk/members", json=added)
    assert answer.status_code == 201, answer.text
    client = served.client()
    login = client.post("/login", data={"name": added["name"], "password": PASSWORD})
    assert login.status_code == 303
    page = client.get("/").text
    client.headers["X-CSRF-Token"] = page.split('name="csrf" value="')[1].split('"')[0]
    return client


def draft(desk: Desk, post: str, successor: str) -> dict[str, object]:
    answer = desk.office.post(API, json={"post": post, "successor": successor})
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.json()
    return made


def sign(client: httpx.Client, handover: dict[str, object]) -> httpx.Response:
    body = {"sha256": handover["sha256"]}
    return client.post(f"{API}/{handover['id']}/signatures", json=body)


def test_the_post_is_the_successors_from_the_second_signature(desk: Desk) -> None:
    handover = draft(desk, "VILLAGE-1", "P6")
    assert (handover["leaver"], handover["moved_at"]) == ("P5", None)
    assert sign(desk.p5, handover).json()["moved_at"] is None
    desk.served.clock.at += timedelta(seconds=1)
    moved = sign(desk.p6, handover)
    assert moved.status_code == 200, moved.text
    assert moved.json()["moved_at"] == moved.json()["successor_signed_at"]
    seats = {m["user"]: m["offices"] for m in desk.office.get("/api/v1/desk/members").json()}
    assert "VILLAGE-1" not in seats["user-P5"]
    assert "VILLAGE-1" in seats["user-P6"]
    boards = {board["code"]: board for board in desk.office.get("/api/v1/sign-boards").json()}
    assert boards["YX-B1"]["outdated_since"] == moved.json()["moved_at"]
    assert boards["YX-B4"]["outdated_since"] is None
    assert handover["id"] in [each["id"] for each in desk.office.get(API).json()]


def test_a_person_can_do_every_step_in_the_browser(desk: Desk) -> None:
    assert "起草交接清单" in desk.office.get("/handovers").text
    assert "起草交接清单" not in desk.p5.get("/handovers").text
    drafted = desk.office.post("/handovers", data={"post": "VILLAGE-2", "successor": "P5"})
    assert drafted.status_code == 303
    page = drafted.headers["location"]
    sha256 = desk.office.get("/api/v1" + page).json()["sha256"]
    shown = desk.office.get(page).text
    assert sha256 in shown
    paper = shown.split('href="/documents/')[1].split('"')[0]
    assert sha256 in desk.office.get(f"/documents/{paper}").text
    for client in (desk.p5, desk.p6):
        assert "签字确认" in client.get(page).text
        assert client.post(page + "/signatures", data={"sha256": sha256}).status_code == 303
        assert "签字确认" not in client.get(page).text
    assert "职责移交" in desk.office.get(page).text
    assert "已交接" in desk.office.get("/handovers").text


def test_what_is_not_allowed_is_refused_with_its_reason(desk: Desk) -> None:
    asked = {"post": "VILLAGE-3", "successor": "P6"}
    assert desk.p5.post(API, json=asked).status_code == 403
    handover = draft(desk, **asked)
    again = desk.office.post(API, json=asked)
    assert (again.status_code, again.json()["code"]) == (409, "handover_refused")
    assert sign(desk.office, handover).json()["code"] == "no_person"
    assert sign(desk.p6, {**handover, "sha256": "0" * 64}).status_code == 409
    assert sign(desk.p6, {**handover, "id": 99}).status_code == 404
    assert sign(desk.p6, {**handover, "sha256": "x"}).status_code == 422
    assert desk.office.get("/handovers/99").status_code == 404
    assert desk.office.post("/handovers/99/cancellation", data={"reason": "无"}).status_code == 404


def test_the_office_may_call_a_handover_off(desk: Desk) -> None:
    handover = draft(desk, "VILLAGE-4", "P5")
    page = f"/handovers/{handover['id']}"
    assert "撤销交接" in desk.office.get(page).text
    assert desk.p5.post(page + "/cancellation", data={"reason": "不"}).status_code == 403
    assert desk.office.post(page + "/cancellation", data={"reason": "起草有误"}).status_code == 303
    assert "已撤销" in desk.office.get(page).text
    assert sign(desk.p5, handover).status_code == 409
    again = desk.office.post(f"{API}/{handover['id']}/cancellation", json={"reason": "再撤"})
    assert again.status_code == 409


@pytest.mark.parametrize("path", ["", "/1/signatures", "/1/cancellation"])
def test_nobody_writes_without_a_session_and_its_token(desk: Desk, path: str) -> None:
    with desk.served.client() as anonymous:
        for folder in (API, "/handovers"):
            assert anonymous.post(folder + path, json={}).status_code in (303, 401)
            foreign = desk.office.post(folder + path, json={}, headers={"X-CSRF-Token": "x"})
            assert foreign.status_code == 403
