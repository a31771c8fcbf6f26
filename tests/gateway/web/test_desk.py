"""A ticket's whole way through the API and the pages, by the people whose steps they are."""

import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.gateway.web.console_server import NAME, Served, serve
from tests.gateway.web.river_rows import NOW, REGISTRY, add_alert, add_incident, add_ticket
from xunhe.adapters.desk_clock import DeskClock
from xunhe.adapters.desk_tickets import Desk
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.store import accounts, members
from xunhe.adapters.store.database import Database
from xunhe.desk.roles import Role
from xunhe.desk.rules import DeskRules

PASSWORD = "a first password"
STEPS = "/api/v1/tickets/1/steps"
SEATS = {
    "村长": {"person": "P5"},
    "镇长": {"person": "P3"},
    "水利": {"role": Role.HANDLER, "code": "D-WATER"},
    "监督": {"role": Role.OBSERVER},
}


def photo() -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "maker of the telephone"
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (64, 48), "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


class People:
    """The office, a village chief, a township chief, the water department, an observer.

    Their sessions are opened behind the log-in, whose hashing would take seconds.
    """

    def __init__(self, served: Served, stack: ExitStack) -> None:
        self.served = served
        with served.database.write() as connection:
            for name in (NAME, *SEATS):
                accounts.add_user(connection, name, "no password", NOW)
            for name, seat in SEATS.items():
                members.add(connection, name, NOW, **seat)  # type: ignore[arg-type]
        self.office, self.village, self.town, self.worker, self.observer = (
            stack.enter_context(self.session(name)) for name in (NAME, *SEATS)
        )

    @contextmanager
    def session(self, name: str) -> Iterator[httpx.Client]:
        token, session = accounts.open_session(self.served.database, name, NOW, 24 * 3650)
        with self.served.client() as client:
            client.cookies["xunhe_session"] = token
            client.headers["X-CSRF-Token"] = session.csrf
            yield client

    def step(self, who: httpx.Client, action: str, **needs: object) -> httpx.Response:
        revision = who.get("/api/v1/tickets/1").json()["revision"]
        body = {"action": action, "reason": "理由", "revision": revision, **needs}
        return who.post(STEPS, json=body)


@pytest.fixture
def people(store: Database, tmp_path: Path) -> Iterator[People]:
    with store.write() as connection:
        incident = add_incident(connection)
        add_alert(connection, incident)
        add_ticket(connection, incident)
    with (
        serve(store, evidence=EvidenceStore(tmp_path / "evidence")) as served,
        ExitStack() as stack,
    ):
        yield People(served, stack)


def done(answer: httpx.Response) -> dict[str, object]:
    assert answer.status_code == 200, answer.text
    body: dict[str, object] = answer.json()
    return body


def test_four_people_take_a_ticket_from_verification_to_its_closing(people: People) -> None:
    done(people.step(people.village, "accept"))
    done(people.step(people.village, "assign", handler="D-WATER", via="on_site"))
    done(people.step(people.worker, "start"))
    picture = people.worker.post(
        "/api/v1/tickets/1/files", content=photo(), headers={"content-type": "image/jpeg"}
    )
    assert done(picture)["evidence"] == 1
    assert done(people.step(people.worker, "done"))["state"] == "handled"
    early = people.step(people.village, "approve")
    assert (early.status_code, early.json()["code"]) == (409, "river_watched")
    desk = Desk(REGISTRY, DeskRules())
    DeskClock(people.served.database, desk).tick(NOW + timedelta(hours=7))
    disagrees = people.step(people.village, "approve")
    assert disagrees.json()["code"] == "river_disagrees", "its alert has not ended"
    assert people.step(people.village, "overrule").status_code == 403
    done(people.step(people.town, "overrule"))
    own = people.step(people.worker, "approve")
    assert (own.status_code, own.json()["code"]) == (403, "not_yours")
    done(people.step(people.village, "approve"))
    closed = done(people.step(people.office, "close"))
    assert closed["state"] == "closed"
    people_in_log = [step["person"] for step in closed["log"]]  # type: ignore[attr-defined]
    assert people_in_log[1:4] == ["村长", "村长", "水利"]
    assert people_in_log[-1] == NAME


def test_a_photo_loses_where_and_with_what_it_was_taken(people: People) -> None:
    done(people.step(people.office, "accept"))
    sent = {"content": photo(), "headers": {"content-type": "image/jpeg"}}
    people.village.post("/api/v1/tickets/1/files", **sent)
    page = people.village.get("/tickets/1").text
    sha256 = page.split('<a href="/evidence/')[1].split('"')[0]
    kept = people.village.get(f"/evidence/{sha256}").content
    assert dict(Image.open(io.BytesIO(kept)).getexif()) == {}
    again = people.village.post("/api/v1/tickets/1/files", **sent)
    assert again.status_code == 200
    bad = people.village.post("/api/v1/tickets/1/files", content=b"\xff\xd8 no picture")
    assert (bad.status_code, bad.json()["code"]) == (422, "no_picture")


def test_an_observer_reads_and_may_do_nothing(people: People) -> None:
    assert people.observer.get("/api/v1/tickets/1").json()["actions"] == []
    refused = people.step(people.observer, "accept")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")


def test_duty_moves_with_the_tenure_not_with_the_account(people: People) -> None:
    tenure = next(t for t in REGISTRY.tenures if t.person == "P5")
    people.served.clock.at = tenure.since - timedelta(seconds=1)
    early = {"action": "accept", "reason": "理由", "revision": 1}
    assert people.village.post(STEPS, json=early).status_code == 403
    people.served.clock.at = tenure.since
    assert people.step(people.village, "accept").status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"action": "assign", "handler": "NOBODY"}, 422, "unknown_handler"),
        ({"action": "assign"}, 409, "no_handler"),
        ({"action": "answer"}, 422, "invalid"),
        ({"action": "fly"}, 422, "invalid"),
        ({"action": "suspend", "until": "2026-07-03T00:00:00"}, 422, "invalid"),
        ({"action": "merge", "into": 77}, 409, "no_target"),
        ({"action": "close"}, 409, "wrong_state"),
    ],
)
def test_a_step_that_cannot_be_says_why(
    people: People, body: dict[str, object], status: int, code: str
) -> None:
    done(people.step(people.office, "accept"))
    answer = people.step(people.office, **body)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def problem(**changed: object) -> dict[str, object]:
    found = {
        "key": "k1",
        "source": "chief",
        "category": "floating.litter",
        "severity": "minor",
        "reach": "YX-2",
        "reason": "桥下漂浮垃圾",
    }
    return {**found, **changed}


def test_a_chief_reports_and_assigns_on_the_spot_once_however_often_it_is_sent(
    people: People,
) -> None:
    found = problem(handler="D-WATER", reach="YX-1", lon=120.1, lat=30.2)
    first = done(people.village.post("/api/v1/tickets", json=found))
    assert (first["state"], first["source"], first["handler"]) == ("assigned", "chief", "D-WATER")
    assert first["lon_lat"] == [120.1, 30.2]
    again = done(people.village.post("/api/v1/tickets", json=found))
    assert (again["id"], again["revision"]) == (first["id"], first["revision"])
    for wrong in ({"reach": "X"}, {"category": "x"}):
        assert people.village.post("/api/v1/tickets", json=problem(**wrong)).status_code == 404


def test_what_no_sensor_saw_is_accepted_by_a_person_alone(people: People) -> None:
    opened = done(
        people.town.post("/api/v1/tickets", json=problem(reach="YX-1", handler="D-WATER"))
    )
    steps = f"/api/v1/tickets/{opened['id']}"
    revision = int(str(opened["revision"]))
    people.worker.post(f"{steps}/files", content=photo())
    for i, (who, action) in enumerate(
        [(people.worker, "start"), (people.worker, "done"), (people.town, "approve")]
    ):
        body = {"action": action, "reason": "理由", "revision": revision + 1 + i}
        ticket = done(who.post(f"{steps}/steps", json=body))
    assert (ticket["watch"], ticket["state"]) == (None, "handled")


def test_merging_moves_incidents_and_the_answer_that_is_owed(people: People) -> None:
    other = done(people.office.post("/api/v1/tickets", json=problem()))
    merged = done(people.step(people.office, "merge", into=other["id"]))
    assert (merged["state"], merged["merged_into"], merged["incidents"]) == ("merged", 2, [])
    assert people.office.get("/api/v1/tickets/2").json()["incidents"] == [1]


def test_a_person_does_each_step_in_the_browser(people: People) -> None:
    token = people.village.headers.pop("X-CSRF-Token")
    form = {"csrf": token, "reason": "现场核实", "revision": "1", "action": "accept"}
    assert people.village.post("/tickets/1/steps", data=form).status_code == 303
    until = {**form, "action": "suspend", "revision": "2", "until": "2026-07-03T10:00"}
    assert people.village.post("/tickets/1/steps", data=until).status_code == 303
    ticket = people.village.get("/api/v1/tickets/1").json()
    assert ticket["clock_stopped_until"] == "2026-07-03T02:00:00.000Z", "10:00 in Shanghai"
    resume = {**form, "action": "resume", "revision": "3"}
    assert people.village.post("/tickets/1/steps", data=resume).status_code == 303
    photo_form = {"csrf": token, "note": "桥下"}
    sent = people.village.post(
        "/tickets/1/files", data=photo_form, files={"photo": ("p.jpg", photo(), "image/jpeg")}
    )
    assert sent.status_code == 303, sent.text
    page = people.village.get("/tickets/1").text
    for words in ("现场核实", "桥下", "挂起", "交办"):
        assert words in page
    stranger = people.village.post("/tickets/1/files", files={"photo": ("p.jpg", photo())})
    assert stranger.status_code == 403
    blank = {**problem(), "csrf": token, "lon": "", "lat": "", "handler": ""}
    assert people.village.post("/desk/new", data=blank).headers["location"] == "/tickets/2"


def test_a_new_member_logs_in_with_the_first_password(people: People) -> None:
    added = {"name": "新人", "password": PASSWORD, "role": "inspector"}
    answer = people.office.post("/api/v1/desk/members", json=added)
    assert (answer.status_code, answer.json()["offices"]) == (201, ["inspector"])
    with people.served.client() as client:
        answer = client.post("/login", data={"name": "新人", "password": PASSWORD})
        assert answer.status_code == 303


@pytest.mark.parametrize(
    ("seat", "status"),
    [
        ({}, 422),
        ({"person": "P99"}, 404),
        ({"role": "chief"}, 422),
        ({"role": "handler"}, 404),
        ({"role": "handler", "code": "D-NONE"}, 404),
    ],
)
def test_a_seat_must_be_one_that_there_is(
    people: People, seat: dict[str, object], status: int
) -> None:
    added = {"name": "新人", "password": PASSWORD, **seat}
    assert people.office.post("/api/v1/desk/members", json=added).status_code == status


def test_the_log_is_read_as_a_chain_and_names_no_person(people: People) -> None:
    done(people.step(people.village, "accept"))
    entries = people.office.get("/api/v1/desk/log?limit=200").json()
    head = people.office.get("/api/v1/desk/head").json()
    assert (head["seq"], head["hash"]) == (entries[-1]["seq"], entries[-1]["hash"])
    for entry, after in pairwise(entries):
        assert after["prev"] == entry["hash"]
    assert "村长" not in str(entries)
    assert "VILLAGE-1" in people.office.get("/desk/log").text
