"""A citizen reports without an account; the office reads it; his code shows the answer."""

import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import httpx
import pytest
from PIL import Image

from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.river_rows import REGISTRY
from xunhe.adapters.store import points
from xunhe.adapters.store.database import Database
from xunhe.desk.periods import Span, period_at
from xunhe.desk.points import ISSUED, Act, moved, volunteer
from xunhe.web.access import MAX_UPLOAD

LON, LAT = REGISTRY.reaches["YX-2"].line[1]
SENT = {"category": "discharge.secret", "text": "夜里排黑水", "lon": str(LON), "lat": str(LAT)}
API = "/api/v1/public/reports"


@pytest.fixture
def closed(store: Database) -> Iterator[Served]:
    """A console that nobody may read without an account."""
    with serve(store, read_without_login=False) as served:
        yield served


@pytest.fixture
def stranger(closed: Served) -> Iterator[httpx.Client]:
    with closed.client() as client:
        yield client


def multipart(**changed: str) -> dict[str, tuple[None, str]]:
    return {name: (None, value) for name, value in (SENT | changed).items()}


def test_the_form_is_open_to_everyone_and_may_ask_where_one_is(stranger: httpx.Client) -> None:
    page = stranger.get("/report")
    assert page.status_code == 200
    assert "geolocation=(self)" in page.headers["permissions-policy"]
    assert "geolocation=()" in stranger.get("/login").headers["permissions-policy"]
    assert stranger.get("/", follow_redirects=False).status_code == 303


def test_a_report_by_the_page_is_tracked_by_its_code(stranger: httpx.Client) -> None:
    sent = stranger.post("/report", files=multipart())
    assert sent.status_code == 200
    found = re.search(r'<strong class="code">([0-9A-Z-]{14})</strong>', sent.text)
    assert found
    page = stranger.get("/report/track", params={"code": found[1]})
    assert "待核实" in page.text
    assert "夜里排黑水" not in page.text


def test_a_report_by_the_api_gets_its_answer(closed: Served, stranger: httpx.Client) -> None:
    sent = stranger.post(API, files=multipart())
    assert sent.status_code == 201, sent.text
    with closed.member() as member:
        for action, reason in (("accept", "属实"), ("feedback", "已责成整改")):
            revision = member.get("/api/v1/tickets/1").json()["revision"]
            step = {"action": action, "reason": reason, "revision": revision}
            assert member.post("/api/v1/tickets/1/steps", json=step).status_code == 200
        assert "夜里排黑水" in member.get("/desk/reports").text
    found = stranger.get(f"{API}/{sent.json()['code']}").json()
    assert (found["stage_zh"], found["answers"][0]["text"]) == ("已受理", "已责成整改")


def test_a_rating_counts_in_the_satisfaction_of_the_public(
    closed: Served, stranger: httpx.Client
) -> None:
    code = stranger.post(API, files=multipart()).json()["code"]
    with closed.member() as member:
        for action in ("accept", "feedback"):
            revision = member.get("/api/v1/tickets/1").json()["revision"]
            step = {"action": action, "reason": "已清理", "revision": revision}
            member.post("/api/v1/tickets/1/steps", json=step)
        assert "很满意" in stranger.get("/report/track", params={"code": code}).text
        stranger.post("/report/rating", data={"code": code, "rating": "5"})
        report = member.get("/api/v1/desk/reports/2026-07").json()
    satisfaction = report["indicators"]["satisfaction"]
    assert (satisfaction["part"], satisfaction["whole"]) == (1, 1)
    page = stranger.get("/report/track", params={"code": code}).text
    assert "已评价" in page
    assert 'name="rating"' not in page


def test_an_unfit_form_comes_back_with_what_was_typed(stranger: httpx.Client) -> None:
    answer = stranger.post("/report", files=multipart(lon="0", lat="0", text="河里有油"))
    assert answer.status_code == 422
    assert "没有本平台管护的河段" in answer.text
    assert "河里有油" in answer.text


def test_a_rating_on_the_page_reaches_the_months_report(
    closed: Served, stranger: httpx.Client
) -> None:
    code = stranger.post(API, files=multipart()).json()["code"]
    with closed.member() as member:
        for action, reason in (("accept", "属实"), ("feedback", "已责成整改")):
            revision = member.get("/api/v1/tickets/1").json()["revision"]
            step = {"action": action, "reason": reason, "revision": revision}
            assert member.post("/api/v1/tickets/1/steps", json=step).status_code == 200
        rated = stranger.post("/report/rating", data={"code": code, "rating": "5"})
        assert rated.status_code in {200, 303}, rated.text
        month = period_at(closed.clock.at, Span.MONTH).label
        report = member.get(f"/api/v1/desk/reports/{month}").json()
    assert report["indicators"]["satisfaction"] == {"part": 1, "whole": 1, "value": 1.0}


def test_a_report_from_a_board_lies_where_the_board_stands(stranger: httpx.Client) -> None:
    assert "YX-B1" in stranger.get("/report?board=YX-B1").text
    sent = stranger.post(API, files=multipart(lon="", lat="", board="YX-B1"))
    assert sent.status_code == 201, sent.text


def test_a_photograph_may_come_with_it(stranger: httpx.Client) -> None:
    out = BytesIO()
    Image.new("RGB", (32, 32), "green").save(out, "PNG")
    files = [*multipart().items(), ("photo", ("p.png", out.getvalue(), "image/png"))]
    assert stranger.post(API, files=files).status_code == 201


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"text": "  "}, "字说明"),
        ({"category": "none"}, "没有问题类别"),
        ({"lon": "x"}, "填写位置"),
        ({"lon": "", "lat": ""}, "填写位置"),
        ({"lon": "0", "lat": "0"}, "没有本平台管护的河段"),
    ],
)
def test_an_unfit_report_is_refused_with_what_to_do(
    stranger: httpx.Client, changed: dict[str, str], said: str
) -> None:
    answer = stranger.post(API, files=multipart(**changed))
    assert answer.status_code == 422
    assert said in answer.json()["message_zh"]


def test_a_body_that_is_too_large_or_of_unsaid_size_is_refused_unread(
    stranger: httpx.Client,
) -> None:
    def endless() -> Iterator[bytes]:
        yield b"x" * 1024

    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert stranger.post(API, content=endless(), headers=headers).status_code == 413
    assert stranger.post(API, content=b"x" * (MAX_UPLOAD + 1), headers=headers).status_code == 413


def test_reports_from_one_address_are_limited_by_the_hour(
    closed: Served, stranger: httpx.Client
) -> None:
    answers = [stranger.post(API, files=multipart()).status_code for _ in range(7)]
    assert answers == [201] * 6 + [429]
    refused = stranger.post(API, files=multipart())
    assert int(refused.headers["retry-after"]) <= 3601
    closed.wall.at += timedelta(hours=1)
    assert stranger.post(API, files=multipart()).status_code == 201


def test_guessing_codes_is_limited_and_tells_nothing(stranger: httpx.Client) -> None:
    answers = [stranger.get(f"{API}/2222-2222-22{n:02d}").status_code for n in range(121)]
    assert answers == [404] * 120 + [429]


def test_an_account_of_points_is_opened_and_shown_once(stranger: httpx.Client) -> None:
    code = stranger.post(API, files=multipart()).json()["code"]
    page = stranger.post("/report/account", data={"code": code})
    assert re.search(r'<strong class="code">[0-9A-Z-]{14}</strong>', page.text)
    assert stranger.get(f"{API}/{code}").json()["points"] == 0
    assert stranger.post("/report/account", data={"code": "2222"}).status_code == 404


def test_a_stranger_reads_no_reports_of_others(closed: Served, stranger: httpx.Client) -> None:
    stranger.post(API, files=multipart())
    assert stranger.get("/desk/reports", follow_redirects=False).status_code == 303
    with serve(closed.database) as demo, demo.client() as reader:
        assert reader.get("/desk/reports", follow_redirects=False).status_code == 303


def test_a_form_of_another_site_is_refused(stranger: httpx.Client) -> None:
    foreign = {"sec-fetch-site": "cross-site"}
    assert stranger.post(API, files=multipart(), headers=foreign).status_code == 403


def test_points_are_exchanged_and_exported_by_the_office(
    closed: Served, stranger: httpx.Client
) -> None:
    give = moved("gift", closed.clock.now(), Act.REPORT, 600, ISSUED, volunteer("MINE"))
    with closed.database.write() as connection:
        points.post(connection, give, "office")
    asked = {"account": "mine", "points": 400, "key": "counter-1"}
    assert stranger.post("/api/v1/points/zyh/exchanges", json=asked).status_code == 401
    with closed.member() as member:
        for _ in range(2):
            made = member.post("/api/v1/points/zyh/exchanges", json=asked)
            assert made.json() == {"balance": 200}
        for wanted, status in ((100, 422), (400, 409)):
            more = {**asked, "points": wanted, "key": "counter-2"}
            assert member.post("/api/v1/points/zyh/exchanges", json=more).status_code == status
        assert member.post("/api/v1/points/zyh/batches").json() == {"batch": 1}
        assert member.post("/api/v1/points/zyh/batches").json() == {"batch": 0}
        table = member.get("/api/v1/points/zyh/batches/1.csv").text.splitlines()
        assert table[1].startswith("zyh,1,")
        assert table[1].endswith(",400")
        assert member.get("/api/v1/points/zyh/batches/2.csv").status_code == 404
