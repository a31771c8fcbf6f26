"""Exports: CSV as RFC 4180 says, GeoJSON as another library checks it."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from geojson_pydantic import FeatureCollection
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.manual import asked
from tests.gateway.web.river_rows import (
    NOW,
    REGISTRY,
    add_incident,
    add_ticket,
    add_value,
    opened,
)
from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.spans import Span
from xunhe.codecs.tables import Column, Row, as_csv, as_geojson
from xunhe.web.exports.datasets import DATASETS, Asked

ROOT = "/api/v1/exports"
HOUR = timedelta(hours=1)
ALL = {"from": (NOW - 300 * 24 * HOUR).isoformat(), "to": (NOW + HOUR).isoformat()}


def fill(database: Database) -> None:
    with database.write() as connection:
        for n in range(3):
            at = NOW - n * 20 * HOUR
            add_value(connection, "YX-S1", "ph", 7.1 + n, at)
            add_value(
                connection, "YX-S1", "nh3n_mg_l", None if n == 1 else 0.3, at, 9 if n == 1 else 4
            )
        add_value(connection, "YX-S2", "ph", 6.6, NOW - 20 * HOUR)
        for station, reach in (("YX-S1", "YX-1"), ("YX-S2", "YX-2")):
            incident = add_incident(connection, station)
            add_ticket(connection, incident, f"XH-2026-000{incident}", reach=reach)
        external = {"source": "=市站", "place": "YX-S1", "property": "tp_mg_l", "time": NOW}
        stored = {"value": 0.12, "is_below_limit": True, "received_at": NOW}
        kept = {"actor": "somebody", "origin": "api"}
        connection.execute(sa.insert(schema.external_sample).values(external | stored | kept))


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    database = opened(tmp_path_factory.mktemp("exports"))
    fill(database)
    with serve(database) as served:
        yield served
    database.close()


@pytest.fixture(scope="module")
def client(river: Served) -> Iterator[httpx.Client]:
    with river.client() as client:
        yield client


def table(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline=""), strict=True))


def test_every_reading_is_one_line_with_flags_and_units(client: httpx.Client) -> None:
    answer = client.get(f"{ROOT}/observations.csv", params=ALL)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert 'filename="observations-' in answer.headers["content-disposition"]
    rows = table(answer)
    assert [(row["station"], row["time (UTC)"]) for row in rows] == [
        ("YX-S1", "2026-06-30T03:20:00.000Z"),
        ("YX-S1", "2026-06-30T23:20:00.000Z"),
        ("YX-S1", "2026-07-01T19:20:00.000Z"),
        ("YX-S2", "2026-06-30T23:20:00.000Z"),
    ]
    missing = rows[1]
    assert (missing["nh3n_mg_l (mg/L)"], missing["nh3n_mg_l_flag (QARTOD)"]) == ("", "9")
    assert (rows[2]["ph"], rows[2]["ph_flag (QARTOD)"]) == ("7.1", "1")
    assert float(rows[0]["lon (°)"]) == REGISTRY.stations["YX-S1"].lon_lat[0]


def test_a_span_begins_with_its_start_and_ends_before_its_end(client: httpx.Client) -> None:
    def times(since: timedelta, until: timedelta) -> int:
        span = {"from": (NOW + since).isoformat(), "to": (NOW + until).isoformat()}
        return len(table(client.get(f"{ROOT}/observations.csv", params=span)))

    second = timedelta(seconds=1)
    assert times(-40 * HOUR, timedelta(0)) == 3
    assert times(-40 * HOUR + second, timedelta(0)) == 2
    assert times(-40 * HOUR, second) == 4


@pytest.mark.parametrize("name", list(DATASETS))
def test_every_dataset_is_geojson_that_another_library_takes(
    client: httpx.Client, name: str
) -> None:
    answer = client.get(f"{ROOT}/{name}.geojson", params=ALL)
    assert answer.headers["content-type"] == "application/geo+json"
    found = FeatureCollection.model_validate_json(answer.content)
    lines = table(client.get(f"{ROOT}/{name}.csv", params=ALL))
    assert len(found.features) == len(lines) > 0
    assert len({feature.id for feature in found.features}) == len(lines)


def test_geojson_names_the_units(client: httpx.Client) -> None:
    found = client.get(f"{ROOT}/observations.geojson", params=ALL).json()
    assert found["units"]["nh3n_mg_l"] == "mg/L"
    assert found["features"][0]["properties"]["nh3n_mg_l_flag"] == 4


def test_incidents_tickets_and_external_values_say_what_they_are(client: httpx.Client) -> None:
    (first, _) = table(client.get(f"{ROOT}/incidents.csv", params=ALL))
    assert (first["kind"], first["kind_zh"], first["ended_at (UTC)"]) == (
        *("discharge", "疑似排污"),
        "",
    )
    (ticket, _) = table(client.get(f"{ROOT}/tickets.csv", params=ALL))
    assert (ticket["number"], ticket["state_zh"]) == ("XH-2026-0001", "待核实")
    (value,) = table(client.get(f"{ROOT}/external.csv", params=ALL))
    assert (value["value"], value["unit"], value["is_below_limit"]) == ("0.12", "mg/L", "True")
    assert "somebody" not in client.get(f"{ROOT}/external.csv", params=ALL).text


def test_a_file_for_excel_has_a_mark_and_no_formula(client: httpx.Client) -> None:
    plain = client.get(f"{ROOT}/external.csv", params=ALL).content
    marked = client.get(f"{ROOT}/external.csv", params={**ALL, "excel": "true"}).content
    assert marked.startswith("\ufeff".encode())
    assert not plain.startswith("\ufeff".encode())
    assert "'=市站".encode() in marked
    assert ",=市站".encode() in plain


@pytest.mark.parametrize("name", list(DATASETS))
def test_whoever_sees_one_reach_gets_that_reach(river: Served, name: str) -> None:
    span = Span(NOW - 90 * 24 * HOUR, NOW + HOUR)
    asked = Asked(river.database, REGISTRY, span, frozenset({"YX-2"}))
    text = "".join(as_csv(*columns_and_batches(name, asked), for_excel=False))
    assert "YX-S1" not in text
    assert "YX-1" not in text
    assert ("2" in text) == (name != "external")


def columns_and_batches(name: str, asked: Asked) -> tuple[object, object]:
    found = DATASETS[name](asked)
    return found.columns, found.batches


@pytest.mark.parametrize(
    ("path", "span", "status"),
    [
        ("observations.csv", {}, 200),
        ("observations.csv", {"from": "2025-06-30T19:20:00Z", "to": "2026-07-01T19:20:00Z"}, 200),
        ("observations.csv", {"from": "2025-06-30T19:19:59Z", "to": "2026-07-01T19:20:00Z"}, 422),
        ("observations.csv", {"from": "2026-07-01T19:20:00Z", "to": "2026-07-01T19:20:00Z"}, 422),
        ("observations.csv", {"from": "yesterday"}, 422),
        ("observations.csv", {"to": "0001-01-01T00:00:00Z"}, 422),
        ("observations.xlsx", {}, 422),
        ("people.csv", {}, 404),
    ],
)
def test_what_cannot_be_exported_is_told(
    client: httpx.Client, path: str, span: dict[str, str], status: int
) -> None:
    assert client.get(f"{ROOT}/{path}", params=span).status_code == status


def test_an_empty_export_has_a_header_and_is_a_collection(client: httpx.Client) -> None:
    empty = {"from": "2020-01-01T00:00:00Z", "to": "2020-02-01T00:00:00Z"}
    assert table(client.get(f"{ROOT}/tickets.csv", params=empty)) == []
    found = client.get(f"{ROOT}/tickets.geojson", params=empty).json()
    assert found["features"] == []


CELLS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
ROWS = st.lists(st.tuples(CELLS, st.text(st.characters(codec="utf-8"))), max_size=5)


@given(ROWS)
def test_any_text_comes_back_from_both_forms(cells: list[tuple[object, str]]) -> None:
    columns = [Column("n", "mg/L"), Column("text")]
    rows = [Row(str(i), each, None) for i, each in enumerate(cells)]  # type: ignore[arg-type]
    lines = "".join(as_csv(columns, [rows, []], for_excel=False))
    header, *read = csv.reader(io.StringIO(lines, newline=""), strict=True)
    assert header == ["n (mg/L)", "text", "lon (°)", "lat (°)"]
    assert [line[1] for line in read] == [text for _, text in cells]
    collection = json.loads("".join(as_geojson(columns, [rows])))
    FeatureCollection.model_validate(collection)
    assert [f["properties"]["text"] for f in collection["features"]] == [t for _, t in cells]


def test_the_manual_asks_what_is_answered(client: httpx.Client) -> None:
    examples = asked("exports.md")
    assert len(examples) >= 3
    for each in examples:
        assert each.of(client).status_code == 200, each


def test_the_manual_names_every_dataset() -> None:
    manual = (Path(__file__).parents[3] / "docs/exports.md").read_text("utf-8")
    assert all(f"`{name}`" in manual for name in DATASETS)
