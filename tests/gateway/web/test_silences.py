"""Silences over the API and on the page: who, why, until when, and how much they hid."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.gateway.web.console_server import NAME, Served
from tests.gateway.web.river_rows import NOW, REGISTRY
from xunhe.adapters.rules_file import shipped
from xunhe.adapters.store.incidents import IncidentBook
from xunhe.domain.incident import Finding, Rule, Severity
from xunhe.domain.network import Network

BODY = {"hours": 8, "reason": "清淤施工", "station": "YX-S1", "rule": "ammonia_step"}


def found(served: Served, station: str = "YX-S1", minutes: float = 1) -> None:
    """A buoy's ammonia step at that time."""
    at = NOW + timedelta(minutes=minutes)
    step = Finding(
        Rule.AMMONIA_STEP, station, "nh3n_mg_l", at, Severity.MAJOR, 3.1, 0.3, "氨氮突升", "step"
    )
    with served.database.write() as connection:
        IncidentBook(Network(REGISTRY), shipped()).raise_finding(connection, step, at)


def listed(client: httpx.Client, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()
    return rows


def test_a_silence_shows_its_author_reason_end_and_how_much_it_hid(served: Served) -> None:
    with served.member() as member:
        answer = member.post("/api/v1/silences", json=BODY)
        assert answer.status_code == 201
        for minutes in (1, 2, 3):
            found(served, minutes=minutes)
        found(served, "YX-S3")
        (silence,) = listed(member, "/api/v1/silences")
        assert (silence["author"], silence["reason"]) == (NAME, "清淤施工")
        assert silence["in_force"] is True
        assert silence["hidden"] == 1, "one finding, told three times"
        (hidden,) = listed(member, "/api/v1/decisions", outcome="silenced")
        assert (hidden["times"], hidden["silence_id"]) == (3, silence["id"])
        assert "清淤施工" in hidden["reason_zh"]
        (raised,) = listed(member, "/api/v1/alerts")
        assert raised["station"] == "YX-S3"
        page = member.get("/silences").text
        assert "清淤施工" in page
        assert "氨氮突升" in page


def test_what_is_still_wrong_alarms_after_the_silence(served: Served) -> None:
    with served.member() as member:
        number = member.post("/api/v1/silences", json=BODY).json()["id"]
        found(served)
        served.clock.at = NOW + timedelta(minutes=5)
        ended = member.post(f"/api/v1/silences/{number}/end").json()
        assert (ended["in_force"], ended["ended_by"]) == (False, NAME)
        found(served, minutes=6)
        assert len(listed(member, "/api/v1/alerts")) == 1
        assert member.post(f"/api/v1/silences/{number}/end").status_code == 409


@pytest.mark.parametrize(
    "change",
    [
        {"hours": 0},
        {"hours": 24 * 90 + 1},
        {"reason": "  "},
        {"station": "", "rule": ""},
        {"kind": "rain"},
    ],
)
def test_a_silence_without_reason_end_or_label_is_refused(
    served: Served, change: dict[str, Any]
) -> None:
    with served.member() as member:
        answer = member.post("/api/v1/silences", json=BODY | change)
        assert answer.status_code == 422
        assert listed(member, "/api/v1/silences") == []


def test_the_page_adds_and_ends_one(served: Served) -> None:
    with served.member() as member:
        form = {"hours": "2", "reason": "演练", "kind": "dumping"}
        assert member.post("/silences", data=form).headers["location"] == "/silences"
        (silence,) = listed(member, "/api/v1/silences")
        assert (silence["kind"], silence["station"]) == ("dumping", None)
        assert member.post(f"/silences/{silence['id']}/end").status_code == 303
        assert listed(member, "/api/v1/silences")[0]["in_force"] is False


def test_a_form_that_says_too_little_comes_back_with_the_problem(served: Served) -> None:
    with served.member() as member:
        answer = member.post("/silences", data={"hours": "2", "reason": "演练"})
        assert answer.status_code == 422
        assert "至少选一个标签" in answer.text
        assert "演练" in answer.text
        wrong = member.post("/silences", data={"hours": "x", "kind": "?", "station": "YX-S1"}).text
        for field in ("hours", "kind", "reason"):
            assert f'id="{field}-problem"' in wrong
        assert '<option value="YX-S1" selected>' in wrong


def test_decisions_are_told_by_alert_station_and_outcome(served: Served) -> None:
    with served.member() as member:
        found(served)
        found(served, "YX-S2", minutes=50)
        (opened,) = listed(member, "/api/v1/decisions", outcome="opened")
        (linked,) = listed(member, "/api/v1/decisions", station="YX-S2")
        assert (opened["station"], linked["outcome"]) == ("YX-S1", "linked")
        of_alert = listed(member, "/api/v1/decisions", alert_id=opened["alert_id"])
        assert of_alert == [opened]
        second = listed(member, "/api/v1/alerts")[0]
        assert (second["joined"], second["muted_by"]) == ("came_downstream", opened["alert_id"])
