"""The JSON API: what it answers about a night with a plume."""

import httpx
import pytest

from tests.gateway.web.console_server import Served
from tests.gateway.web.river_rows import NOW, REGISTRY, add_value
from xunhe.web.api import MAX_HOURS, MAX_PAGE, MAX_POINTS


def get(client: httpx.Client, path: str) -> object:
    answer = client.get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_overview_counts_what_the_tables_hold(reader: httpx.Client) -> None:
    found = get(reader, "/overview")
    assert isinstance(found, dict)
    clock = found.pop("clock")
    assert found == {
        "stations": {"live": 3, "silent": 0, "awaited": 0},
        "open_incidents": 2,
        "open_tickets": 1,
        "readings_stored": 588,
        "duplicates": 12,
        "rejected": {"length": 1, "mac": 3},
        "last_event_id": 12,
    }
    assert clock == {
        "river_time": "2026-07-01T19:20:00.000Z",
        "time_factor": 120,
        "wall_time": "2026-07-01T19:20:00.000Z",
    }


def test_map_holds_every_registered_thing_once(reader: httpx.Client) -> None:
    found = get(reader, "/reaches")
    assert isinstance(found, dict)
    codes = [feature["id"] for feature in found["features"]]
    lying = [REGISTRY.outfalls, REGISTRY.sources, REGISTRY.sections, REGISTRY.intakes]
    expected = [*REGISTRY.reaches, *REGISTRY.stations, *(code for table in lying for code in table)]
    assert sorted(codes) == sorted(expected)


def test_a_reach_has_the_class_of_its_water_and_its_open_tickets(reader: httpx.Client) -> None:
    found = get(reader, "/reaches")
    assert isinstance(found, dict)
    reaches = {feature["id"]: feature["properties"] for feature in found["features"]}
    upper, brook = reaches["YX-1"], reaches["BJ-1"]
    assert upper["class_label"] == "Ⅴ类 · 单因子（3项）"
    assert (upper["colour"], upper["open_tickets"], upper["newest_ticket"]) == ("orange", 1, 2)
    assert brook["class_label"] is None  # no station lies on it
    assert brook["open_tickets"] == 0
    assert reaches["YX-3"]["open_tickets"] == 0  # its ticket was a false alarm


def test_stations_say_value_flag_and_class_of_each_property(reader: httpx.Client) -> None:
    found = get(reader, "/stations")
    assert isinstance(found, list)
    first = found[0]
    assert (first["code"], first["presence"]) == ("YX-S1", "live")
    values = {value["property"]: value for value in first["values"]}
    assert values["nh3n_mg_l"]["class_label"] == "Ⅴ"
    assert values["water_temp_c"]["class_label"] is None
    assert first["water_class"]["worst"] == ["nh3n_mg_l"]
    assert first["last_seen"] == "2026-07-01T19:20:00.000Z"


@pytest.mark.parametrize(
    ("minutes", "presence"), [(29, "live"), (30, "live"), (31, "silent")]
)  # 15 intervals of 120 s
def test_a_station_is_silent_after_its_patience(
    served: Served, client: httpx.Client, minutes: int, presence: str
) -> None:
    from datetime import timedelta

    with served.database.write() as connection:
        add_value(connection, "YX-S1", "ph", 7.5, NOW - timedelta(minutes=minutes))
    found = client.get("/api/v1/stations").json()
    assert found[0]["presence"] == presence
    assert (found[0]["water_class"] is None) == (presence == "silent")
    assert found[1]["presence"] == "awaited"


@pytest.mark.parametrize("flag", [3, 4, 9])
def test_a_doubtful_value_never_judges_water(
    served: Served, client: httpx.Client, flag: int
) -> None:
    with served.database.write() as connection:
        add_value(connection, "YX-S1", "nh3n_mg_l", 9.9, flag=flag)
    found = client.get("/api/v1/stations").json()[0]
    assert found["values"][0]["value"] == 9.9
    assert found["values"][0]["class_label"] is None
    assert found["water_class"] is None


def test_observations_reach_back_as_asked(reader: httpx.Client) -> None:
    found = get(reader, "/stations/YX-S1/observations?hours=1")
    assert isinstance(found, dict)
    series = {one["property"]: one for one in found["series"]}
    assert len(series["ph"]["points"]) == 31  # both ends belong to it
    assert series["ph"]["points"][-1]["time"] == "2026-07-01T19:20:00.000Z"
    assert series["ph"]["every"] == 1


def test_long_series_are_thinned_but_keep_the_newest(served: Served, client: httpx.Client) -> None:
    from datetime import timedelta

    with served.database.write() as connection:
        for i in range(MAX_POINTS + 1):
            add_value(connection, "YX-S1", "ph", 7.0 + i / 1e4, NOW - timedelta(seconds=i))
    found = client.get("/api/v1/stations/YX-S1/observations?hours=1").json()
    series = next(one for one in found["series"] if one["property"] == "ph")
    assert series["every"] == 2
    assert series["points"][-1]["value"] == 7.0


def test_an_incident_comes_with_its_witnesses_in_order(reader: httpx.Client) -> None:
    found = get(reader, "/incidents/2")
    assert isinstance(found, dict)
    assert [a["station"] for a in found["alerts"]] == ["YX-S1", "YX-S1", "YX-S2"]
    assert found["alerts"][0]["started_at"] == "2026-07-01T18:20:00.000Z"


def test_lists_come_newest_first(reader: httpx.Client) -> None:
    for path in ("/incidents", "/alerts"):
        rows = get(reader, path)
        assert isinstance(rows, list)
        ids = [row["id"] for row in rows]
        assert ids == sorted(ids, reverse=True)
    rejected = get(reader, "/rejected?limit=2")
    assert isinstance(rejected, dict)
    assert [row["id"] for row in rejected["items"]] == [4, 3]
    assert (rejected["kept"], rejected["counts"]) == (4, {"length": 1, "mac": 3})


def test_tickets_name_post_holder_and_time_left(reader: httpx.Client) -> None:
    rows = get(reader, "/tickets")
    assert isinstance(rows, list)
    assert [row["number"] for row in rows] == ["XH-2026-0002", "XH-2026-0001"]
    first = rows[0]
    assert first["post"] == {
        "code": "VILLAGE-1",
        "title": "村级河长（云溪上段）",
        "title_en": "Village chief, upper Yunxi",
        "holder": "演示人员五",
    }
    assert first["seconds_left"] == 23 * 3600
    assert first["state_zh"] == "待核实"


def test_paging_moves_on_and_is_capped(reader: httpx.Client) -> None:
    assert [row["id"] for row in reader.get("/api/v1/alerts?limit=1&offset=1").json()] == [3]
    over = reader.get(f"/api/v1/alerts?limit={MAX_PAGE + 1}")
    assert over.status_code == 422
    assert reader.get(f"/api/v1/alerts?limit={MAX_PAGE}").status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/stations/NOWHERE/observations", 404, "not_found"),
        ("/incidents/99", 404, "not_found"),
        ("/tickets/99", 404, "not_found"),
        ("/nothing", 404, "not_found"),
        ("/tickets/abc", 422, "invalid"),
        ("/tickets/0", 422, "invalid"),
        (f"/stations/YX-S1/observations?hours={MAX_HOURS + 1}", 422, "invalid"),
        ("/stations/YX-S1/observations?hours=0", 422, "invalid"),
        ("/alerts?offset=-1", 422, "invalid"),
        ("/events?after=x", 422, "invalid"),
    ],
)
def test_errors_say_what_is_wrong(reader: httpx.Client, path: str, status: int, code: str) -> None:
    answer = reader.get(f"/api/v1{path}")
    assert answer.status_code == status
    problem = answer.json()
    assert problem["code"] == code
    assert problem["message"]
    assert problem["message_zh"]
    assert bool(problem["fields"]) == (status == 422)


def test_openapi_names_every_operation_once_and_documents_errors(reader: httpx.Client) -> None:
    document = get(reader, "/openapi.json")
    assert isinstance(document, dict)
    assert document["openapi"].startswith("3.")
    known = set(document["components"]["schemas"])
    public = {path for path in document["paths"] if path.startswith("/api/v1/public/")}
    operations = [o for path in document["paths"].values() for o in path.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids))
    for operation in operations:
        assert operation["tags"]
        assert operation["description"]
        assert {"200", "201"} & set(operation["responses"])
    for path in document["paths"].keys() - public:
        for operation in document["paths"][path].values():
            assert "401" in operation["responses"], path
    references = {
        r.split('"')[0] for r in reader.get("/api/v1/openapi.json").text.split("schemas/")[1:]
    }
    assert references <= known
    assert all(path.startswith("/api/v1/") for path in document["paths"])


def test_no_page_of_the_framework_that_loads_from_elsewhere(reader: httpx.Client) -> None:
    assert reader.get("/docs").status_code == 404
    assert reader.get("/redoc").status_code == 404
