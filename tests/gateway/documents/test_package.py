"""The evidence package: unpacked, it is checked by plain python3 with nothing else at hand."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.gateway.documents.conftest import NOW
from tests.gateway.web.river_rows import REGISTRY, add_alert, add_incident, add_value
from tests.stores import migrated_file
from xunhe.adapters.documents.cases import NoTicketError, case_of
from xunhe.adapters.documents.package import Package, contents_of, write_package
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.store import desk_log, schema, tickets
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.tickets import Opening
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Deadline, Source

PICTURE = b"\xff\xd8 a picture as the camera gave it"


@dataclass(frozen=True)
class Site:
    database: Database
    store: EvidenceStore
    folder: Path
    ticket_id: int


def keep(connection: sa.Connection, site_sha256: str, incident_id: int) -> None:
    row = {
        "sha256": site_sha256,
        "role": "picture",
        "media_type": "image/jpeg",
        "size": len(PICTURE),
        "incident_id": incident_id,
        "camera": "YX-C1",
        "camera_at": NOW,
        "gateway_at": NOW,
        "detail": {},
    }
    connection.execute(schema.evidence.insert().values(**row))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    database = Database(migrated_file(tmp_path / "xunhe.sqlite3"))
    store = EvidenceStore(tmp_path / "evidence")
    with database.write() as connection:
        desk_log.append(connection, NOW, "office", "note", "other:1", {"温度": 21.50, "n": 1})
        incident = add_incident(connection, at=NOW)
        add_alert(connection, incident, at=NOW)
        add_value(connection, "YX-S1", "nh3n_mg_l", 1.62, NOW)
        add_value(connection, "YX-S1", "nh3n_mg_l", 0.30, NOW - timedelta(hours=7))
        keep(connection, store.put(PICTURE, "image/jpeg"), incident)
        opening = Opening(
            key=f"incident:{incident}",
            source=Source.BUOY,
            category="water.quality",
            severity=Severity.SEVERE,
            reach="YX-1",
            post="VILLAGE-1",
            at=NOW,
            deadline=Deadline(NOW + timedelta(hours=24)),
            reason="氨氮突升 / ammonia rose",
            incident_id=incident,
        )
        ticket = tickets.open_ticket(connection, opening)
        desk_log.append(connection, NOW, "office", "note", "other:2", {"值": [1.5, None, True]})
    yield Site(database, store, tmp_path / "packages", ticket.id)
    database.close()


def package(site: Site) -> Package:
    with site.database.read() as connection:
        ticket = tickets.find(connection, site.ticket_id)
        assert ticket is not None
        contents = contents_of(connection, ticket, NOW)
    return write_package(contents, site.store, site.folder, NOW)


@pytest.fixture
def unpacked(site: Site, tmp_path: Path) -> Path:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(package(site).path) as archive:
        archive.extractall(folder)
    return folder


def verify(folder: Path) -> subprocess.CompletedProcess[str]:
    """Isolated, without site packages: what any machine with Python has."""
    command = [sys.executable, "-I", "-S", str(folder / "verify.py")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_fresh_package_is_intact_and_says_its_digest(site: Site, unpacked: Path) -> None:
    result = verify(unpacked)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "证据包完好" in result.stdout
    assert package(site).digest in result.stdout


def names(folder: Path) -> list[str]:
    return sorted(f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file())


def test_it_holds_originals_ticket_readings_and_the_log(site: Site, unpacked: Path) -> None:
    original = f"originals/{site.store.digest(PICTURE)}.jpg"
    others = ["incidents.json", "log.jsonl", "manifest.json", "readings.csv", "ticket.json"]
    assert names(unpacked) == sorted([original, "verify.py", *others])
    assert (unpacked / original).read_bytes() == PICTURE
    assert json.loads((unpacked / "ticket.json").read_text("utf-8"))["number"] == "XH-2026-0001"
    readings = (unpacked / "readings.csv").read_text("utf-8").splitlines()
    assert readings[1:] == ["YX-S1,nh3n_mg_l,2026-07-01T19:20:00.000Z,1.62,1"]


def test_the_log_begins_with_the_ticket_and_goes_to_the_newest_entry(unpacked: Path) -> None:
    lines = [json.loads(line) for line in (unpacked / "log.jsonl").read_text("utf-8").splitlines()]
    assert [entry["kind"] for entry in lines] == ["ticket.opened", "note"]
    assert json.loads((unpacked / "manifest.json").read_text("utf-8"))["chain"]["first_seq"] == 2


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


@pytest.mark.parametrize("name", ["readings.csv", "ticket.json", "incidents.json", "originals/"])
def test_one_flipped_bit_is_found_and_its_file_named(unpacked: Path, name: str) -> None:
    path = next(p for p in names(unpacked) if p.startswith(name))
    flip(unpacked / path)
    result = verify(unpacked)
    assert result.returncode == 1
    assert f"✗ {path}: 已被改动 changed" in result.stdout
    assert result.stdout.count("✗") == 1


def test_a_missing_and_an_added_file_are_named(unpacked: Path) -> None:
    (unpacked / "readings.csv").unlink()
    (unpacked / "originals/more.jpg").write_bytes(b"x")
    result = verify(unpacked)
    assert "readings.csv: 缺少 missing" in result.stdout
    assert "originals/more.jpg: 不在清单中" in result.stdout


def relisted(folder: Path, name: str) -> None:
    """What a forger would do: write the new digest of a changed file into the manifest."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for entry in manifest["files"]:
        if entry["path"] == name:
            entry["sha256"] = EvidenceStore.digest((folder / name).read_bytes())
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def test_a_changed_entry_breaks_the_chain_even_where_the_manifest_was_changed_too(
    unpacked: Path,
) -> None:
    log = unpacked / "log.jsonl"
    log.write_text(log.read_text("utf-8").replace("氨氮突升", "氨氮正常"), "utf-8")
    relisted(unpacked, "log.jsonl")
    result = verify(unpacked)
    assert "log.jsonl:1: 内容已被改动" in result.stdout


def test_a_log_that_was_cut_short_is_found(unpacked: Path) -> None:
    log = unpacked / "log.jsonl"
    log.write_text(log.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    relisted(unpacked, "log.jsonl")
    assert "log.jsonl: 链条末端不符" in verify(unpacked).stdout


@pytest.mark.parametrize("content", ["{", "[]", '{"files": []}'])
def test_a_manifest_that_cannot_be_read_is_said_so(unpacked: Path, content: str) -> None:
    (unpacked / "manifest.json").write_text(content, "utf-8")
    result = verify(unpacked)
    assert result.returncode == 1
    assert "✗" in result.stdout
    assert result.stderr == ""


def test_a_lost_original_is_listed_with_its_reason(site: Site) -> None:
    site.store.remove(site.store.digest(PICTURE))
    made = package(site)
    assert made.absent == 1
    with zipfile.ZipFile(made.path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["absent"][0]["sha256"] == site.store.digest(PICTURE)
    assert "没有证据文件" in manifest["absent"][0]["why"]


def test_the_same_contents_give_the_same_package(site: Site) -> None:
    first = package(site)
    data = first.path.read_bytes()
    assert package(site) == first
    assert first.path.read_bytes() == data
    assert len(list(site.folder.iterdir())) == 1


def test_a_case_is_told_in_words(site: Site) -> None:
    with site.database.read() as connection:
        case = case_of(connection, REGISTRY, site.ticket_id)
        with pytest.raises(NoTicketError):
            case_of(connection, REGISTRY, 99)
    assert (case.category, case.severity, case.source) == ("水质异常", "严重", "浮标监测")
    assert case.owner == REGISTRY.posts["VILLAGE-1"].title
    assert "氨氮由 0.31 升至 1.62 mg/L" in case.evidence[0].text
    assert case.pictures[0].sha256 == site.store.digest(PICTURE)
    assert case.found_at == NOW
