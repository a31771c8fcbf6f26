"""Accepting a ticket and marking a false alarm, by API and by the page's form."""

from collections.abc import Iterator

import httpx
import pytest
import sqlalchemy as sa

from tests.gateway.web.console_server import NAME, Served
from tests.gateway.web.river_rows import add_incident, add_ticket
from xunhe.adapters.store import desk_log, queries, schema

ACCEPT = "/api/v1/tickets/1/acceptance"
FALSE_ALARM = "/api/v1/tickets/1/false-alarm"


@pytest.fixture
def member(served: Served) -> Iterator[httpx.Client]:
    with served.database.write() as connection:
        add_ticket(connection, add_incident(connection))
    with served.member() as client:
        yield client


def body(reason: str = "现场已核实", revision: int = 1) -> dict[str, object]:
    return {"reason": reason, "revision": revision}


def test_accepting_writes_ticket_log_and_event(served: Served, member: httpx.Client) -> None:
    answer = member.post(ACCEPT, json=body())
    assert answer.status_code == 200, answer.text
    ticket = answer.json()
    assert (ticket["state"], ticket["revision"]) == ("accepted", 2)
    assert {"assign", "false_alarm"} <= set(ticket["actions"])
    step = ticket["log"][-1]
    assert (step["actor"], step["person"]) == ("office", NAME)
    assert (step["from_state"], step["to_state"]) == ("unverified", "accepted")
    assert step["reason"] == "现场已核实"
    with served.database.read() as connection:
        event = queries.events_after(connection, 0, 100)[-1]
    assert event.kind == "ticket"
    assert event.data == {
        "ticket_id": 1,
        "number": "XH-2026-0001",
        "incident_id": 1,
        "post": "VILLAGE-1",
        "reach": "YX-1",
        "state": "accepted",
    }


def test_a_false_alarm_may_follow_and_ends_it(member: httpx.Client) -> None:
    assert member.post(ACCEPT, json=body()).status_code == 200
    assert member.post(FALSE_ALARM, json=body(revision=2)).status_code == 200
    again = member.post(ACCEPT, json=body(revision=3))
    assert again.status_code == 409
    assert again.json()["code"] == "wrong_state"
    assert member.get("/api/v1/overview").json()["open_tickets"] == 0


def test_a_stale_revision_changes_nothing(served: Served, member: httpx.Client) -> None:
    assert member.post(ACCEPT, json=body()).status_code == 200
    stale = member.post(FALSE_ALARM, json=body(revision=1))
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_revision")
    assert "2" in stale.json()["message"]
    with served.database.read() as connection:
        assert len(list(desk_log.entries(connection, subject="ticket:1"))) == 2
        assert connection.execute(sa.select(schema.ticket.c.state)).scalar_one() == "accepted"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"reason": "", "revision": 1}, 422),
        ({"reason": "   ", "revision": 1}, 422),
        ({"reason": "x" * 501, "revision": 1}, 422),
        ({"reason": "x"}, 422),
        ({"reason": "x", "revision": "later"}, 422),
        ({"reason": "x", "revision": 1}, 200),
    ],
)
def test_a_decision_needs_a_reason_and_a_revision(
    member: httpx.Client, sent: dict[str, object], status: int
) -> None:
    assert member.post(ACCEPT, json=sent).status_code == status


def test_an_unknown_ticket_is_404(member: httpx.Client) -> None:
    answer = member.post("/api/v1/tickets/99/acceptance", json=body())
    assert answer.status_code == 404


def test_the_form_of_the_page_decides_too(served: Served, member: httpx.Client) -> None:
    token = member.headers.pop("X-CSRF-Token")
    form = {"csrf": token, "action": "accept", "reason": "夜间巡查确认", "revision": "1"}
    answer = member.post("/tickets/1/steps", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/tickets/1")
    assert "夜间巡查确认" in member.get("/tickets/1").text
    stale = member.post("/tickets/1/steps", data={**form, "action": "false_alarm"})
    assert stale.status_code == 409
    assert "刚被别人改过" in stale.text


def test_the_form_without_a_reason_returns_to_the_ticket(member: httpx.Client) -> None:
    blank = {"action": "accept", "reason": " ", "revision": "1"}
    answer = member.post("/tickets/1/steps", data=blank)
    assert answer.status_code == 303
    assert member.get("/api/v1/tickets/1").json()["state"] == "unverified"
