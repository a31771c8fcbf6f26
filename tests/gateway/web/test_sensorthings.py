"""SensorThings over HTTP, read by the FROST client, which shares no code with us."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import frost_sta_client as fsc
import httpx
import pytest

from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.manual import asked, python_of
from tests.gateway.web.river_rows import NOW, REGISTRY, add_value, opened
from xunhe.adapters.store.database import Database
from xunhe.web.sensorthings.world import world

ROOT = "/sta/v1.1"
MINUTE = timedelta(minutes=1)
COUNT = 25  # of each stream
OLD_CLIENT = pytest.mark.filterwarnings("ignore:furl.pathstr is deprecated")
PH = "Datastreams('YX-S1:ph')"


def fill(database: Database) -> None:
    with database.write() as connection:
        for n in range(COUNT):
            at = NOW - n * MINUTE
            add_value(connection, "YX-S1", "ph", 7 + n / 100, at)
            add_value(
                connection, "YX-S1", "do_mg_l", None if n == 3 else 8.0, at, 9 if n == 3 else 1
            )
            add_value(connection, "YX-S2", "ph", 6.5, at, 4)


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    database = opened(tmp_path_factory.mktemp("sta"))
    fill(database)
    with serve(database) as served:
        yield served
    database.close()


@pytest.fixture(scope="module")
def client(river: Served) -> Iterator[httpx.Client]:
    with river.client() as client:
        yield client


@pytest.fixture(scope="module")
def frost(river: Served) -> fsc.SensorThingsService:
    return fsc.SensorThingsService(river.url + ROOT)


def get(client: httpx.Client, path: str, **options: Any) -> Any:
    answer = client.get(f"{ROOT}/{path}", params={f"${k}": v for k, v in options.items()})
    assert answer.status_code == 200, answer.text
    return answer.json()


@OLD_CLIENT
def test_an_independent_client_walks_from_a_thing_to_its_values(
    frost: fsc.SensorThingsService,
) -> None:
    thing = frost.things().find("YX-S1")
    assert REGISTRY.stations["YX-S1"].name in thing.name
    (location,) = thing.get_locations().query().list().entities
    assert list(location.location["coordinates"]) == list(REGISTRY.stations["YX-S1"].lon_lat)
    streams = {stream.id: stream for stream in thing.get_datastreams().query().list()}
    assert set(streams) == {"YX-S1:ph", "YX-S1:do_mg_l"}
    unit = streams["YX-S1:do_mg_l"].unit_of_measurement
    assert (unit.symbol, unit.definition) == ("mg/L", "ucum:mg/L")
    newest = streams["YX-S1:ph"].get_observations().query().orderby("phenomenonTime").top(1).list()
    assert (newest.entities[0].result, newest.entities[0].result_quality) == (7.0, 1)
    assert datetime.fromisoformat(newest.entities[0].phenomenon_time) == NOW


@OLD_CLIENT
def test_an_independent_client_pages_through_everything_once(
    frost: fsc.SensorThingsService,
) -> None:
    found = frost.observations().query().top(10).count().list()
    assert found.count == 3 * COUNT
    ids = [each.id for each in found]
    assert len(ids) == len(set(ids)) == 3 * COUNT


@OLD_CLIENT
def test_an_independent_client_filters_by_time_and_result(
    frost: fsc.SensorThingsService,
) -> None:
    since = (NOW - 9 * MINUTE).isoformat().replace("+00:00", "Z")
    wanted = f"phenomenonTime ge {since} and result gt 7.02"
    found = frost.datastreams().find("YX-S1:ph").get_observations().query().filter(wanted).list()
    assert sorted(each.result for each in found) == [7 + n / 100 for n in range(3, 10)]


def test_the_service_names_its_sets(client: httpx.Client) -> None:
    root = client.get(ROOT).json()
    assert len(root["value"]) == 7
    for each in root["value"]:
        assert client.get(each["url"]).status_code == 200
    assert all("/1.1/" in each for each in root["serverSettings"]["conformance"])


def test_every_link_of_every_entity_leads_somewhere(client: httpx.Client) -> None:
    for each in client.get(ROOT).json()["value"]:
        for entity in client.get(each["url"], params={"$top": 2}).json()["value"]:
            links = [url for name, url in entity.items() if name.endswith(("Link", "selfLink"))]
            assert len(links) >= 2
            assert all(client.get(url).status_code == 200 for url in links), links
            assert client.get(entity["@iot.selfLink"]).json() == entity


def test_a_value_keeps_its_flag_and_a_missing_one_is_null(client: httpx.Client) -> None:
    missing = get(client, "Observations", filter="resultQuality eq 9")["value"]
    assert [(each["result"], each["resultQuality"]) for each in missing] == [(None, 9)]
    assert get(client, "Observations", filter="result eq null") == {"value": missing}
    assert len(get(client, "Observations", filter="resultQuality ge 4")["value"]) == COUNT + 1


def test_ids_are_in_order_and_filter_as_they_are(client: httpx.Client) -> None:
    ids = [each["@iot.id"] for each in get(client, f"{PH}/Observations")["value"]]
    middle = ids[10]
    for operator, expected in {
        "eq": ids[10:11],
        "gt": ids[11:],
        "ge": ids[10:],
        "lt": ids[:10],
        "le": ids[:11],
    }.items():
        found = get(client, f"{PH}/Observations", filter=f"id {operator} '{middle}'", select="id")
        assert [each["@iot.id"] for each in found["value"]] == expected
    ne = get(client, f"{PH}/Observations", filter=f"not (id eq '{middle}')", count="true", top=0)
    assert ne["@iot.count"] == COUNT - 1


def test_the_newest_of_all_streams_come_first_where_asked(client: httpx.Client) -> None:
    found = get(client, "Observations", orderby="phenomenonTime desc", top=4)
    times = [each["phenomenonTime"] for each in found["value"]]
    assert times == ["2026-07-01T19:20:00.000Z"] * 3 + ["2026-07-01T19:19:00.000Z"]
    results = get(client, "Observations", orderby="result", top=3, skip=1)["value"]
    assert [each["result"] for each in results] == [6.5] * 3
    highest = get(client, f"{PH}/Observations", orderby="result desc", top=1)["value"]
    assert highest[0]["result"] == 7.24


def test_expansions_go_deep_and_have_their_own_pages(client: httpx.Client) -> None:
    found = get(
        client,
        "Things('YX-S1')",
        expand="Datastreams($expand=ObservedProperty($select=name),"
        "Observations($top=2;$orderby=phenomenonTime desc;$count=true)),Locations",
        select="name",
    )
    assert set(found) == {"name", "Datastreams", "Locations"}
    stream = next(each for each in found["Datastreams"] if each["@iot.id"] == "YX-S1:ph")
    assert stream["ObservedProperty"] == {"name": "ph"}
    assert [each["result"] for each in stream["Observations"]] == [7.0, 7.01]
    assert stream["Observations@iot.count"] == COUNT
    more = client.get(stream["Observations@iot.nextLink"]).json()["value"]
    assert [each["result"] for each in more] == [7.02, 7.03]


def test_things_are_filtered_and_ordered_by_what_they_are(client: httpx.Client) -> None:
    found = get(client, "Datastreams", filter="Thing/id eq 'YX-S1'", orderby="id desc")
    assert [each["@iot.id"] for each in found["value"]] == ["YX-S1:ph", "YX-S1:do_mg_l"]
    units = get(client, "Datastreams", filter="unitOfMeasurement/symbol eq 'mg/L'")["value"]
    assert [each["@iot.id"] for each in units] == ["YX-S1:do_mg_l"]
    assert get(client, "Things", filter="properties/reach eq 'YX-2'", select="id")["value"] == [
        {"@iot.id": "YX-S2"}
    ]
    before = get(client, "Datastreams", filter="phenomenonTime lt 2026-07-01T00:00:00Z")
    assert before == {"value": []}


def test_the_water_of_a_reach_is_what_was_observed(client: httpx.Client) -> None:
    found = get(client, "FeaturesOfInterest('YX-1')")
    assert found["feature"]["type"] == "LineString"
    of_reach = get(client, "FeaturesOfInterest('YX-1')/Observations", count="true", top=0)
    assert of_reach["@iot.count"] == 2 * COUNT


def test_properties_values_and_references_have_addresses(client: httpx.Client) -> None:
    assert get(client, f"{PH}/ObservedProperty/name") == {"name": "ph"}
    assert client.get(f"{ROOT}/{PH}/ObservedProperty/name/$value").text == "ph"
    refs = get(client, "Things('YX-S1')/Datastreams/$ref")["value"]
    assert [set(each) for each in refs] == [{"@iot.selfLink"}] * 2


@pytest.mark.parametrize(
    "path",
    [
        "Nothing",
        "Things('YX-S9')",
        "Things('YX-S1')/Nothing",
        "Things/name",
        "Things('YX-S1",
        "Things('YX-S1')('YX-S1')",
        "Things('YX-S1')/name/$value/$value",
        "Observations('x')",
        "Observations('YX-S1:ph:99999999999999999999:a:1:1')",
        "Datastreams('YX-S1:ph')/Observations('YX-S2:ph:1:a:1:1')",
        f"Observations('YX-S1:ph:1:a:1:{'9' * 5000}')",
        "HistoricalLocations",
    ],
)
def test_a_path_to_nowhere_is_not_found(client: httpx.Client, path: str) -> None:
    answer = client.get(f"{ROOT}/{path}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("Things", {"filter": "name eq"}),
        ("Things", {"filter": "colour eq 'red'"}),
        ("Things", {"expand": "Observations"}),
        ("Things", {"select": "colour"}),
        ("Things", {"orderby": "colour"}),
        ("Observations", {"filter": "Datastream/name eq 'x'"}),
        ("Observations", {"filter": "result eq 'x'"}),
        ("Observations", {"filter": "result gt null"}),
        ("Observations", {"filter": "id eq 'x'"}),
        ("Observations", {"orderby": "colour"}),
        ("Observations", {"orderby": "result,id"}),
        ("Things", {"top": "-1"}),
    ],
)
def test_a_query_that_cannot_be_used_is_told(
    client: httpx.Client, path: str, options: dict[str, str]
) -> None:
    answer = client.get(f"{ROOT}/{path}", params={f"${k}": v for k, v in options.items()})
    assert answer.status_code == 400
    assert answer.json()["code"] == "query"


def test_nobody_reads_without_leave(river: Served) -> None:
    with serve(river.database, read_without_login=False) as closed, closed.client() as stranger:
        assert stranger.get(f"{ROOT}/Things").status_code == 401


def test_other_reaches_are_not_in_ones_world(river: Served) -> None:
    with river.database.read() as connection:
        seen = world(REGISTRY, connection, frozenset({"YX-2"}))
    assert {key for entities in seen.entities.values() for key in entities} == {
        *("YX-S2", "YX-S2:ph", "ph", "YX-2")
    }


@OLD_CLIENT
def test_the_program_of_the_manual_prints_what_is_above_its_threshold(
    river: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    program = python_of("sensorthings.md", river.url)
    with river.database.write() as connection:
        add_value(connection, "YX-S1", "ph", 8.5, NOW + MINUTE)
        add_value(connection, "YX-S1", "ph", 8.51, NOW + 2 * MINUTE)
    exec(program, {})
    assert capsys.readouterr().out.split()[1:] == ["8.51", "1"]


def test_the_manual_asks_what_is_answered(client: httpx.Client) -> None:
    examples = asked("sensorthings.md")
    assert len(examples) >= 4
    for each in examples:
        assert each.of(client).status_code == 200, each
