"""GeoReport v2 over HTTP, read by the georeport client, which shares no code with us."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from georeport import GeoReport
from PIL import Image

from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.manual import asked
from tests.gateway.web.river_rows import REGISTRY, opened
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.store.database import Database
from xunhe.desk.categories import CATEGORIES
from xunhe.outward_settings.file import OutwardFile
from xunhe.outward_settings.upstream import Open311Settings

ROOT = "/open311/v2"
KEY = "a-key-of-the-city-app"
LON, LAT = REGISTRY.reaches["YX-2"].line[1]
SENT = {
    "api_key": KEY,
    "jurisdiction_id": "river.example",
    "service_code": "floating.litter",
    "lat": str(LAT),
    "long": str(LON),
    "description": "岸边一片泡沫，我住在隔壁",
    "first_name": "张",
    "phone": "13800000000",
    "email": "somebody@city.example",
}
FILE = OutwardFile(
    open311=Open311Settings(
        jurisdiction="river.example", keys=(KEY, "the-key-of-another"), reports_an_hour=3
    )
)


@pytest.fixture
def city(store: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    evidence = EvidenceStore(tmp_path_factory.mktemp("evidence"))
    with serve(store, read_without_login=False, evidence=evidence, outward=FILE) as served:
        yield served


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A city that refuses all day: nothing that is kept is asked of it."""
    database = opened(tmp_path_factory.mktemp("patient"))
    door = Open311Settings(jurisdiction="river.example", keys=(KEY,), reports_an_hour=1000)
    outward = OutwardFile(open311=door)
    with serve(database, outward=outward) as served, served.client() as client:
        yield client
    database.close()


@pytest.fixture
def app(city: Served) -> Iterator[httpx.Client]:
    with city.client() as client:
        yield client


FORMS = pytest.mark.parametrize("form", ["json", "xml"])


def reader(client: httpx.Client, form: str) -> GeoReport:
    root = str(client.base_url).rstrip("/") + ROOT
    return GeoReport(root, "river.example", output_format=form)


def send(app: httpx.Client, form: str = "json", **changed: str) -> httpx.Response:
    return app.post(f"{ROOT}/requests.{form}", data=SENT | changed)


def code(app: httpx.Client, **changed: str) -> str:
    answer = send(app, **changed)
    assert answer.status_code == 201, answer.text
    return str(answer.json()[0]["service_request_id"])


def step(city: Served, *actions: str) -> None:
    with city.member() as member:
        for action in actions:
            revision = member.get("/api/v1/tickets/1").json()["revision"]
            said = {"action": action, "reason": "已清理", "revision": revision}
            answer = member.post("/api/v1/tickets/1/steps", json=said)
            assert answer.status_code == 200, answer.text


def many(found: Any) -> list[Any]:
    """xmltodict gives one element alone without a list."""
    return found if isinstance(found, list) else [found]


@FORMS
def test_an_independent_client_finds_what_can_be_reported(patient: httpx.Client, form: str) -> None:
    services = {each["service_code"]: each for each in reader(patient, form).get_service_list()}
    assert set(services) == set(CATEGORIES)
    litter = services["floating.litter"]
    assert "漂浮垃圾" in litter["service_name"]
    assert str(litter["metadata"]).lower() == "false"
    definition = reader(patient, form).get_service_definition("floating.litter")
    assert definition["service_code"] == "floating.litter"


@FORMS
def test_an_independent_client_follows_a_report(city: Served, app: httpx.Client, form: str) -> None:
    key, client = code(app), reader(app, form)
    found = client.get_service_request(key)
    assert (found["service_request_id"], found["status"]) == (key, "open")
    assert "待核实" in found["status_notes"]
    (listed,) = many(client.get_service_requests())
    assert listed["service_code"] == "floating.litter"
    assert abs(float(listed["lat"]) - LAT) < 0.001
    assert client.get_service_request(listed["service_request_id"]) == listed
    step(city, "accept", "feedback")
    assert "已清理" in client.get_service_request(key)["status_notes"]
    both = f"{key},{listed['service_request_id']}"
    assert len(many(client.get_service_requests(service_request_id=both))) == 2
    assert "已受理" in many(client.get_service_requests(status="open"))[0]["status_notes"]


def test_nothing_personal_comes_out(app: httpx.Client) -> None:
    key = code(app)
    for path in ("requests.json", "requests.xml", f"requests/{key}.json", f"requests/{key}.xml"):
        text = app.get(f"{ROOT}/{path}").text
        assert "floating.litter" in text
        for secret in ("隔壁", "张", "13800000000", "somebody", str(LAT), str(LON)):
            assert secret not in text
    assert key not in app.get(f"{ROOT}/requests.json").text


def test_the_office_reads_words_and_where_the_picture_is(city: Served, app: httpx.Client) -> None:
    code(app, media_url="https://pictures.example/1.jpg", address_string="桥头")
    with city.member() as member:
        page = member.get("/desk/reports").text
    for said in ("住在隔壁", "https://pictures.example/1.jpg", "桥头", "13800000000"):
        assert said in page
    assert "somebody@city.example" not in page


def test_what_accuses_waits_for_a_person(city: Served, app: httpx.Client) -> None:
    key = code(app, service_code="discharge.secret")
    assert app.get(f"{ROOT}/requests.json").json() == []
    assert app.get(f"{ROOT}/requests/XH-2026-0001.json").status_code == 404
    assert app.get(f"{ROOT}/requests/{key}.json").json()[0]["service_code"] == "discharge.secret"
    step(city, "accept")
    assert len(app.get(f"{ROOT}/requests.json").json()) == 1


def test_a_second_report_of_the_same_joins_the_first(app: httpx.Client) -> None:
    code(app)
    answer = send(app, service_code="floating.vegetation").json()[0]
    assert "已并入" in answer["service_notice"]
    assert len(app.get(f"{ROOT}/requests.json").json()) == 1
    assert app.get(f"{ROOT}/requests/{answer['service_request_id']}.json").status_code == 200


def test_a_report_by_xml_is_answered_by_xml(app: httpx.Client) -> None:
    answer = send(app, "xml")
    assert answer.headers["content-type"].startswith("text/xml")
    root = ET.fromstring(answer.content)
    key = root.findtext("request/service_request_id")
    token = ET.fromstring(app.get(f"{ROOT}/tokens/{key}.xml").content)
    assert token.findtext("request/service_request_id") == key


def test_a_photograph_may_come_with_it(app: httpx.Client) -> None:
    out = BytesIO()
    Image.new("RGB", (32, 32), "green").save(out, "PNG")
    files = {"media": ("p.png", out.getvalue(), "image/png")}
    assert app.post(f"{ROOT}/requests.json", data=SENT, files=files).status_code == 201
    broken = {"media": ("p.png", b"no picture", "image/png")}
    assert app.post(f"{ROOT}/requests.json", data=SENT, files=broken).status_code == 400


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"api_key": ""}, 403, "api_key"),
        ({"api_key": "a-key-of-nobody-here"}, 403, "api_key"),
        ({"jurisdiction_id": "other.example"}, 404, "jurisdiction_id"),
        ({"service_code": "none"}, 404, "none"),
        ({"lat": ""}, 400, "lat"),
        ({"lat": "91"}, 400, "position"),
        ({"lat": "0", "long": "0"}, 400, "No reach"),
        ({"description": "很" * 1001}, 400, "1000"),
    ],
)
@FORMS
def test_a_report_that_cannot_be_taken_says_why(
    patient: httpx.Client, form: str, changed: dict[str, str], status: int, said: str
) -> None:
    answer = send(patient, form, **changed)
    assert answer.status_code == status
    if form == "json":
        (error,) = answer.json()
        assert error["code"] == status
        assert said in error["description"]
    else:
        assert said in str(ET.fromstring(answer.content).findtext("error/description"))


def test_a_report_without_words_is_taken(app: httpx.Client) -> None:
    assert send(app, description="").status_code == 201


def test_each_key_has_its_own_limit_by_the_hour(city: Served, app: httpx.Client) -> None:
    assert [send(app).status_code for _ in range(4)] == [201, 201, 201, 429]
    assert int(send(app).headers["retry-after"]) <= 3601
    assert send(app, api_key="the-key-of-another").status_code == 201
    city.wall.at += timedelta(hours=1)
    assert send(app).status_code == 201


def test_guessing_codes_is_limited(app: httpx.Client) -> None:
    wrong = ",".join(["2222-2222-2222"] * 121)
    answer = app.get(f"{ROOT}/requests.json", params={"service_request_id": wrong})
    assert answer.status_code == 429


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({}, 200),
        ({"start_date": "2026-04-02T19:20:00Z", "end_date": "2026-07-01T19:20:00Z"}, 200),
        ({"start_date": "2026-04-02T19:19:59Z", "end_date": "2026-07-01T19:20:00Z"}, 400),
        ({"start_date": "2026-07-02T00:00:00Z", "end_date": "2026-07-01T00:00:00Z"}, 400),
        ({"start_date": "2026-07-01"}, 400),
        ({"start_date": "9999-12-31T00:00:00Z"}, 400),
        ({"status": "open,closed"}, 200),
        ({"status": "odd"}, 400),
        ({"jurisdiction_id": "other.example"}, 404),
    ],
)
def test_a_list_spans_ninety_days_at_most(
    patient: httpx.Client, options: dict[str, str], status: int
) -> None:
    answer = patient.get(f"{ROOT}/requests.json", params=options)
    assert answer.status_code == status, answer.text
    if status != 200:
        assert answer.json()[0]["code"] == status


def test_a_list_is_filtered_by_date_service_and_status(city: Served, app: httpx.Client) -> None:
    code(app)

    def count(**options: str) -> int:
        return len(app.get(f"{ROOT}/requests.json", params=options).json())

    assert count(service_code="floating.litter,water.quality") == 1
    assert count(service_code="water.quality") == 0
    assert count(status="closed") == 0
    assert count(end_date="2026-07-01T19:19:59Z") == 0
    assert count(start_date="2026-07-01T19:20:00Z") == 1
    step(city, "feedback", "false_alarm")
    assert count(status="closed") == 1


def test_discovery_says_where_and_what(patient: httpx.Client) -> None:
    found = patient.get(f"{ROOT}/discovery.json").json()
    (endpoint,) = found["endpoints"]
    assert endpoint["url"].endswith(ROOT)
    assert patient.get(f"{endpoint['url']}/services.json").status_code == 200
    xml = ET.fromstring(patient.get(f"{ROOT}/discovery.xml").content)
    assert [each.text for each in xml.findall("endpoints/endpoint/formats/format")] == [
        "text/xml",
        "application/json",
    ]


@pytest.mark.parametrize("path", ["requests/none.json", "services/none.xml", "tokens/none.json"])
def test_what_is_not_there_is_not_found(patient: httpx.Client, path: str) -> None:
    assert patient.get(f"{ROOT}/{path}").status_code == 404


def test_a_form_of_unsaid_size_is_refused_unread(patient: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        yield b"x" * 1024

    assert patient.post(f"{ROOT}/requests.json", content=endless()).status_code == 413


def test_without_settings_there_is_nothing(client: httpx.Client) -> None:
    assert client.get(f"{ROOT}/services.json").status_code == 404
    assert client.post(f"{ROOT}/requests.json", data=SENT).status_code == 404


def test_the_manual_asks_what_is_answered(app: httpx.Client) -> None:
    code(app)
    examples = asked("open311.md")
    assert any(each.form for each in examples)
    for each in examples:
        assert each.of(app).is_success, each
