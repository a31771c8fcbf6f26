"""External data and maintenance over the API."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests.gateway.web.console_server import NAME, Served
from xunhe.adapters.store import schema
from xunhe.web.external import MAX_VALUES

EXTERNAL = "/api/v1/external"
MAINTENANCE = "/api/v1/maintenance"
AT = "2026-03-05T08:30:00+08:00"


@pytest.fixture
def member(served: Served) -> Iterator[httpx.Client]:
    with served.member() as client:
        yield client


def said(**changes: Any) -> dict[str, Any]:
    return {"place": "YX-S1", "time": AT, "property": "tp_mg_l", "value": 0.08, **changes}


def post(client: httpx.Client, *values: dict[str, Any], **changes: Any) -> httpx.Response:
    return client.post(EXTERNAL, json={"source": "实验室", "values": list(values), **changes})


def test_values_come_in_and_can_be_read_with_their_source(member: httpx.Client) -> None:
    answer = post(member, said(), said(property="cod_mg_l", value=4000, unit="µg/L"))
    assert (answer.status_code, answer.json()) == (201, {"new": 2, "known": 0, "dry_run": False})
    found = member.get(EXTERNAL, params={"place": "YX-S1"}).json()
    assert {(v["property"], v["value"], v["source"], v["time"]) for v in found} == {
        ("tp_mg_l", 0.08, "实验室", "2026-03-05T00:30:00.000Z"),
        ("cod_mg_l", 4.0, "实验室", "2026-03-05T00:30:00.000Z"),
    }
    assert member.get(EXTERNAL, params={"place": "YX-S2"}).json() == []
    assert post(member, said()).json()["known"] == 1


def test_a_dry_run_stores_nothing_and_refuses_as_the_real_one(
    served: Served, member: httpx.Client
) -> None:
    assert post(member, said(), dry_run=True).json() == {"new": 1, "known": 0, "dry_run": True}
    assert post(member, said(value=-1), dry_run=True).status_code == 422
    with served.database.read() as connection:
        assert connection.execute(sa.select(schema.external_sample)).all() == []
        assert connection.execute(sa.select(schema.rejected)).all() == []


def test_every_wrong_value_is_named_and_none_is_stored(
    served: Served, member: httpx.Client
) -> None:
    wrong = [said(place="YX-S9"), said(property="ph", value=15.0), said(value=0.09)]
    answer = post(member, said(), *wrong)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == "external_data"
    assert [field["field"] for field in problem["fields"]] == [
        "values.1.value",
        "values.2.value",
        "values.3.value",
    ]
    assert "未登记" in problem["fields"][0]["message_zh"]
    with served.database.read() as connection:
        assert connection.execute(sa.select(schema.external_sample)).all() == []
        assert connection.execute(sa.select(schema.rejected.c.reason)).scalar_one() == "external"


@pytest.mark.parametrize(
    ("value", "field"),
    [(said(property="nh4"), "values.0.property"), (said(unit="m/s"), "values.0.unit")],
)
def test_unknown_properties_and_units_are_named(
    member: httpx.Client, value: dict[str, Any], field: str
) -> None:
    answer = post(member, value)
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, field)


@pytest.mark.parametrize(
    "body",
    [
        {"source": "", "values": [said()]},
        {"source": "x", "values": []},
        {"source": "x", "values": [said(time="2026-03-05T08:30:00")]},
        {"source": "x", "values": [said()] * (MAX_VALUES + 1)},
    ],
)
def test_malformed_batches_are_refused(member: httpx.Client, body: dict[str, Any]) -> None:
    answer = member.post(EXTERNAL, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def work(**changes: Any) -> dict[str, Any]:
    return {"station": "YX-S1", "work": "cleaning", "started_at": AT, **changes}


def test_maintenance_is_noted_and_ended(member: httpx.Client) -> None:
    answer = member.post(MAINTENANCE, json=work(note="刷洗探头"))
    assert answer.status_code == 201
    assert (answer.json()["actor"], answer.json()["work_zh"]) == (NAME, "清洗")
    assert answer.json()["ended_at"] is None
    ended = work(ended_at="2026-03-05T09:30:00+08:00")
    assert member.post(MAINTENANCE, json=ended).status_code == 201
    found = member.get(MAINTENANCE).json()
    assert [row["ended_at"] for row in found] == ["2026-03-05T01:30:00.000Z"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"station": "YX-S9"}, 404),
        ({"ended_at": "2026-03-05T08:29:00+08:00"}, 422),
        ({"property": "acidity"}, 422),
        ({"work": "painting"}, 422),
        ({"started_at": "2026-03-05T08:29:00"}, 422),
    ],
)
def test_impossible_maintenance_is_refused(
    member: httpx.Client, changes: dict[str, Any], status: int
) -> None:
    assert member.post(MAINTENANCE, json=work(**changes)).status_code == status
