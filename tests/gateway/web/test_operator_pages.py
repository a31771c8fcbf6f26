"""The operator's pages: incidents, their charts and map, rules, what was missed, what moves."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.gateway.test_mbtiles import made, png, vector_tile
from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.river_rows import NOW, add_alert, add_incident, add_ticket, count
from xunhe.adapters.store import stream
from xunhe.adapters.store.database import Database
from xunhe.domain.mover import Mover
from xunhe.web.incident_charts import bands
from xunhe.web.shared import Shared

DISCHARGE = 2  # of the filled night


def test_an_incident_page_says_why_who_and_what_can_be_done(reader: httpx.Client) -> None:
    text = reader.get(f"/incidents/{DISCHARGE}").text
    for expected in (
        "疑似排污",
        "氨氮由 0.31 升至 0.92 mg/L",
        "XH-2026-0002",
        "登录后判定",
        "竹桥浮标",
    ):
        assert expected in text
    assert reader.get("/incidents/99").status_code == 404


def test_the_chart_has_the_values_the_bands_and_the_alerts(reader: httpx.Client) -> None:
    found = reader.get(f"/api/v1/incidents/{DISCHARGE}/chart").json()
    assert (found["station"], found["property"], found["target"]) == ("YX-S1", "nh3n_mg_l", "Ⅲ")
    assert len(found["values"]) == len(found["times_s"]) == len(found["flags"]) > 100
    assert [band["label"] for band in found["bands"]] == ["Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ"]
    assert len(found["marks"]) == 2
    other = reader.get(f"/api/v1/incidents/{DISCHARGE}/chart", params={"prop": "ph"}).json()
    assert other["property"] == "ph"
    assert reader.get(f"/api/v1/incidents/{DISCHARGE}/chart?prop=x").status_code == 422


@pytest.mark.parametrize("prop", ["nh3n_mg_l", "do_mg_l", "ph"])
def test_bands_leave_no_value_without_a_class(prop: str) -> None:
    found = bands(prop)
    edges = {band.least for band in found} ^ {band.most for band in found}
    assert edges <= {None}
    assert None in {band.least for band in found} & {band.most for band in found}


def test_water_temperature_has_no_classes() -> None:
    assert bands("water_temp_c") == []


def test_an_incident_on_the_map_has_its_witnesses_in_order(reader: httpx.Client) -> None:
    features = reader.get(f"/api/v1/incidents/{DISCHARGE}/map").json()["features"]
    seen = [f["properties"] for f in features if f["properties"]["kind"] == "witness"]
    assert [(one["order"], one["code"]) for one in seen] == [(1, "YX-S1"), (2, "YX-S2")]


def test_similar_incidents_are_told_with_what_they_share(
    store: Database, served: Served, client: httpx.Client
) -> None:
    with store.write() as connection:
        first = add_incident(connection, at=NOW - timedelta(days=365))
        add_incident(connection, "YX-S3", "minor", at=NOW - timedelta(days=180, hours=9))
        add_incident(connection, kind="floating_litter", at=NOW - timedelta(days=30))
        now = add_incident(connection)
    text = client.get(f"/incidents/{now}").text.split('id="similar"')[1]
    assert f'href="/incidents/{first}"' in text
    assert "同河段" in text
    assert text.count("<li>") == 1


def test_the_stream_brings_an_old_incident_up_when_it_alarms_again(store: Database) -> None:
    with store.write() as connection:
        old, new = add_incident(connection), add_incident(connection, "YX-S2")
        for rule, incident in (("first", old), ("other", new), ("again", old)):
            add_alert(connection, incident, rule=rule)
        found = stream.latest(connection, stream.Narrowed(), 10)
    assert [one.incident.id for one in found] == [old, new]


@pytest.mark.parametrize(
    ("query", "shown"),
    [("", 2), ("?severity=severe", 1), ("?kind=silent_station", 1), ("?severity=major", 0)],
)
def test_the_list_of_incidents_can_be_narrowed(
    reader: httpx.Client, query: str, shown: int
) -> None:
    assert reader.get(f"/incidents{query}").text.count("data-incident-id") == shown


def test_the_rules_page_says_what_each_rule_raised(reader: httpx.Client) -> None:
    text = reader.get("/rules").text
    assert "氨氮突升" in text
    assert "至少 0.35 mg/L" in text
    step = text.split('id="rule-ammonia_step"')[1].split("</tr>")[0]
    assert "<strong>2</strong>" in step
    assert "<form" not in text.split("<main")[1]


def test_the_map_comes_in_two_parts_and_is_not_sent_twice(reader: httpx.Client) -> None:
    places = reader.get("/map/places.json")
    kinds = [f["properties"]["kind"] for f in places.json()["features"]]
    assert (kinds.count("reach"), kinds.count("station"), kinds.count("camera")) == (4, 3, 3)
    states = reader.get("/map/states.json").json()
    assert states["reaches"]["YX-1"]["sign"] == "Ⅴ类"
    assert states["reaches"]["YX-1"]["tickets"] == 1
    again = reader.get("/map/places.json", headers={"If-None-Match": places.headers["etag"]})
    assert again.status_code == 304


def test_what_moves_is_told_with_its_instant(store: Database) -> None:
    drone = Mover("D-1", "一号机", "Drone 1", "drone", NOW, (119.42, 30.32), 90.0, 60.0)
    with serve(store, movers=lambda: [drone]) as served, served.client() as client:
        (feature,) = client.get("/api/v1/map/moving").json()["features"]
    assert feature["geometry"]["coordinates"] == [119.42, 30.32]
    assert feature["properties"]["heading_deg"] == 90.0
    assert feature["properties"]["at"] == "2026-07-01T19:20:00.000Z"


@pytest.fixture
def away(served: Served) -> Iterator[httpx.Client]:
    """An operator who has just looked and then leaves for an hour."""
    with served.member() as client:
        assert client.post("/api/v1/away", json={"event_id": 0}).status_code == 200
        served.wall.at += timedelta(hours=1)
        yield client


def test_what_came_while_away_is_told_once(
    store: Database, served: Served, away: httpx.Client
) -> None:
    assert 'id="away"' not in away.get("/").text
    with store.write() as connection:
        incident = add_incident(connection)
        add_alert(connection, incident)
        add_ticket(connection, incident)
    served.clock.at += timedelta(seconds=2)
    text = away.get("/").text
    assert 'id="away"' in text
    assert "其中严重 1" in text
    assert away.post("/api/v1/away", json={"event_id": 2**50}).json()["event_id"] < 10
    served.wall.at += timedelta(hours=1)
    assert 'id="away"' not in away.get("/").text


def test_a_look_never_goes_back(store: Database, away: httpx.Client) -> None:
    with store.write() as connection:
        add_alert(connection, add_incident(connection))
    newest = away.post("/api/v1/away", json={"event_id": 2}).json()["event_id"]
    assert away.post("/api/v1/away", json={"event_id": 1}).json()["event_id"] == newest


def test_a_stranger_has_missed_nothing_and_may_not_say_so(client: httpx.Client) -> None:
    assert 'id="away"' not in client.get("/").text
    assert client.post("/api/v1/away", json={"event_id": 0}).status_code == 401


def test_tiles_come_from_the_file_of_the_settings(tmp_path: Path, store: Database) -> None:
    picture = png("teal")
    path = made(tmp_path / "a.mbtiles", {(1, 0, 1): picture}, format="png", maxzoom="1")
    with serve(store, map_tiles=path) as served, served.client() as client:
        found = client.get("/tiles/1/0/0")
        assert (found.content, found.headers["content-type"]) == (picture, "image/png")
        assert client.get("/tiles/1/1/1").status_code == 204
        assert client.get("/tiles/99/1/1").status_code == 422
        assert 'data-tiles="png"' in client.get("/").text


def test_vector_tiles_go_out_as_they_are_kept(tmp_path: Path, store: Database) -> None:
    path = made(tmp_path / "a.mbtiles", {(0, 0, 0): vector_tile("water")}, format="pbf")
    with serve(store, map_tiles=path) as served, served.client() as client:
        found = client.get("/tiles/0/0/0")
    assert found.headers["content-encoding"] == "gzip"
    assert b"water" in found.content


def test_without_a_file_there_are_no_tiles(reader: httpx.Client) -> None:
    assert reader.get("/tiles/0/0/0").status_code == 404
    assert "data-tiles" not in reader.get("/").text


def test_shared_values_are_made_once_a_version() -> None:
    shared, count_of = Shared(), itertools.count()
    made_of = [shared.get("key", version, lambda: next(count_of)) for version in (1, 1, 2, 2, 1)]
    assert made_of == [0, 0, 1, 1, 2]


def test_a_part_follows_the_readings(store: Database, client: httpx.Client) -> None:
    before = client.get("/fragments/numbers").text
    with store.write() as connection:
        count(connection, "readings", 41)
    assert client.get("/fragments/numbers").text != before
