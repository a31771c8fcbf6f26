"""Flights over the API and as pages: brought in once, shown, and named by a person."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.gateway.flights.reported import AT, LINE, flight, found, jpeg, metres_east
from tests.gateway.web.river_rows import NOW
from tests.gateway.web.world import HOUR, World, world
from xunhe.codecs import flight_json
from xunhe.desk.roles import Role
from xunhe.domain.finding import FindingKind
from xunhe.domain.flight import Density, Flight, Stretch

OVER_OWN = {"reach": "YX-3", "coverage": None, "path": ()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("flights")) as opened:
        yield opened


def bring(client: httpx.Client, brought: Flight, **fields: str) -> httpx.Response:
    files: list[Any] = [
        ("picture", (f"{one.id}.jpg", jpeg(), "image/jpeg")) for one in brought.findings
    ]
    data = {"flight": flight_json.document(brought), **fields}
    return client.post("/api/v1/flights", data=data, files=files or None)


def today(key: str, *findings: Any, **changed: Any) -> Flight:
    return flight(findings, key=f"{key:0>16}", began=NOW - 2 * HOUR, **changed)


def test_a_flight_is_brought_in_once(made: World) -> None:
    office = made.of(Role.OFFICE)
    first = bring(office, today("a1", found()))
    again = bring(office, today("a1", found()))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["is_new"]
    assert again.json() == {"id": first.json()["id"], "is_new": False}
    listed = {line["key"]: line for line in office.get("/api/v1/flights").json()}
    assert listed["00000000000000a1"]["found"] == {"litter": 1}
    assert listed["00000000000000a1"]["seen"] == pytest.approx(0.8)


def test_what_is_no_flight_is_refused_with_its_reason(made: World) -> None:
    office = made.of(Role.OFFICE)
    no_flight = office.post("/api/v1/flights", data={"flight": "{}"})
    assert (no_flight.status_code, no_flight.json()["code"]) == (422, "no_flight")
    assert "xunhe-flight" in no_flight.json()["message"]
    files = [("picture", ("F01.jpg", b"no picture", "image/jpeg"))]
    data = {"flight": flight_json.document(today("a2", found()))}
    no_picture = office.post("/api/v1/flights", data=data, files=files)
    assert (no_picture.status_code, no_picture.json()["code"]) == (422, "no_picture")
    late = bring(office, flight(key="00000000000000a3", began=NOW + HOUR))
    assert (late.status_code, late.json()["code"]) == (409, "refused")


def test_a_chief_brings_flights_over_his_own_reach_only(made: World) -> None:
    chief = made.of(Role.CHIEF)
    assert bring(chief, today("b1", found())).status_code == 403
    foreign = found(at=AT, reach="YX-2")
    assert bring(chief, today("b2", foreign, **OVER_OWN)).status_code == 403
    assert bring(chief, today("b3", **OVER_OWN)).json()["is_new"]
    keys = {line["key"] for line in chief.get("/api/v1/flights").json()}
    assert "00000000000000b3" in keys
    assert all(line["reach"] == "YX-3" for line in chief.get("/api/v1/flights").json())


def test_the_report_comes_back_as_it_was(made: World) -> None:
    office, sent = made.of(Role.OFFICE), today("c1", found())
    number = bring(office, sent).json()["id"]
    answer = office.get(f"/api/v1/flights/{number}").text
    assert flight_json.decode(answer) == sent


def test_the_map_has_path_gaps_density_and_findings(made: World) -> None:
    office = made.of(Role.OFFICE)
    density = (Density(Stretch(100.0, 200.0), 3, 1.5), Density(Stretch(200.0, 300.0), 0, 0.0))
    sent = today("c2", found(), found("F02", at=None, reach=None), density=density)
    number = bring(office, sent).json()["id"]
    features = office.get(f"/api/v1/flights/{number}/map").json()["features"]
    kinds = [feature["properties"]["kind"] for feature in features]
    assert kinds == ["path", "unseen", "density", "found"]
    by_kind = dict(zip(kinds, features, strict=True))
    assert by_kind["unseen"]["properties"]["metres"] == pytest.approx(540)
    assert by_kind["found"]["geometry"]["coordinates"] == list(AT)
    major_m, minor_m, _ = by_kind["found"]["properties"]["ellipse"]
    assert 3 < minor_m < major_m < 4, "95 % of a circle of 1.4 m: 2.45 times as large"
    assert by_kind["density"]["geometry"]["coordinates"][0] != list(LINE[0])


def test_the_pages_show_what_was_found_and_the_console_shows_it_on_its_map(made: World) -> None:
    office = made.of(Role.OFFICE)
    sent = today("d1", found(at=metres_east(AT, 90)))
    number = bring(office, sent).json()["id"]
    page = office.get(f"/flights/{number}").text
    assert "4 件漂浮物" in page
    assert "Mavic 3E" in page
    assert f"/flights/{number}" in office.get("/flights").text
    states = office.get("/map/states.json").json()
    places = [tuple(one["at"]) for one in states["findings"]]
    assert tuple(round(degree, 6) for degree in metres_east(AT, 90)) in places


def candidate(made: World, key: str) -> int:
    changed = found(kind=FindingKind.BANK_CHANGE, at=metres_east(AT, 150))
    sent = today(key, replace(changed, reason_zh="新增堆放"), path=(), coverage=None)
    number: int = bring(made.of(Role.OFFICE), sent).json()["id"]
    return number


def name(client: httpx.Client, number: int, **said: str) -> httpx.Response:
    return client.post(f"/flights/{number}/findings/F01", data=said)


def test_a_name_opens_a_ticket_with_the_picture_and_only_one(made: World) -> None:
    office, number = made.of(Role.OFFICE), candidate(made, "e1")
    page = office.get(f"/flights/{number}").text
    assert "认定这处岸线变化" in page
    before = {ticket["id"] for ticket in office.get("/api/v1/tickets").json()}
    answer = name(office, number, name="disorder.dumping", note="渣土")
    assert answer.status_code == 303
    again = name(office, number, name="disorder.building")
    assert again.status_code == 422
    assert "已有人认定" in again.text
    (opened,) = [one for one in office.get("/api/v1/tickets").json() if one["id"] not in before]
    detail = office.get(f"/api/v1/tickets/{opened['id']}").json()
    assert (detail["category"], detail["source"]) == ("disorder.dumping", "drone")
    assert "渣土" in json.dumps(detail, ensure_ascii=False)
    assert "认定：乱堆" in office.get(f"/flights/{number}").text


def test_nothing_to_worry_about_opens_no_ticket(made: World) -> None:
    office, number = made.of(Role.OFFICE), candidate(made, "e2")
    before = len(office.get("/api/v1/tickets").json())
    assert name(office, number, name="").status_code == 303
    assert len(office.get("/api/v1/tickets").json()) == before
    assert "不是问题" in office.get(f"/flights/{number}").text


@pytest.mark.parametrize("said", [{"name": "water.quality"}, {}])
def test_any_other_name_is_refused(made: World, said: dict[str, str]) -> None:
    number = candidate(made, "e3")
    assert name(made.of(Role.OFFICE), number, **said).status_code == 422


def test_a_technician_names_nothing(made: World, tmp_path: Path) -> None:
    number = candidate(made, "e4")
    assert name(made.of(Role.TECHNICIAN), number, name="disorder.mining").status_code == 403
