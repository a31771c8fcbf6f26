"""What a chief's telephone brings in: once each, however late; and his pages."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa
from PIL import Image

from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.people import client_of
from tests.gateway.web.river_rows import NOW, REGISTRY, add_alert, add_incident, add_ticket, opened
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.store import desk_log, patrols, schema
from xunhe.adapters.store.database import Database
from xunhe.desk.log import iso
from xunhe.desk.roles import Role

LINE = REGISTRY.reaches["YX-1"].line
REPORTS, PATROLS = "/api/v1/phone/reports", "/api/v1/phone/patrols"


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A site that nothing is kept on: for what is refused, and for reading."""
    folder = tmp_path_factory.mktemp("quiet")
    database = opened(folder)
    evidence = EvidenceStore(folder / "ev")
    with serve(database, read_without_login=False, evidence=evidence) as served:
        yield served
    database.close()


@pytest.fixture(scope="module")
def reader(quiet: Served) -> Iterator[httpx.Client]:
    with client_of(quiet, "村级河长", person="P5") as client:
        yield client


@pytest.fixture
def site(store: Database, tmp_path: Path) -> Iterator[Served]:
    with serve(store, read_without_login=False, evidence=EvidenceStore(tmp_path / "ev")) as served:
        yield served


@pytest.fixture
def chief(site: Served) -> Iterator[httpx.Client]:
    with client_of(site, "村级河长", person="P5") as client:
        yield client


def jpeg(colour: str = "green") -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return out.getvalue()


def problem(**changed: str) -> dict[str, tuple[None, str]]:
    fields = {
        "key": uuid4().hex,
        "category": "floating.litter",
        "reason": "桥下有垃圾",
        "lon": str(LINE[0][0]),
        "lat": str(LINE[0][1]),
        "age_s": "0",
    }
    return {name: (None, value) for name, value in (fields | changed).items()}


def track(seconds: float = 600, count: int = 61) -> list[list[float]]:
    """Along the reach's first two corners, a fix every ten seconds."""
    (lon, lat), (to_lon, to_lat) = LINE[0], LINE[1]
    shares = [n / (count - 1) for n in range(count)]
    return [[seconds * s, lon + s * (to_lon - lon), lat + s * (to_lat - lat), 5.0] for s in shares]


def walk(**changed: object) -> dict[str, object]:
    made = {"key": uuid4().hex, "post": "VILLAGE-1", "age_s": 60, "duration_s": 600}
    return {**made, "fixes": track(), **changed}


def rows(served: Served, table: sa.Table) -> list[sa.Row[tuple[object, ...]]]:
    with served.database.read() as connection:
        return list(connection.execute(sa.select(table)))


def test_the_session_says_what_a_telephone_needs_offline(reader: httpx.Client) -> None:
    found = reader.get("/api/v1/phone/session").json()
    assert (found["user"], found["csrf"]) == ("村级河长", reader.headers["X-CSRF-Token"])
    assert [post["code"] for post in found["posts"]] == ["VILLAGE-1"]
    assert [reach["code"] for reach in found["reaches"]] == ["YX-1"]


def test_the_session_is_nobodys_without_log_in(quiet: Served) -> None:
    with quiet.client() as stranger:
        assert stranger.get("/api/v1/phone/session").status_code == 401
        assert stranger.post(REPORTS, files=problem()).status_code == 401


def test_a_problem_is_one_ticket_however_often_it_comes(site: Served, chief: httpx.Client) -> None:
    sent = [*problem().items(), ("photo", ("p.jpg", jpeg(), "image/jpeg"))]
    answers = [chief.post(REPORTS, files=sent).json() for _ in range(3)]
    assert [answer["is_new"] for answer in answers] == [True, False, False]
    assert len({answer["id"] for answer in answers}) == 1
    (ticket,) = rows(site, schema.ticket)
    assert (ticket.source, ticket.reach, ticket.post) == ("chief", "YX-1", "VILLAGE-1")
    (photo,) = rows(site, schema.evidence)
    assert (photo.role, photo.ticket_id) == ("found", ticket.id)


def test_five_photographs_are_one_too_many(reader: httpx.Client) -> None:
    photos = [("photo", (f"{n}.jpg", jpeg(), "image/jpeg")) for n in range(5)]
    assert reader.post(REPORTS, files=[*problem().items(), *photos]).json()["code"] == "too_many"


def test_two_problems_are_two_tickets(site: Served, chief: httpx.Client) -> None:
    for _ in range(2):
        assert chief.post(REPORTS, files=problem()).status_code == 200
    assert len(rows(site, schema.ticket)) == 2


def test_a_problem_found_earlier_says_when_and_its_clock_runs_from_now(
    site: Served, chief: httpx.Client
) -> None:
    chief.post(REPORTS, files=problem(age_s="5400"))
    with site.database.read() as connection:
        opened = next(desk_log.entries(connection, kinds=["ticket.opened"]))
    assert opened.data["found_at"] == iso(NOW - timedelta(minutes=90))
    assert opened.at == NOW


@pytest.mark.parametrize("age_s", ["-86400", "99999999"])
def test_a_telephone_whose_clock_was_changed_loses_no_problem(
    site: Served, chief: httpx.Client, age_s: str
) -> None:
    assert chief.post(REPORTS, files=problem(age_s=age_s)).status_code == 200
    with site.database.read() as connection:
        opened = next(desk_log.entries(connection, kinds=["ticket.opened"]))
    assert opened.data["found_at"] == iso(NOW)


def test_without_a_position_the_reach_must_be_named(chief: httpx.Client) -> None:
    refused = chief.post(REPORTS, files=problem(lon="", lat=""))
    assert (refused.status_code, refused.json()["code"]) == (422, "no_place")
    assert chief.post(REPORTS, files=problem(lon="", lat="", reach="YX-2")).status_code == 200


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"category": "none"}, 404),
        ({"reach": "NONE"}, 404),
        ({"lon": "0", "lat": "0"}, 422),
        ({"reason": " "}, 422),
        ({"key": "short"}, 422),
        ({"lon": "181"}, 422),
        ({"age_s": "nan"}, 422),
        ({"handler": "D-NONE"}, 422),
    ],
)
def test_an_unfit_problem_is_refused_with_a_reason(
    quiet: Served, reader: httpx.Client, changed: dict[str, str], status: int
) -> None:
    refused = reader.post(REPORTS, files=problem(**changed))
    assert refused.status_code == status
    assert refused.json()["message_zh"]
    assert rows(quiet, schema.ticket) == []


def test_what_is_no_photograph_is_refused_and_opens_nothing(
    quiet: Served, reader: httpx.Client
) -> None:
    sent = [*problem().items(), ("photo", ("p.jpg", b"no picture", "image/jpeg"))]
    assert reader.post(REPORTS, files=sent).json()["code"] == "no_picture"
    assert rows(quiet, schema.ticket) == []


def test_fifty_megabytes_are_refused_in_words(reader: httpx.Client) -> None:
    sent = [*problem().items(), ("photo", ("p.jpg", b"x" * (50 * 2**20), "image/jpeg"))]
    refused = reader.post(REPORTS, files=sent)
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


def test_a_problem_may_be_assigned_on_the_spot(chief: httpx.Client) -> None:
    number = chief.post(REPORTS, files=problem(handler="D-WATER")).json()["id"]
    found = chief.get(f"/api/v1/tickets/{number}").json()
    assert (found["state"], found["handler"]) == ("assigned", "D-WATER")


def test_a_patrol_is_one_however_often_it_comes(site: Served, chief: httpx.Client) -> None:
    key = uuid4().hex
    chief.post(REPORTS, files=problem(key=key))
    made = walk(problems=[key, uuid4().hex])
    answers = [chief.post(PATROLS, json=made).json() for _ in range(3)]
    assert [answer["is_new"] for answer in answers] == [True, False, False]
    with site.database.read() as connection:
        found = patrols.find(connection, answers[0]["id"])
        assert len(patrols.began(connection, NOW - timedelta(days=1), NOW)) == 1
    assert found is not None
    assert found.patrol.reaches == ("YX-1",)
    assert found.patrol.problems == (1,)
    assert found.patrol.ended_at == NOW - timedelta(seconds=60)
    assert len(found.fixes) == 61
    page = chief.get(f"/phone/patrols/{answers[0]['id']}").text
    assert "有效巡河" in page
    assert "track-walked" in page


def test_a_gap_is_marked_and_not_counted(chief: httpx.Client) -> None:
    fixes = track()
    gone = chief.post(PATROLS, json=walk(fixes=fixes[:20] + fixes[40:])).json()
    page = chief.get(f"/phone/patrols/{gone['id']}").text
    assert "轨迹中断 1 处" in page
    assert 'class="track-gap" points' in page


def test_a_patrol_stands_beside_the_route_that_was_planned(chief: httpx.Client) -> None:
    (route,) = REGISTRY.routes_of("VILLAGE-1")
    whole = [[60.0 * n, lon, lat, 5.0] for n, (lon, lat) in enumerate(route.line)]
    half = chief.post(PATROLS, json=walk()).json()
    page = chief.get(f"/phone/patrols/{half['id']}").text
    assert "左岸步道" in page
    assert "未走到 1 段" in page
    assert 'class="track-missed" points' in page
    all_of_it = chief.post(PATROLS, json=walk(fixes=whole, age_s=5)).json()
    assert "未走到" not in chief.get(f"/phone/patrols/{all_of_it['id']}").text


def test_a_patrol_elsewhere_or_of_another_post_is_refused(reader: httpx.Client) -> None:
    far = [[at, lon + 1, lat, acc] for at, lon, lat, acc in track()]
    assert reader.post(PATROLS, json=walk(fixes=far)).json()["code"] == "not_there"
    assert reader.post(PATROLS, json=walk(fixes=[])).json()["code"] == "not_there"
    assert reader.post(PATROLS, json=walk(post="VILLAGE-2")).status_code == 403


@pytest.mark.parametrize("age_s", [-600, 1e8])
def test_a_patrol_of_a_clock_that_was_changed_asks_for_its_gpx(
    reader: httpx.Client, age_s: float
) -> None:
    assert reader.post(PATROLS, json=walk(age_s=age_s)).json()["code"] == "impossible_time"


def gpx(start_s: float = 3600) -> bytes:
    at = [NOW - timedelta(seconds=start_s - since) for since, *_ in track()]
    points = "".join(
        f'<trkpt lat="{lat}" lon="{lon}"><time>{time:%Y-%m-%dT%H:%M:%SZ}</time></trkpt>'
        for time, (_, lon, lat, _) in zip(at, track(), strict=True)
    )
    space = "http://www.topografix.com/GPX/1/1"
    body = f"<trk><trkseg>{points}</trkseg></trk>"
    return f'<gpx version="1.1" creator="t" xmlns="{space}">{body}</gpx>'.encode()


def bring_gpx(client: httpx.Client, data: bytes) -> httpx.Response:
    files = {"track": ("w.gpx", data, "application/gpx+xml")}
    return client.post("/phone/patrols/gpx", data={"post": "VILLAGE-1"}, files=files)


def test_a_gpx_file_is_a_patrol_once(site: Served, chief: httpx.Client) -> None:
    places = {bring_gpx(chief, gpx()).headers["location"] for _ in range(2)}
    assert places == {"/phone/patrols/1"}
    with site.database.read() as connection:
        found = patrols.find(connection, 1)
    assert found is not None
    assert found.source is patrols.TrackSource.GPX
    assert found.patrol.started_at == NOW - timedelta(hours=1)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"no gpx", "不是可读的 GPX 文件"),
        (gpx(-3600), "在未来"),
        (gpx().replace(b"<time>", b"<other>").replace(b"</time>", b"</other>"), "没有时间"),
    ],
)
def test_a_gpx_file_of_no_use_comes_back_with_its_reason(
    reader: httpx.Client, data: bytes, said: str
) -> None:
    answer = bring_gpx(reader, data)
    assert answer.status_code == 422
    assert said in answer.text


def test_a_step_with_photographs_is_taken_whole_or_not_at_all(
    site: Served, chief: httpx.Client
) -> None:
    with site.database.write() as connection:
        incident = add_incident(connection)
        add_alert(connection, incident)
        ticket = add_ticket(connection, incident)
    step = {"action": "accept", "reason": "属实", "revision": "1"}
    photo = [("photo", ("p.jpg", jpeg(), "image/jpeg"))]
    sent = [*((name, (None, value)) for name, value in step.items()), *photo]
    taken = chief.post(f"/phone/tickets/{ticket}/steps", files=sent)
    assert taken.headers["location"] == f"/phone/tickets/{ticket}"
    again = chief.post(f"/phone/tickets/{ticket}/steps", files=sent)
    assert again.status_code == 409  # sent twice: the second finds it changed
    assert len(rows(site, schema.evidence)) == 1
    assert "已受理" in chief.get(f"/phone/tickets/{ticket}").text


def test_the_list_holds_ones_own_tickets_by_light(site: Served, chief: httpx.Client) -> None:
    with site.database.write() as connection:
        mine = add_ticket(connection, add_incident(connection))
        other = add_incident(connection, "YX-S2")
        add_ticket(connection, other, "XH-2026-0009", "VILLAGE-2", "YX-2")
    page = chief.get("/phone").text
    assert f'href="/phone/tickets/{mine}"' in page
    assert "XH-2026-0009" not in page


def test_what_was_assigned_to_a_handler_is_in_his_list(site: Served, chief: httpx.Client) -> None:
    number = chief.post(REPORTS, files=problem(handler="D-WATER")).json()["id"]
    with client_of(site, "水利", role=Role.HANDLER, code="D-WATER") as handler:
        assert f'href="/phone/tickets/{number}"' in handler.get("/phone").text
        assert "开始处理" in handler.get(f"/phone/tickets/{number}").text


def test_the_duty_sheet_counts_patrols_and_problems(chief: httpx.Client) -> None:
    chief.post(REPORTS, files=problem())
    chief.post(PATROLS, json=walk())
    page = chief.get("/phone/duty").text
    assert "2026年7月" in page
    assert "村级河长（云溪上段）" in page
    assert chief.get("/phone/duty?month=2026-06").status_code == 200
    assert chief.get("/phone/duty?month=2026-13").status_code == 422


def test_the_shell_holds_nobodys_data(quiet: Served, reader: httpx.Client) -> None:
    with quiet.client() as stranger:
        worker = stranger.get("/phone/service-worker.js")
        assert worker.headers["service-worker-allowed"] == "/phone"
        assert "SHELL_OF_THIS_VERSION" not in worker.text
        kept = worker.text.split('"shell": [')[1].split("]")[0].replace('"', "").split(", ")
        for path in kept:
            assert path == "/phone/field" or path.startswith("/static/")
            assert stranger.get(path).status_code == 200
    page = reader.get("/phone/field").text
    assert "村级河长" not in page
    assert reader.headers["X-CSRF-Token"] not in page
    assert reader.get("/phone").headers["cache-control"] == "no-store"


def test_positions_may_be_asked_for_in_the_field(reader: httpx.Client) -> None:
    for path in ("/phone/field", "/stations", "/report"):
        assert "geolocation=(self)" in reader.get(path).headers["permissions-policy"]


def test_a_patrol_of_others_is_not_there(site: Served, chief: httpx.Client) -> None:
    made = chief.post(PATROLS, json=walk()).json()["id"]
    with client_of(site, "中段", person="P6") as other:
        assert other.get(f"/phone/patrols/{made}").status_code == 404
    with client_of(site, "上镇", person="P3") as above:
        assert above.get(f"/phone/patrols/{made}").status_code == 200
