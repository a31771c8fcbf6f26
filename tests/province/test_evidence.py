"""Evidence of a gateway's camera at the province's desk: listed, shown where it lies, taken in."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.gateway.conftest import DEMO_REGISTRY, StandingClock
from tests.gateway.proofs import jpeg
from tests.gateway.river_cameras import SEEN, with_cameras
from tests.gateway.test_sights import CLIP, WALL_S, clock_at, filmed
from tests.gateway.web.console_server import serve
from tests.province.conftest import ONE, Desk, Sender
from xunhe.adapters import registry_file
from xunhe.adapters.camera.messages import Report, Seen
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.proof import Keeper
from xunhe.adapters.rules_file import shipped
from xunhe.adapters.sights import SightBook
from xunhe.adapters.store import evidence, gateways, schema, upward
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.evidence import EvidenceRow
from xunhe.desk.rules import DeskRules
from xunhe.domain.registry import Registry
from xunhe.domain.sight import Phase, Sight
from xunhe_tools.cli import app
from xunhe_tools.province.land import key_of

SIGHT = replace(SEEN, started_s=0.1234567)  # finer than a store keeps it


@pytest.fixture(scope="module")
def registry() -> Registry:
    return with_cameras(registry_file.load(DEMO_REGISTRY))


@dataclass
class GatewayThere:
    """A gateway with cameras whose tickets are opened elsewhere."""

    database: Database
    evidence: EvidenceStore
    book: SightBook
    sender: Sender = field(default_factory=Sender)

    def report(self, report: Report) -> None:
        assert self.book.take(report)

    def see(self, sight: Sight) -> None:
        moved = replace(sight, started_s=WALL_S + sight.started_s, at_s=WALL_S + sight.at_s)
        self.report(Seen(moved, jpeg(), {"version": 1}, {"debris": "ab" * 32}))

    def carry_to(self, desk: Desk) -> None:
        """What waits, one by one as the link does, each freed by its receipt."""
        while (row := self._first()) is not None:
            assert ONE in desk.intake.take([self.sender.parcel(row.subject, row.body)])
            with self.database.write() as connection:
                upward.remove(connection, [row.id])

    def _first(self):  # type: ignore[no-untyped-def]
        with self.database.read() as connection:
            return upward.first_ordered(connection)


@pytest.fixture
def there(empty_store: Path, tmp_path: Path, registry: Registry) -> Iterator[GatewayThere]:
    database = Database(shutil.copy(empty_store, tmp_path / "gateway.sqlite3"))
    files = EvidenceStore(tmp_path / "at-gateway")
    keeper = Keeper(Budget(database, files, 1 << 24))
    away = DeskRules(is_elsewhere=True)
    book = SightBook(database, registry, clock_at(20), keeper, shipped(), desk=away)
    yield GatewayThere(database, files, book)
    database.close()


@pytest.fixture
def desk(database: Database, registry: Registry) -> Desk:
    made = Desk(database, registry, StandingClock(clock_at(30).now()))
    with database.write() as connection:
        gateways.enrol(connection, ONE, key_of(ONE), made.clock.now())
    return made


def listed(desk: Desk) -> dict[str, EvidenceRow]:
    with desk.database.read() as connection:
        return {row.role: row for row in evidence.of_incident(connection, 1)}


def test_a_sight_at_a_gateway_is_a_ticket_with_its_list_of_evidence_at_the_desk(
    there: GatewayThere, desk: Desk
) -> None:
    there.see(SIGHT)
    there.report(filmed(SIGHT))
    there.carry_to(desk)
    assert (desk.rejections(), desk.count("ticket")) == ([], 1)
    rows = listed(desk)
    assert set(rows) == {"track", "picture", "annotated", "clip"}
    assert {there.evidence.find(row.sha256).stat().st_size for row in rows.values()} == {
        row.size for row in rows.values()
    }
    assert {(row.detail["absent"], row.detail["gateway"]) for row in rows.values()} == {
        ("gateway", ONE)
    }


def test_evidence_that_comes_twice_is_listed_once(there: GatewayThere, desk: Desk) -> None:
    there.see(SIGHT)
    with there.database.read() as connection:
        rows = list(connection.execute(schema.upward.select()))
    for row in rows * 2:
        desk.intake.take([there.sender.parcel(row.subject, row.body)])
    assert (desk.rejections(), len(listed(desk))) == ([], 3)


def test_a_sight_that_comes_back_brings_its_new_evidence(there: GatewayThere, desk: Desk) -> None:
    there.see(SIGHT)
    there.see(replace(SIGHT, phase=Phase.ENDED, at_s=12.0))
    there.see(replace(SIGHT, at_s=15.0))
    there.carry_to(desk)
    assert (desk.rejections(), desk.count("ticket"), desk.count("alert")) == ([], 1, 1)
    assert desk.count("evidence") == 4, "the same pictures, and another track"


def test_the_desk_shows_at_which_gateway_a_file_lies_and_by_which_name(
    there: GatewayThere, desk: Desk, tmp_path: Path
) -> None:
    there.see(SIGHT)
    there.carry_to(desk)
    picture = listed(desk)["picture"]
    files = EvidenceStore(tmp_path / "at-desk")
    with serve(desk.database, evidence=files) as served, served.member() as member:
        ticket = member.get("/tickets/1").text
        incident = member.get("/incidents/1").text
        answer = member.get(f"/evidence/{picture.sha256}")
    for page in (ticket, incident):
        assert f"文件在网关 {ONE}" in page
        assert f"<code>{picture.sha256}</code>" in page
        assert "xunhe desk evidence" in page
        assert f"/evidence/{picture.sha256}" not in page, "no link to what is not here"
    assert answer.status_code == 410
    assert ONE in answer.text


def test_files_that_were_carried_from_the_gateway_are_taken_in_and_shown(
    there: GatewayThere, desk: Desk, tmp_path: Path
) -> None:
    there.see(SIGHT)
    there.report(filmed(SIGHT))
    there.carry_to(desk)
    files = EvidenceStore(tmp_path / "at-desk")
    done = take_in(desk, files, *there.evidence.files())
    assert done.exit_code == 0, done.output
    rows = listed(desk)
    assert files.read(rows["clip"].sha256) == CLIP
    assert [row.removed_at for row in rows.values()] == [None] * 4
    assert all("absent" not in row.detail for row in rows.values())
    with serve(desk.database, evidence=files) as served, served.member() as member:
        assert f"/evidence/{rows['annotated'].sha256}/blurred" in member.get("/tickets/1").text
        assert member.get(f"/evidence/{rows['picture'].sha256}").content == jpeg()


@pytest.mark.parametrize("content", [b"", b"something else", jpeg(2)])
def test_a_file_that_no_list_names_is_not_taken_in(
    there: GatewayThere, desk: Desk, tmp_path: Path, content: bytes
) -> None:
    there.see(SIGHT)
    there.carry_to(desk)
    file = tmp_path / f"{listed(desk)['picture'].sha256}.jpg"  # its name proves nothing
    file.write_bytes(content)
    files = EvidenceStore(tmp_path / "at-desk")
    done = take_in(desk, files, file)
    assert done.exit_code == 1
    assert file.name in done.output
    assert (list(files.files()), listed(desk)["picture"].detail["absent"]) == ([], "gateway")


def take_in(desk: Desk, files: EvidenceStore, *carried: Path):  # type: ignore[no-untyped-def]
    config = files.folder.parent / "desk.toml"
    config.write_text(
        f'[store]\ndatabase = "{desk.database.path}"\n[vision]\nevidence = "{files.folder}"\n'
    )
    command = ["desk", "evidence", *map(str, carried), "--config", str(config)]
    return CliRunner().invoke(app, command)
