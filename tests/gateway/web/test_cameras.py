"""Cameras through the API and the pages, with a desk of the test's own."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.fakes import camera_desk
from tests.fakes.camera_desk import FakeDesk, river_jpeg
from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.river_rows import NOW, opened
from xunhe.domain.zones import Zones, ZonesError
from xunhe.web.zone_problems import ZonesInvalidError, chinese

API = "/api/v1/cameras/YX-C1"
SQUARE = [[0.1, 0.5], [0.4, 0.5], [0.4, 0.9], [0.1, 0.9]]
BOW_TIE = [[0.1, 0.1], [0.6, 0.7], [0.6, 0.1], [0.1, 0.6]]
GOOD: dict[str, Any] = {
    "version": 1,
    "water": [{"name": "主河道", "polygon": SQUARE}],
    "outfalls": [
        {
            "code": "YX-P1",
            "name": "一号口",
            "polygon": [[0.5, 0.5], [0.6, 0.5], [0.6, 0.6]],
            "upstream": [[0.7, 0.5], [0.8, 0.5], [0.8, 0.6]],
            "permitted_hours": [["22:00", "06:00"]],
            "rain_expected": "same",
        }
    ],
    "banks": [{"name": "左岸", "polygon": [[0.0, 0.3], [0.3, 0.3], [0.3, 0.4]]}],
    "ignore": [[[0.0, 0.0], [0.2, 0.0], [0.2, 0.1]]],
    "flow": [0.8, 0.6],
    "ground": {
        "px": [[0.2, 0.6], [0.4, 0.6], [0.5, 0.9], [0.1, 0.9]],
        "m": [[0.0, 0.0], [4.0, 0.0], [4.0, 6.0], [0.0, 6.0]],
    },
}


@dataclass
class River:
    served: Served
    member: httpx.Client
    desk: FakeDesk


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> Iterator[River]:
    """A console with cameras and somebody logged in."""
    database = opened(tmp_path_factory.mktemp("cameras"))
    desk = camera_desk.desk(NOW)
    with serve(database, cameras=desk) as served, served.member() as member:
        yield River(served, member, desk)
    database.close()


@pytest.fixture
def desk(river: River) -> FakeDesk:
    """The desk as on the first day."""
    fresh, shown = camera_desk.desk(NOW), river.desk
    shown.states, shown.previews, shown.drawn = fresh.states, fresh.previews, fresh.drawn
    return shown


@pytest.fixture
def member(river: River, desk: FakeDesk) -> httpx.Client:
    return river.member


def test_cameras_are_listed_with_their_state_in_words_and_what_to_do(
    member: httpx.Client, desk: FakeDesk
) -> None:
    desk.set_state("YX-C2", "wrong_password", "401")
    desk.set_state("YX-C3", "moved")
    found = {each["code"]: each for each in member.get("/api/v1/cameras").json()}
    assert list(found) == ["YX-C1", "YX-C2", "YX-C3"]
    assert (found["YX-C1"]["state_zh"], found["YX-C1"]["is_up"]) == ("在线", True)
    assert (found["YX-C2"]["state_en"], found["YX-C2"]["is_up"]) == ("wrong password", False)
    assert "cameras.toml" in found["YX-C2"]["next_step_zh"]
    assert (found["YX-C3"]["is_up"], found["YX-C3"]["is_blind"]) == (True, True)
    assert found["YX-C1"]["counts"]["received"] == 4210


@pytest.mark.parametrize("path", ["/api/v1/cameras", API, "/cameras", "/cameras/YX-C1", "/"])
def test_an_address_with_its_password_never_leaves(member: httpx.Client, path: str) -> None:
    answer = member.get(path)
    assert answer.status_code == 200
    assert "secret" not in answer.text
    assert "rtsp" not in answer.text


def test_a_camera_offers_the_outfalls_of_its_reach_only(member: httpx.Client) -> None:
    assert [each["code"] for each in member.get(API).json()["outfalls"]] == ["YX-P1"]
    assert member.get("/api/v1/cameras/YX-C3").json()["outfalls"] == []


def test_a_frame_tells_its_age_and_is_never_kept(member: httpx.Client, desk: FakeDesk) -> None:
    desk.previews["YX-C1"] = camera_desk.preview(NOW - timedelta(seconds=3.5))
    answer = member.get(f"{API}/frame.jpg")
    assert answer.content == river_jpeg()
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-frame-age"] == "3.500"
    assert answer.headers["x-frame-at"] == "2026-07-01T19:19:56.500Z"
    again = member.get(f"{API}/frame.jpg", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.headers["x-frame-age"]) == (304, "3.500")


@pytest.mark.parametrize(("seconds", "is_live"), [(9.9, True), (10.0, True), (10.1, False)])
def test_a_frame_of_more_than_ten_seconds_is_not_live(
    member: httpx.Client, desk: FakeDesk, seconds: float, is_live: bool
) -> None:
    desk.previews["YX-C1"] = camera_desk.preview(NOW - timedelta(seconds=seconds))
    assert member.get(f"{API}/overlay").json()["is_live"] is is_live
    assert member.get(f"{API}/frame.jpg").headers["x-frame-live"] == str(int(is_live))


def test_a_camera_clock_that_runs_ahead_gives_no_negative_age(
    member: httpx.Client, desk: FakeDesk
) -> None:
    desk.previews["YX-C1"] = camera_desk.preview(NOW + timedelta(seconds=2))
    assert member.get(f"{API}/frame.jpg").headers["x-frame-age"] == "0.000"


def test_before_the_first_frame_there_is_none_and_that_is_no_error(member: httpx.Client) -> None:
    assert member.get("/api/v1/cameras/YX-C2/frame.jpg").status_code == 204
    found = member.get("/api/v1/cameras/YX-C2/overlay").json()
    assert (found["at"], found["found"], found["is_live"]) == (None, [], False)


def test_the_overlay_tells_gate_detections_and_outfalls(member: httpx.Client) -> None:
    found = member.get(f"{API}/overlay").json()
    assert found["gate"] == [[0.4, 0.6, 0.62, 0.8]]
    first = found["found"][0]
    assert (first["label_zh"], first["score"], first["limit"]) == ("漂浮垃圾", 0.91, 0.7)
    assert found["outfalls"][0]["state_zh"] == "排水"


def test_zones_come_back_as_they_were_saved(member: httpx.Client, desk: FakeDesk) -> None:
    before = member.get(f"{API}/zones")
    assert before.json()["water"][0]["polygon"][2] == [1.0, 1.0]  # nobody has drawn any
    answer = member.put(f"{API}/zones", json=GOOD, headers={"If-Match": before.headers["etag"]})
    assert answer.status_code == 200
    assert desk.drawn["YX-C1"] == Zones.parse(GOOD)
    after = member.get(f"{API}/zones")
    assert after.json() == answer.json() == GOOD
    assert after.headers["etag"] == answer.headers["etag"] != before.headers["etag"]


def test_two_people_do_not_overwrite_each_other(member: httpx.Client, desk: FakeDesk) -> None:
    seen = member.get(f"{API}/zones").headers["etag"]
    assert member.put(f"{API}/zones", json=GOOD, headers={"If-Match": seen}).status_code == 200
    other = GOOD | {"flow": None}
    answer = member.put(f"{API}/zones", json=other, headers={"If-Match": seen})
    assert (answer.status_code, answer.json()["code"]) == (409, "stale_zones")
    assert desk.drawn["YX-C1"].flow == (0.8, 0.6)


def test_bad_zones_are_refused_with_every_problem_beside_its_shape(
    member: httpx.Client, desk: FakeDesk
) -> None:
    bad = {
        "water": [{"name": "甲", "polygon": BOW_TIE}, {"name": "岸", "polygon": SQUARE}],
        "outfalls": [
            {"code": "NEW", "name": "新", "polygon": SQUARE, "permitted_hours": [["8", "18:00"]]}
        ],
        "banks": [{"name": "岸", "polygon": [[0, 0], [1, 0]]}],
        "ground": {"px": SQUARE, "m": [[None, None]] * 4},
    }
    answer = member.put(f"{API}/zones", json=bad)
    assert (answer.status_code, answer.json()["code"]) == (422, "zones_invalid")
    fields = {each["field"]: each for each in answer.json()["fields"]}
    assert set(fields) == {
        "water[0].polygon",
        "outfalls[0].permitted_hours",
        "outfalls[0]",
        "banks[0].polygon",
        "ground.m",
    }
    assert "crosses itself" in fields["water[0].polygon"]["message"]
    assert fields["water[0].polygon"]["message_zh"] == "轮廓自相交：请按顺序排列顶点"
    assert "NEW" in fields["outfalls[0]"]["message_zh"]
    assert "YX-C1" not in desk.drawn


def test_a_name_given_twice_is_said_at_both_places(member: httpx.Client) -> None:
    twice = {
        "water": [{"name": "甲", "polygon": SQUARE}],
        "banks": [{"name": "甲", "polygon": SQUARE}],
    }
    answer = member.put(f"{API}/zones", json=twice)
    assert [each["field"] for each in answer.json()["fields"]] == ["water[0].name", "banks[0].name"]


def test_every_problem_of_zones_has_its_chinese() -> None:
    line, point = [[0, 0], [0.5, 0.5], [1, 1]], [[0, 0], [1, 0], ["x", 1]]
    far = [[5, 5], [6, 5], [6, 6], [5, 6]]
    bad: list[Any] = [
        [],
        {"version": 2, "watr": []},
        {"water": "x", "outfalls": 3, "flow": [0, 0], "ground": {"px": SQUARE[:3], "m": SQUARE}},
        {"water": [3, {"name": " ", "polygon": line}, {"name": "a"}, {"nme": "a"}]},
        {"water": [{"name": "a", "polygon": point}, {"name": "b", "polygon": far}]},
        {"banks": [{"name": "a", "polygon": BOW_TIE}, {"name": "b", "polygon": SQUARE[:2]}]},
        {"banks": [{"name": "b", "polygon": "x"}], "flow": "x", "ground": [1]},
        {"outfalls": [{"code": "", "name": "", "polygon": SQUARE, "rain_expected": "x"}]},
        {"outfalls": [{"code": "a", "name": "b", "polygon": SQUARE, "permitted_hours": [1]}]},
        {"outfalls": [{"code": "a", "name": "b", "polygon": SQUARE, "permitted_hours": 1}]},
        {"ground": {"px": far, "m": [*line, [2, 2]]}},
        {"ground": {"px": [SQUARE[i] for i in (0, 2, 1, 3)], "m": [[None, None]] * 4}},
        {"water": [{"name": "a", "polygon": SQUARE}, {"name": "a", "polygon": SQUARE}]},
    ]
    for value in bad:
        with pytest.raises(ZonesError) as raised:
            Zones.parse(value)
        fields = ZonesInvalidError(raised.value.problems, value if isinstance(value, dict) else {})
        for field in fields.problem.fields:
            assert field.message_zh != chinese("new"), field.message


@pytest.mark.parametrize("path", ["", "/zones", "/overlay", "/frame.jpg"])
def test_an_unknown_camera_is_not_found(member: httpx.Client, path: str) -> None:
    answer = member.get(f"/api/v1/cameras/YX-C9{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.json()["message_zh"] == "没有摄像机 YX-C9"
    assert member.put("/api/v1/cameras/YX-C9/zones", json=GOOD).status_code == 404
    assert "没有摄像机" in member.get("/cameras/YX-C9").text


def test_without_vision_the_api_and_the_pages_name_the_setting(
    served: Served, client: httpx.Client
) -> None:
    for path in ("/api/v1/cameras", API, f"{API}/frame.jpg"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "vision_off")
        assert "enabled = true" in answer.json()["message"]
    assert client.get("/cameras/YX-C1").status_code == 503
    for path in ("/cameras", "/", "/fragments/cameras"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "enabled = true" in answer.text


def test_the_list_says_state_and_next_step_of_each_camera(
    member: httpx.Client, desk: FakeDesk
) -> None:
    desk.set_state("YX-C2", "stalled", "no data")
    desk.set_state("YX-C3", "dark")
    text = member.get("/cameras").text
    for expected in ("在线", "卡住", "检查网络带宽", "黑屏", "检查补光", "竹桥摄像机", "云溪上段"):
        assert expected in text
    assert text.count("data-frame-of=") == 3
    assert member.get("/fragments/camera-list").text.strip() in text


def test_a_state_without_words_is_shown_as_it_is(member: httpx.Client, desk: FakeDesk) -> None:
    desk.set_state("YX-C1", "levitating")
    assert "levitating" in member.get("/fragments/cameras/YX-C1").text
    assert member.get(API).json()["is_up"] is False


def test_an_empty_registry_says_where_cameras_are_added(
    member: httpx.Client, desk: FakeDesk
) -> None:
    desk.states.clear()
    assert "cameras.toml" in member.get("/cameras").text


def test_names_of_cameras_are_escaped(member: httpx.Client, desk: FakeDesk) -> None:
    status = desk.states["YX-C1"]
    desk.states["YX-C1"] = replace(status, camera=replace(status.camera, name="<script>1</script>"))
    for path in ("/", "/cameras", "/cameras/YX-C1"):
        assert "<script>1" not in member.get(path).text


def test_only_a_person_who_is_logged_in_is_offered_to_save(
    river: River, member: httpx.Client
) -> None:
    assert 'id="save"' in member.get("/cameras/YX-C1").text
    with river.served.client() as anonymous:
        text = anonymous.get("/cameras/YX-C1").text
        assert 'id="save"' not in text
        assert "登录后保存" in text
        assert anonymous.put(f"{API}/zones", json=GOOD).status_code == 401
