"""Supervision by API and page: lists, board, reports, tasks, patrols, steps of the ladder."""

import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from fastapi.routing import APIRoute

from tests.gateway.web.console_server import Served
from tests.gateway.web.river_rows import NOW, REGISTRY
from xunhe.adapters.store import desk_log, tickets
from xunhe.adapters.store.tickets import Opening
from xunhe.adapters.supervision.rounds import Rounds
from xunhe.desk.log import iso
from xunhe.desk.periods import Span, period_at
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Deadline, Source
from xunhe.settings import SupervisionSettings
from xunhe.web import supervision_writes

DESK = "/api/v1/desk"
DAY = timedelta(days=1)
MONTH = period_at(NOW - 2 * DAY, Span.MONTH)  # in which the tickets were opened


def add(served: Served, key: str, **other: object) -> int:
    values: dict[str, object] = {
        "key": key,
        "source": Source.CAMERA,
        "category": "floating.litter",
        "severity": Severity.MINOR,
        "reach": "YX-1",
        "post": "VILLAGE-1",
        "at": NOW - 2 * DAY,
        "deadline": Deadline(NOW - 1.5 * DAY),
        "reason": "漂浮垃圾 / litter",
    }
    with served.database.write() as connection:
        return tickets.open_ticket(connection, Opening(**values | other)).id  # type: ignore[arg-type]


@pytest.fixture
def member(served: Served) -> Iterator[httpx.Client]:
    add(served, "late")
    add(served, "early", deadline=Deadline(NOW + 100 * DAY), post="VILLAGE-2", reach="YX-2")
    with served.member() as client:
        yield client


def test_the_list_is_filtered_by_light_unit_and_category(member: httpx.Client) -> None:
    def ids(**query: str) -> list[int]:
        answer = member.get(f"{DESK}/tickets", params=query)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert ids() == [2, 1]
    assert ids(light="red") == [1]
    assert ids(unit="U-VILLAGE-2") == [2]
    assert ids(unit="U-VILLAGE-2", post="VILLAGE-1") == []
    assert ids(category="floating", reach="YX-1") == [1]
    assert ids(limit="1", offset="1") == [1]
    assert member.get(f"{DESK}/tickets?light=blue").status_code == 422


def test_the_board_shows_units_posts_and_tasks(member: httpx.Client) -> None:
    board = member.get(f"{DESK}/board").json()
    assert board["tickets"] == {"green": 1, "yellow": 0, "red": 1}
    unit = next(unit for unit in board["units"] if unit["unit"] == "U-VILLAGE-1")
    assert unit["posts"]["VILLAGE-1"]["red"] == 1


def test_the_report_of_a_month_has_its_figures(member: httpx.Client) -> None:
    report = member.get(f"{DESK}/reports/{MONTH.label}").json()
    assert (report["found"], report["still_open"]) == (2, 2)
    assert report["indicators"]["disposal"] == {"part": 0, "whole": 2, "value": 0.0}
    assert report["indicators"]["satisfaction"]["value"] is None
    assert [level["level"] for level in report["levels"]] == [
        "city",
        "district",
        "township",
        "village",
    ]
    assert member.get(f"{DESK}/reports/2026-13").json()["code"] == "no_period"


def plan(**other: object) -> dict[str, object]:
    return {
        "list": "measures",
        "year": MONTH.year,
        "title": "清淤",
        "river": "云溪",
        "unit": "U-TOWN-UPPER",
        "post": "TOWN-UPPER",
        "measure": "km",
        "targets": [1, 2, 3, 4],
        "due_at": iso(NOW + DAY),
        **other,
    }


def test_a_task_is_set_reported_and_not_closed_by_its_reporter(member: httpx.Client) -> None:
    assert member.put(f"{DESK}/tasks/T1", json=plan()).status_code == 200
    assert member.post(f"{DESK}/tasks/T1/progress", json={"done": 4}).status_code == 200
    refused = member.post(f"{DESK}/tasks/T1/closing", json={"reason": "完成"})
    assert (refused.status_code, refused.json()["code"]) == (409, "refused")
    assert "自己销号" in refused.json()["message_zh"]
    (task,) = member.get(f"{DESK}/tasks").json()
    assert (task["progress"], task["light"]) == (1.0, "green")
    assert member.put(f"{DESK}/tasks/T2", json=plan(targets=[4, 3, 2, 1])).status_code == 409
    assert member.post(f"{DESK}/tasks/T9/progress", json={"done": 4}).status_code == 409


def test_a_patrol_sent_twice_is_one(served: Served, member: httpx.Client) -> None:
    said = {
        "post": "VILLAGE-1",
        "reaches": ["YX-1"],
        "started_at": iso(NOW - timedelta(hours=2)),
        "ended_at": iso(NOW - timedelta(hours=1)),
        "length_m": 900,
    }
    answers = [member.post(f"{DESK}/patrols", json=said) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"is_new": True}, {"is_new": False}]
    assert len(member.get(f"{DESK}/patrols").json()) == 1
    foreign = member.post(f"{DESK}/patrols", json={**said, "reaches": ["YX-3"]})
    assert foreign.json()["code"] == "unknown_reach"
    later = {**said, "started_at": iso(NOW), "ended_at": iso(NOW + DAY)}
    assert member.post(f"{DESK}/patrols", json=later).json()["code"] == "in_the_future"
    with served.database.read() as connection:
        assert len(list(desk_log.entries(connection, kinds=["patrol.made"]))) == 1


def test_a_warning_turns_a_ticket_yellow_until_it_is_withdrawn(member: httpx.Client) -> None:
    def light() -> str:
        return str(
            member.get(f"{DESK}/tickets?number=XH-{NOW.year}-0002").json()["items"][0]["light"]
        )

    assert light() == "green"
    warning = f"{DESK}/matters/ticket:2/warning"
    assert member.post(warning, json={"reason": "征地未完"}).status_code == 200
    assert light() == "yellow"
    assert member.post(f"{warning}/withdrawal", json={"reason": "已解决"}).status_code == 200
    assert light() == "green"
    unknown = member.post(f"{DESK}/matters/ticket:99/warning", json={"reason": "无"})
    assert (unknown.status_code, unknown.json()["code"]) == (409, "refused")


def test_a_villages_ledger_holds_what_was_found_until_the_25th(served: Served) -> None:
    month = period_at(NOW, Span.MONTH)
    add(served, "25th", at=month.day(26) - timedelta(seconds=1), deadline=Deadline(NOW + 90 * DAY))
    add(served, "26th", at=month.day(26), deadline=Deadline(NOW + 90 * DAY))

    def ledger(label: str) -> list[str]:
        with served.client() as client:
            page = client.get(f"{DESK}/units/U-VILLAGE-1/ledger/{label}").json()
        return [item["number"] for item in page["items"]]

    assert ledger(month.label) == [f"XH-{NOW.year}-0001"]
    assert ledger(month.after.label) == [f"XH-{NOW.year}-0002"]


def make_rounds(served: Served) -> None:
    Rounds(served.database, REGISTRY, SupervisionSettings(), served.clock).step()


def test_the_circular_its_proposal_and_a_persons_decision_on_the_page(
    served: Served, member: httpx.Client
) -> None:
    served.clock.at = MONTH.end
    make_rounds(served)
    made = member.get(f"{DESK}/circulars/{MONTH.label}").json()
    assert made["posts"]["VILLAGE-1"] == {"red": 1}, made
    assert member.get(f"{DESK}/circulars/{MONTH.before.label}").status_code == 404
    (proposal,) = member.get(f"{DESK}/proposals").json()
    assert (proposal["subject"], proposal["title"]) == ("ticket:1", "约谈")
    page = member.get("/desk/board")
    assert "约谈" in page.text
    form = {
        "csrf": member.headers["X-CSRF-Token"],
        "subject": "ticket:1",
        "reason": "约谈责任人",
        "is_taken": "true",
    }
    assert member.post("/desk/proposals", data=form).status_code == 303
    assert member.get(f"{DESK}/proposals").json() == []
    again = member.post(f"{DESK}/matters/ticket:1/step", json={"reason": "再次"})
    assert again.status_code == 409
    scores = member.get(f"{DESK}/scores/{MONTH.year}").json()
    assert scores["differences"] == []
    assert scores["posts"]["VILLAGE-1"]["total"] < 100


def test_grades_are_given_by_a_chief_of_the_district(member: httpx.Client) -> None:
    said = {"year": MONTH.year, "grade": "fair"}
    refused = member.post(f"{DESK}/units/U-TOWN-UPPER/grade", json=said)
    assert refused.status_code == 403  # the administrator acts as the office


def test_a_return_and_a_meeting_are_handed_in(served: Served, member: httpx.Client) -> None:
    served.clock.at = MONTH.end + timedelta(hours=18)
    said = {"period": MONTH.label, "text": "已完成巡查"}
    answer = member.post(f"{DESK}/units/U-VILLAGE-1/returns", json=said)
    assert answer.json()["data"]["is_late"] is True
    assert member.post(f"{DESK}/units/NOWHERE/returns", json=said).json()["code"] == "unknown_unit"
    held = {"period": MONTH.label, "proof": "会议纪要"}
    assert member.post(f"{DESK}/units/U-TOWN-UPPER/meetings", json=held).status_code == 200


PAGES = (
    "/desk/board",
    "/desk/list",
    "/desk/list?light=red&category=floating.litter",
    "/desk/list?light=",
    f"/desk/reports/{MONTH.label}",
    f"/desk/reports/{MONTH.year}Q1",
    f"/desk/reports/{MONTH.year}",
    f"/desk/circulars/{MONTH.label}",
)


def test_every_page_opens_for_everyone_where_reading_is_open(
    served: Served, client: httpx.Client
) -> None:
    add(served, "late")
    for path in PAGES:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        assert 'lang="en"' in answer.text


def test_reading_may_be_open_and_writing_never_is(served: Served, client: httpx.Client) -> None:
    assert client.get(f"{DESK}/board").status_code == 200
    for route in supervision_writes.router.routes:
        assert isinstance(route, APIRoute)
        (verb,) = route.methods
        path = re.sub(r"{\w+}", "1", route.path)
        assert client.request(verb, path, json={}).status_code == 401, path
    assert client.post("/desk/proposals").status_code == 401
