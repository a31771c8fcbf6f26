"""Evidence on pages and in the API: blurred first, gone ones explained, verdicts kept."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.fakes.camera_desk import desk as camera_desk
from tests.gateway.proofs import BOXES, jpeg, proof
from tests.gateway.web.console_server import NAME, Served, serve
from tests.gateway.web.river_rows import NOW, add_alert, add_incident, add_ticket
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.proof import Keeper, Kept, keep
from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.evidence import Role

CLIP = bytes(range(256)) * 40


@pytest.fixture
def files(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence")


@pytest.fixture
def kept(store: Database, files: EvidenceStore) -> Kept:
    """Incident 1 with ticket 1, seen by a camera."""
    found = Keeper(Budget(store, files, 2**20)).put(proof(clip_mp4=CLIP, camera_at=NOW), NOW)
    with store.write() as connection:
        incident_id = add_incident(connection, kind="floating_litter")
        alert_id = add_alert(connection, incident_id)
        add_ticket(connection, incident_id)
        keep(connection, found, incident_id, alert_id, NOW)
    return found


@pytest.fixture
def desk(store: Database, files: EvidenceStore, kept: Kept) -> Iterator[Served]:
    with serve(store, evidence=files) as served:
        yield served


@pytest.fixture
def visitor(desk: Served) -> Iterator[httpx.Client]:
    with desk.client() as client:
        yield client


@pytest.fixture
def member(desk: Served) -> Iterator[httpx.Client]:
    with desk.member() as client:
        yield client


def of(kept: Kept, role: Role) -> str:
    return next(piece.sha256 for piece in kept.pieces if piece.role is role)


def test_a_file_is_given_with_its_type_and_may_be_kept_for_good(
    visitor: httpx.Client, kept: Kept
) -> None:
    answer = visitor.get(f"/evidence/{of(kept, Role.PICTURE)}")
    assert answer.content == jpeg()
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_a_player_gets_the_part_of_a_clip_that_it_asks_for(
    visitor: httpx.Client, kept: Kept
) -> None:
    answer = visitor.get(f"/evidence/{of(kept, Role.CLIP)}", headers={"Range": "bytes=10-19"})
    assert answer.status_code == 206
    assert answer.content == CLIP[10:20]
    assert answer.headers["content-range"] == f"bytes 10-19/{len(CLIP)}"
    assert answer.headers["content-type"] == "video/mp4"


def test_a_blurred_picture_is_another_picture_of_the_same_size(
    visitor: httpx.Client, kept: Kept
) -> None:
    answer = visitor.get(f"/evidence/{of(kept, Role.PICTURE)}/blurred")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content.startswith(b"\xff\xd8")
    assert answer.headers["cache-control"] == "private, max-age=3600"
    assert visitor.get(f"/evidence/{of(kept, Role.CLIP)}/blurred").status_code == 404


@pytest.mark.parametrize("name", ["0" * 64, "A" * 64, "..%2f..%2fetc%2fpasswd", "x"])
def test_what_no_row_names_is_not_given(
    visitor: httpx.Client, files: EvidenceStore, name: str
) -> None:
    files.put(b"not named", "image/jpeg")
    answer = visitor.get(f"/evidence/{name}")
    assert answer.status_code in (404, 422)
    assert answer.headers["cache-control"] == "no-store"


def test_without_a_session_evidence_stays_closed(
    store: Database, files: EvidenceStore, kept: Kept
) -> None:
    with (
        serve(store, evidence=files, read_without_login=False) as closed,
        closed.client() as client,
    ):
        for tail in ("", "/blurred"):
            answer = client.get(f"/evidence/{of(kept, Role.PICTURE)}{tail}")
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/login")


def test_a_ticket_shows_its_evidence_blurred_with_times_and_models(
    visitor: httpx.Client, kept: Kept
) -> None:
    page = visitor.get("/tickets/1").text
    assert f'<img src="/evidence/{of(kept, Role.ANNOTATED)}/blurred"' in page
    assert f'<a href="/evidence/{of(kept, Role.PICTURE)}/blurred"' in page
    assert f'src="/evidence/{of(kept, Role.CLIP)}"' in page
    assert "摄像机时间" in page
    assert "网关时间" in page
    assert "d" * 12 in page
    assert "请人工检查" in page


def test_evidence_that_is_gone_is_explained(
    store: Database, files: EvidenceStore, visitor: httpx.Client, kept: Kept
) -> None:
    for path in files.files():
        path.unlink()
    Budget(store, files, 2**20).sweep(NOW)
    page = visitor.get("/tickets/1").text
    assert "文件已丢失" in page
    assert '<img src="/evidence' not in page
    assert visitor.get(f"/evidence/{of(kept, Role.PICTURE)}").status_code == 410


def test_a_verdict_says_who_and_when_and_the_newest_comes_first(member: httpx.Client) -> None:
    form = {"ticket": "1", "note": "是落叶"}
    first = member.post("/incidents/1/verdict", data={**form, "is_true": "true"})
    assert first.headers["location"] == "/tickets/1#review"
    member.post("/incidents/1/verdict", data={**form, "is_true": "false"})
    said = member.get("/api/v1/incidents/1/evidence").json()["verdicts"]
    assert [(v["is_true"], v["actor"], v["note"]) for v in said] == [
        (False, NAME, "是落叶"),
        (True, NAME, "是落叶"),
    ]
    page = member.get("/tickets/1").text
    assert page.index('class="false"') < page.index('class="real older"')
    assert NAME in page


def test_boxes_that_a_person_marks_as_wrong_are_left_out(member: httpx.Client, kept: Kept) -> None:
    form = {"is_true": "true", "ticket": "1", "picture": of(kept, Role.PICTURE), "wrong": "0"}
    member.post("/incidents/1/verdict", data={**form, "label": "vegetation_mat"})
    said = member.get("/api/v1/incidents/1/evidence").json()["verdicts"][0]
    assert said["boxes"] == [[*BOXES[1][:4], "vegetation_mat"]]


def test_a_program_may_send_corrected_boxes(member: httpx.Client) -> None:
    box = {"x0": 0.1, "y0": 0.1, "x1": 0.2, "y1": 0.3, "label": "litter"}
    answer = member.post("/api/v1/incidents/1/verdicts", json={"is_true": True, "boxes": [box]})
    assert answer.status_code == 201
    assert answer.json()["boxes"] == [[0.1, 0.1, 0.2, 0.3, "litter"]]
    for wrong in ({**box, "x1": 0.1}, {**box, "x1": 1.1}, {**box, "label": "duck"}):
        body = {"is_true": True, "boxes": [wrong]}
        assert member.post("/api/v1/incidents/1/verdicts", json=body).status_code == 422
    assert member.post("/api/v1/incidents/9/verdicts", json={"is_true": True}).status_code == 404


def test_a_verdict_needs_a_session_and_its_token(member: httpx.Client, desk: Served) -> None:
    data = {"is_true": "true", "ticket": "1"}
    with desk.client() as stranger:
        assert stranger.post("/incidents/1/verdict", data=data).status_code == 401
    del member.headers["X-CSRF-Token"]
    assert member.post("/incidents/1/verdict", data=data).status_code == 403
    assert member.get("/api/v1/incidents/1/evidence").json()["verdicts"] == []


def test_a_gateway_without_cameras_says_that_stations_alone_witnessed(
    client: httpx.Client, store: Database
) -> None:
    with store.write() as connection:
        add_ticket(connection, add_incident(connection))
    page = client.get("/tickets/1").text
    assert "只有测站" in page
    assert "verdict" not in page


def test_a_discharge_that_is_a_false_alarm_is_told_to_the_camera_that_still_sees_it(
    store: Database,
) -> None:
    with store.write() as connection:
        incident_id = add_incident(connection)
        add_alert(connection, incident_id)
        seen = add_alert(connection, incident_id, station="YX-C1", rule="seen_discharge")
        connection.execute(
            schema.alert.update().where(schema.alert.c.id == seen).values(zone="YX-P1")
        )
    cameras = camera_desk(NOW)
    with serve(store, cameras=cameras) as served, served.member() as client:
        at = f"/api/v1/incidents/{incident_id}/verdicts"
        assert client.post(at, json={"is_true": True}).status_code == 201
        assert cameras.dismissed == []
        assert client.post(at, json={"is_true": False}).status_code == 201
    assert cameras.dismissed == [("YX-C1", "YX-P1")]
