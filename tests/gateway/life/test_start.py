"""A gateway does not start on a database that it cannot trust, and never touches it."""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.gateway.life.conftest import Gateway, files_in
from xunhe import app
from xunhe.adapters.store import before_upgrade, soundness
from xunhe.adapters.store.soundness import UnsoundError, flaws, look
from xunhe.start import StartError

LONG_S = 60.0


def looked(path: Path, *traces: Path, budget_s: float = LONG_S) -> bool:
    return look(path, traces, budget_s, time.monotonic)


@pytest.fixture
def path(gateway: Gateway) -> Path:
    gateway.database.close()
    return gateway.database.path


def test_a_sound_database_passes_whole(path: Path) -> None:
    assert looked(path)
    assert flaws(path) == []


def test_where_time_runs_out_the_rest_is_left_for_later(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE large (t)")
        connection.execute(
            "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
            " INSERT INTO large SELECT randomblob(40) FROM n"
        )
        connection.commit()
    assert not looked(path, budget_s=-1)
    assert looked(path)


@pytest.mark.parametrize("where", ["head", "middle"])
def test_a_damaged_database_is_refused_and_stays_as_it_is(path: Path, where: str) -> None:
    data = bytearray(path.read_bytes())
    at = 0 if where == "head" else 4096 * 3
    data[at : at + 600] = os.urandom(600)
    path.write_bytes(data)
    before = files_in(path.parent)
    with pytest.raises(UnsoundError, match="xunhe restore") as raised:
        looked(path)
    assert "没有改名" in str(raised.value)
    assert files_in(path.parent) == before
    assert flaws(path)


def test_a_lost_database_beside_its_evidence_is_not_begun_anew(
    gateway: Gateway, path: Path
) -> None:
    path.unlink()
    with pytest.raises(UnsoundError, match="mounted"):
        looked(path, gateway.store.folder)
    path.touch()  # what a start that was cut off leaves
    with pytest.raises(UnsoundError, match="mounted"):
        looked(path, gateway.store.folder)
    assert looked(path, Path("none"))  # a first start


def test_a_database_of_a_newer_version_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(UnsoundError, match="rollback"):
        looked(path)


def test_a_database_that_cannot_be_written_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everything
    with pytest.raises(UnsoundError, match="chown"):
        looked(path)


def test_the_gateway_says_so_and_ends_with_the_status_that_systemd_does_not_restart(
    gateway: Gateway, path: Path
) -> None:
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(StartError, match="xunhe restore"):
        app.run(gateway.settings, lambda *_: None)
    assert path.read_bytes() == b"not a database" * 1000
    unit = Path(__file__).parents[3] / "deploy/systemd/xunhe.service"
    assert "RestartPreventExitStatus=2" in unit.read_text("utf-8")


def test_the_revisions_are_those_of_the_migrations() -> None:
    found = soundness.revisions()
    assert found == sorted(found)
    assert found[0] == "0001"
    assert soundness.head() == found[-1]


def test_nothing_is_copied_where_the_tables_stay_as_they_are(path: Path) -> None:
    assert before_upgrade.keep(path) is None
    assert before_upgrade.keep(path.with_name("none")) is None


def test_without_room_for_the_way_back_no_upgrade_begins(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soundness, "head", lambda: "9999")
    monkeypatch.setattr(
        before_upgrade.shutil, "disk_usage", lambda _: type("U", (), {"free": 100})()
    )
    with pytest.raises(UnsoundError, match="free"):
        before_upgrade.keep(path)
    assert before_upgrade.copies(path) == []


def test_the_two_newest_copies_stay(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for revision in ("0001", "0002", "0003"):
        before_upgrade.copy_of(path, revision).touch()
    monkeypatch.setattr(soundness, "head", lambda: "9999")
    made = before_upgrade.keep(path)
    assert made is not None
    assert made.stat().st_mode & 0o777 == 0o600
    assert [copy.suffix for copy in before_upgrade.copies(path)] == [".at-0003", made.suffix]
