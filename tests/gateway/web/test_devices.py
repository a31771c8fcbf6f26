"""Buoys over the API: technicians and office only, no key goes out, bad input gets its reason."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.river_rows import REGISTRY
from tests.stores import migrated_file
from xunhe.adapters.enrolment_seal import Enrolment, SealError, new_secret, public_key, seal, unseal
from xunhe.adapters.store.database import Database

STATION = sorted(REGISTRY.stations)[0]
DEVICE = "02a1b2c3d4e5"
KEY = bytes(range(32))
MADE = Enrolment(DEVICE, STATION, KEY, datetime(2026, 11, 20, tzinfo=UTC), "Li")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    database = Database(migrated_file(tmp_path / "xunhe.sqlite3"))
    with serve(database) as found:
        yield found
    database.close()


def sealed_for(client: httpx.Client, enrolment: Enrolment = MADE) -> dict[str, str]:
    found = client.get("/api/v1/devices/seal-key").json()
    sealed = seal(enrolment, bytes.fromhex(found["public_key"]))
    return {"sealed": b64encode(sealed).decode()}


def test_a_sealed_key_is_enrolled_and_never_shown(served: Served) -> None:
    with served.member() as office:
        answer = office.post("/api/v1/devices", json=sealed_for(office))
        assert answer.status_code == 201
        assert answer.json() == {
            "device": DEVICE,
            "station": STATION,
            "has_replaced": False,
            "first_boot": 1,
        }
        listed = office.get("/api/v1/devices").text
    assert DEVICE in listed
    assert KEY.hex() not in listed


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/devices",
        f"/api/v1/devices/{DEVICE}/calibrations",
        "/api/v1/releases",
        "/api/v1/releases/8/offers",
    ],
)
def test_nobody_writes_without_a_log_in(served: Served, path: str) -> None:
    with served.client() as stranger:
        assert stranger.post(path, json={}).status_code == 401
        assert stranger.get("/api/v1/session").status_code == 401


@pytest.mark.parametrize("path", ["/devices", "/devices/seal-key", "/releases/8", "/session"])
def test_nobody_reads_without_a_log_in_where_reading_is_not_public(
    tmp_path: Path, path: str
) -> None:
    database = Database(migrated_file(tmp_path / "xunhe.sqlite3"))
    with serve(database, read_without_login=False) as closed, closed.client() as stranger:
        assert stranger.get(f"/api/v1{path}").status_code == 401
    database.close()


@pytest.mark.parametrize(
    ("sealed", "status", "code"),
    [
        (b"", 422, "sealed"),
        (b"nonsense", 422, "sealed"),
        (seal(MADE, public_key(new_secret())), 422, "sealed"),
    ],
)
def test_what_does_not_open_is_refused_with_its_reason(
    served: Served, sealed: bytes, status: int, code: str
) -> None:
    with served.member() as office:
        body = {"sealed": b64encode(sealed).decode()}
        answer = office.post("/api/v1/devices", json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert office.get("/api/v1/devices").json() == []


def test_an_unknown_station_is_refused_with_those_that_are_known(served: Served) -> None:
    with served.member() as office:
        nowhere = Enrolment(DEVICE, "NOWHERE", KEY, MADE.made_at, "Li")
        answer = office.post("/api/v1/devices", json=sealed_for(office, nowhere))
        assert answer.status_code == 409
        assert STATION in answer.json()["message"]


CERTIFICATE: dict[str, Any] = {
    "certificate": "XHC-1",
    "station": STATION,
    "device": DEVICE,
    "probe": "Y532@2",
    "quantity": "ph_mv",
    "at": "2026-11-20T08:00:00+00:00",
    "due_at": "2026-12-20T08:00:00+00:00",
    "line": {"slope": 0.97},
}


def test_a_certificate_is_kept_once_and_whole(served: Served) -> None:
    with served.member() as office:
        office.post("/api/v1/devices", json=sealed_for(office))
        path = f"/api/v1/devices/{DEVICE}/calibrations"
        for _ in range(2):
            assert office.post(path, json=CERTIFICATE).status_code == 201
        (kept,) = office.get(path).json()
        assert kept["content"]["line"] == {"slope": 0.97}
        other = office.post("/api/v1/devices/02ffffffffff/calibrations", json=CERTIFICATE)
        assert other.status_code == 404
        long = {**CERTIFICATE, "note": "x" * 30_000}
        assert office.post(path, json=long).status_code == 422


@pytest.mark.parametrize("flip", [0, 7, 8, 40, -1])
def test_what_was_altered_on_the_way_does_not_open(flip: int) -> None:
    secret = new_secret()
    sealed = bytearray(seal(MADE, public_key(secret)))
    assert unseal(bytes(sealed), secret) == MADE
    sealed[flip] ^= 1
    with pytest.raises(SealError):
        unseal(bytes(sealed), secret)


def test_an_enrolment_does_not_print_its_key() -> None:
    assert KEY.hex() not in repr(MADE)
    assert repr(KEY) not in repr(MADE)
