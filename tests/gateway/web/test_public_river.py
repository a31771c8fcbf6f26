"""The river as anybody may see it: verified problems, rounded places, hidden faces."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.river_rows import REGISTRY, fill
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.store import evidence
from xunhe.adapters.store.database import Database

LON, LAT = 119.4354159, 30.3227018  # by the middle reach


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), "green").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def site(store: Database, tmp_path: Path) -> Iterator[Served]:
    fill(store, hours=0.1)
    with serve(store, read_without_login=False, evidence=EvidenceStore(tmp_path / "ev")) as served:
        yield served


@pytest.fixture
def stranger(site: Served) -> Iterator[httpx.Client]:
    with site.client() as client:
        yield client


def report(client: httpx.Client, category: str) -> None:
    fields = {"category": category, "text": "秘密的话", "lon": str(LON), "lat": str(LAT)}
    sent = [*((name, (None, value)) for name, value in fields.items())]
    files = [*sent, ("photo", ("p.jpg", photo(), "image/jpeg"))]
    assert client.post("/api/v1/public/reports", files=files).status_code == 201


def accept(site: Served, ticket: int) -> None:
    with site.member() as member:
        step = {"action": "accept", "reason": "属实", "revision": 1}
        assert member.post(f"/api/v1/tickets/{ticket}/steps", json=step).status_code == 200


def sha_of(site: Served, ticket: int) -> str:
    with site.database.read() as connection:
        return evidence.of_ticket(connection, ticket, ())[0].sha256


def test_a_stranger_sees_every_reach_with_its_class(stranger: httpx.Client) -> None:
    page = stranger.get("/report/river")
    assert page.status_code == 200
    for reach in REGISTRY.reaches.values():
        assert reach.name in page.text
    assert "目前没有已核实的问题" in page.text


def test_a_problem_is_shown_once_a_person_has_verified_it(
    site: Served, stranger: httpx.Client
) -> None:
    report(stranger, "floating.litter")
    assert "漂浮垃圾" not in stranger.get("/report/river").text
    accept(site, 3)
    page = stranger.get("/report/river").text
    assert "漂浮垃圾" in page
    assert "119.435, 30.323" in page
    assert str(LON) not in page
    assert "秘密的话" not in page


def test_its_photograph_is_shown_with_faces_hidden_and_no_other(
    site: Served, stranger: httpx.Client
) -> None:
    report(stranger, "floating.litter")
    sha256 = sha_of(site, 3)
    address = f"/report/pictures/{sha256}"
    assert stranger.get(address).status_code == 404
    accept(site, 3)
    assert stranger.get(address).headers["content-type"] == "image/jpeg"
    assert stranger.get(f"/evidence/{sha256}", follow_redirects=False).status_code != 200
    assert stranger.get(f"/report/pictures/{'0' * 64}").status_code == 404


def test_what_accuses_somebody_is_shown_without_its_photograph(
    site: Served, stranger: httpx.Client
) -> None:
    report(stranger, "discharge.secret")
    accept(site, 3)
    assert "偷排" in stranger.get("/report/river").text
    assert stranger.get(f"/report/pictures/{sha_of(site, 3)}").status_code == 404
