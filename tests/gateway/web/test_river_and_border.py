"""Plans of rivers, adopted reaches and neighbours, as the people at the desk use them."""

import json
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from tests.gateway.web.console_server import Served
from tests.gateway.web.people import client_of
from tests.gateway.web.river_rows import NOW
from tests.gateway.web.test_office_pages import at_desk, rows, send
from tests.gateway.web.test_supervision import DESK, add, plan
from xunhe.desk.log import chained
from xunhe.desk.offers import FORMAT, written
from xunhe.desk.roles import Role
from xunhe.domain.clock import SHANGHAI

YEAR = NOW.astimezone(SHANGHAI).year
PLAN = {
    "code": "P-1", "river": "云溪", "title": "云溪一河一策", "lead": "U-DISTRICT",
    "from_year": YEAR, "to_year": YEAR + 4,
}  # fmt: skip


@pytest.fixture
def office(served: Served) -> Iterator[httpx.Client]:
    with at_desk(served) as client:
        yield client


def test_a_plan_of_five_years_passes_five_approvals(served: Served, office: httpx.Client) -> None:
    assert send(office, "/desk/plans", **PLAN).headers["location"] == "/desk/plans/P-1"
    wrong = send(office, "/desk/plans", **PLAN | {"code": "P-2", "to_year": YEAR - 1})
    assert wrong.status_code == 422
    assert "实施周期须为" in wrong.text
    assert "已有计划 P-1" in send(office, "/desk/plans", **PLAN | {"code": "P-2"}).text
    office.put(f"{DESK}/tasks/T1", json=plan(river="云溪", year=YEAR))
    assert f"{YEAR}—{YEAR + 4}" in office.get("/desk/tasks/T1").text
    steps = "/desk/plans/P-1/approvals"
    for step in (1, 2, 3):
        done = send(office, steps, step=step, decision="approve", note="会议纪要")
        assert done.status_code == 303, done.text
    assert "待区级河长审定" in office.get("/desk/plans").text
    assert send(office, steps, step=4, decision="approve", note="代批").status_code == 403
    with client_of(served, "区级河长", person="P1") as chief:
        assert send(chief, steps, step=4, decision="approve", note="审定").status_code == 303
    send(office, steps, step=5, decision="return", note="目标过低")
    assert "退回修改" in office.get("/desk/plans/P-1").text


def pledge(**changed: object) -> dict[str, object]:
    today = NOW.astimezone(SHANGHAI).date()
    return {
        "reach": "YX-1", "name": "演示志愿者", "since": today,
        "until": today + timedelta(days=90), "agreed": "true", **changed,
    }  # fmt: skip


def test_a_volunteer_adopts_a_reach_and_only_the_office_reads_who(
    served: Served, office: httpx.Client
) -> None:
    with client_of(served, "志愿者", role=Role.VOLUNTEER) as volunteer:
        page = "/desk/adoptions/new"
        unsigned = send(volunteer, page, **{k: v for k, v in pledge().items() if k != "agreed"})
        assert unsigned.status_code == 422
        assert send(volunteer, page, **pledge(reach="NOWHERE")).status_code == 422
        assert send(volunteer, page, **pledge()).status_code == 303
        assert "认领中" in volunteer.get(page).text
        assert volunteer.get("/desk/adoptions").status_code == 403
    assert "演示志愿者" in office.get("/desk/adoptions").text
    assert "演示志愿者" not in office.get("/desk/log").text
    assert "认领 1 人" in office.get("/desk/duties/VILLAGE-1").text
    known = rows(office.get("/desk/adoptions?format=csv"))
    ended = send(office, "/desk/adoptions/ending", adoption=known[1][0], reason="搬家")
    assert ended.status_code == 303, ended.text
    assert "已终止" in office.get("/desk/adoptions").text


def bring(client: httpx.Client, content: bytes) -> httpx.Response:
    return client.post("/desk/offers/files", files={"content": ("offer.json", content)})


def test_a_ticket_goes_to_a_neighbour_as_a_file_and_his_refusal_brings_it_back(
    served: Served, office: httpx.Client
) -> None:
    add(served, "drifting")
    step = {"action": "accept", "reason": "属实", "revision": 1}
    assert office.post("/api/v1/tickets/1/steps", json=step).status_code == 200
    assert send(office, "/desk/offers", ticket=9, to="乙区", reason="x").status_code == 404
    offered = send(office, "/desk/offers", ticket=1, to="乙区", reason="下游属乙区")
    assert offered.headers["location"] == "/desk/offers?show=made"
    page = office.get("/desk/offers").text
    name = page.split("/api/v1/desk/offers/")[1][:64]
    travelling = office.get(f"/api/v1/desk/offers/{name}").json()
    assert travelling["entry"]["data"]["to"] == "乙区"
    answered = {
        "offer": name,
        "from": "乙区",
        "accepted": False,
        "ticket": "",
        "reason": "不属本区",
    }
    reply = written(chained(None, NOW, "office", "offer.answered", f"offer:{name}", answered))
    assert bring(office, json.dumps(reply).encode()).status_code == 303
    ticket = office.get("/api/v1/tickets/1").json()
    assert ticket["state"] == "accepted"
    assert "乙区：不属本区" in office.get("/tickets/1").text
    assert "未接收" in office.get("/desk/offers").text


def theirs(**request: object) -> dict[str, object]:
    said = {"service_code": "floating.litter", "description": "漂浮垃圾 <b>", **request}
    data = {"from": "丙区", "to": "甲区", "ticket": "C-7", "request": said}
    return dict(written(chained(None, NOW, "office", "offer.made", "ticket:7", data)))


def test_a_neighbours_offer_is_accepted_into_a_ticket_over_http(office: httpx.Client) -> None:
    taken = office.post("/api/v1/desk/offers", json=theirs(service_code="strange"))
    assert taken.json()["is_new"] is True
    name = taken.json()["offer"]
    assert office.post("/api/v1/desk/offers", json=theirs(service_code="strange")).json() == {
        "offer": name, "is_new": False
    }  # fmt: skip
    assert office.get(f"/api/v1/desk/offers/{name}").status_code == 404, "no answer yet"
    unsaid = send(office, "/desk/offers/answers", offer=name, reason="接收")
    assert unsaid.status_code == 422
    assert "接收须选河段" in unsaid.text
    assert send(office, "/desk/offers/answers", offer=name, reach="YX-2", reason="好").is_redirect
    assert office.get(f"/api/v1/desk/offers/{name}").json()["entry"]["data"]["accepted"] is True
    opened = office.get("/api/v1/tickets/1").json()
    assert (opened["source"], opened["category"]) == ("neighbour", "other.other")
    assert "&lt;b&gt;" in office.get("/desk/offers?show=received").text


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff", "不是 JSON"),
        (b"[]", FORMAT),
        (b'{"format": "xunhe-offer/1", "entry": {"seq": "x"}}', "不全"),
        (json.dumps(theirs()).replace("C-7", "C-8").encode(), "哈希"),
    ],
)
def test_a_file_that_is_none_or_was_changed_is_refused_on_the_page(
    office: httpx.Client, content: bytes, problem: str
) -> None:
    refused = bring(office, content)
    assert refused.status_code == 422
    assert problem in refused.text
