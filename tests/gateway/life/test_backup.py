"""A backup made while the gateway writes is whole, sealed, and refused where a bit has changed."""

import os
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gateway.life.conftest import Gateway, all_rows, files_in, keep, silent
from tests.gateway.web import river_rows
from xunhe.adapters.backup import keeping, reading_back, snapshot, taking
from xunhe.adapters.backup.archive import Reader
from xunhe.adapters.backup.errors import BackupError, DamagedBackupError, WrongKeyError
from xunhe.adapters.backup.locks import KeyAtHand, Lock, Passphrase, Recipient, Secret, new_pair
from xunhe.adapters.backup.reading_back import read_back
from xunhe.adapters.backup.sealed_stream import CHUNK, OpenedFile, SealingFile
from xunhe.adapters.backup.taking import Made, make
from xunhe.adapters.store import evidence
from xunhe.adapters.store.evidence import Absence

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SECRET, PUBLIC = new_pair()


def made(gateway: Gateway, lock: Lock | None = None) -> Made:
    return make(gateway.belongings, gateway.root / "backups", lock, AT, silent)


def sealed(gateway: Gateway) -> Made:
    return made(gateway, Recipient(PUBLIC))


def test_it_holds_the_database_the_evidence_the_registry_and_the_settings(gateway: Gateway) -> None:
    contents = sealed(gateway).contents
    assert contents.files["database"] == 1
    assert contents.files["evidence"] == len(gateway.pictures)
    assert contents.files["registry"] == len(files_in(Path("registry")))
    assert contents.files["settings"] == 1
    assert (contents.damaged, contents.missing) == ((), ())
    assert contents.manifest.revision == snapshot.revision(gateway.database.path)


def test_it_is_for_its_owner_only_and_shows_no_key_of_a_device(gateway: Gateway) -> None:
    with gateway.database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO device VALUES ('0200000000aa', 'YX-S1', ?, 0, NULL)", (b"K" * 32,)
        )
    backup = sealed(gateway)
    data = backup.path.read_bytes()
    assert backup.path.stat().st_mode & 0o777 == 0o600
    assert b"K" * 32 not in data
    assert b"SQLite" not in data


def test_only_the_secret_half_or_the_passphrase_opens_it(gateway: Gateway) -> None:
    backup = sealed(gateway)
    assert read_back(backup.path, Secret(SECRET), silent) == backup.contents
    other, _ = new_pair()
    for wrong in (None, Secret(other), Passphrase("twelve letters")):
        with pytest.raises(WrongKeyError):
            read_back(backup.path, wrong, silent)


def test_a_passphrase_opens_what_it_sealed_and_another_does_not() -> None:
    right, wrong = (
        Passphrase("芦花深处泊孤舟，笛在月明楼"),
        Passphrase("芦花深处泊孤舟，笛在月明桥"),
    )
    head = right.lock(b"k" * 32)
    assert right.unlock(head) == b"k" * 32
    with pytest.raises(WrongKeyError, match="passphrase"):
        wrong.unlock(head)
    with pytest.raises(WrongKeyError, match="passphrase"):
        Secret(SECRET).unlock(head)


@pytest.mark.parametrize(("letters", "is_refused"), [(11, True), (12, False)])
def test_a_short_passphrase_is_refused(letters: int, is_refused: bool) -> None:
    if is_refused:
        with pytest.raises(BackupError, match="12"):
            Passphrase("a" * letters)
    else:
        Passphrase("a" * letters)


def test_a_head_that_asks_for_absurd_work_is_refused() -> None:
    head = Passphrase("twelve letters").lock(b"k" * 32)
    for changed in ({"memory": 2**31}, {"passes": 11}, {"passes": 0}):
        with pytest.raises(DamagedBackupError):
            Passphrase("twelve letters").unlock(head | changed)


def test_nothing_shows_a_secret_in_its_words() -> None:
    for one in (Passphrase("twelve letters"), Secret(SECRET), KeyAtHand(SECRET)):
        assert "twelve" not in repr(one)
        assert str(SECRET) not in repr(one)


def test_a_backup_of_a_gateway_that_writes_all_the_time_is_one_instant(gateway: Gateway) -> None:
    """Incident and alert come in one transaction: the copy never has one without the other."""
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with gateway.database.write() as connection:
                at = AT + timedelta(seconds=len(written))
                incident = river_rows.add_incident(connection, at=at)
                river_rows.add_alert(connection, incident, at=at)
            keep(gateway.database, gateway.store, os.urandom(500), incident)
            written.append(incident)

    written: list[int] = []
    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(written) < 5:
            stop.wait(0.001)
        backup = made(gateway)
    finally:
        stop.set()
        writer.join()
    with Reader(backup.path, None) as reader:
        for member in reader:
            with Path(member.name.replace("/", "_")).open("wb") as file:
                member.copy_to(file)
    with closing(sqlite3.connect("database_xunhe.sqlite3")) as copy:
        alone = "SELECT count(*) FROM incident WHERE id NOT IN (SELECT incident_id FROM alert)"
        assert copy.execute(alone).fetchone() == (0,)
        assert copy.execute("SELECT max(id) FROM incident").fetchone()[0] >= 5
    assert (backup.lost, backup.contents.missing) == ((), ())


def test_what_the_budget_removed_meanwhile_is_removed_in_the_copy_too(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = gateway.pictures[1]
    take = snapshot.take

    def take_then_remove(database: Path, copy: Path) -> None:
        take(database, copy)
        with gateway.database.write() as connection:
            evidence.mark_removed(connection, [gone], Absence.BUDGET, AT)
        gateway.store.remove(gone)

    monkeypatch.setattr(taking.snapshot, "take", take_then_remove)
    backup = made(gateway)
    assert backup.lost == ()
    assert backup.contents.files["evidence"] == len(gateway.pictures) - 1
    assert backup.contents.missing == ()


def test_evidence_that_nobody_removed_and_that_changed_is_named(gateway: Gateway) -> None:
    lost, damaged, _ = gateway.pictures
    gateway.store.remove(lost)
    gateway.store.find(damaged).write_bytes(b"other bytes")
    backup = made(gateway)
    assert backup.lost == backup.contents.missing == (lost,)
    assert backup.contents.damaged == (damaged,)


def test_a_backup_that_cannot_be_written_leaves_nothing(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> list[str]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(taking, "_add_evidence", full)
    with pytest.raises(OSError, match="No space"):
        sealed(gateway)
    assert list((gateway.root / "backups").iterdir()) == []
    assert not list(Path("var").glob(".part*"))


def test_a_gateway_without_a_database_is_told_what_to_check(gateway: Gateway) -> None:
    gateway.database.close()
    gateway.database.path.unlink()
    with pytest.raises(BackupError, match=r"store\.database"):
        made(gateway)


def test_the_copy_is_what_the_database_held(gateway: Gateway, tmp_path: Path) -> None:
    before = all_rows(gateway.database)
    copy = tmp_path / "copy.sqlite3"
    snapshot.take(gateway.database.path, copy)
    assert snapshot.flaws(copy) == []
    other = type(gateway.database)(copy)
    assert all_rows(other) == before
    other.close()


@pytest.fixture(scope="module")
def backup_bytes() -> bytes:
    """A sealed stream of three chunks and a bit."""
    out = BytesIO()
    file = SealingFile(out, Recipient(PUBLIC))
    file.write(bytes(range(256)) * (3 * CHUNK // 256) + b"tail")
    file.close()
    return out.getvalue()


def opened(data: bytes) -> bytes:
    return OpenedFile(BytesIO(data), Secret(SECRET)).read() or b""


@given(st.lists(st.binary(max_size=3 * CHUNK), max_size=4))
@settings(max_examples=25, deadline=None)
def test_whatever_is_sealed_in_whatever_pieces_is_opened_as_it_was(pieces: list[bytes]) -> None:
    out = BytesIO()
    file = SealingFile(out, Recipient(PUBLIC))
    for piece in pieces:
        file.write(piece)
    file.close()
    assert opened(out.getvalue()) == b"".join(pieces)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_changed_bit_anywhere_is_found(backup_bytes: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(backup_bytes) - 1))
    changed = bytearray(backup_bytes)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(BackupError):
        opened(bytes(changed))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_stream_that_was_cut_or_grew_is_found(backup_bytes: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(backup_bytes) - 1))
    for wrong in (backup_bytes[:at], backup_bytes + b"\0"):
        with pytest.raises(BackupError):
            opened(wrong)


def test_a_plain_backup_whose_bytes_changed_is_found(gateway: Gateway) -> None:
    """But for a bit of padding here and there, which changes nothing that is read."""
    backup = made(gateway)
    whole = backup.path.read_bytes()
    places = range(20, len(whole), max(len(whole) // 40, 1))
    found = 0
    for at in places:
        backup.path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            assert read_back(backup.path, None, silent) == backup.contents
        except DamagedBackupError:
            found += 1
    assert found >= len(places) - 2
    backup.path.write_bytes(b"no archive")
    with pytest.raises(DamagedBackupError):
        read_back(backup.path, None, silent)


def test_the_newest_stay_and_others_files_are_let_alone(tmp_path: Path) -> None:
    for day in range(1, 6):
        (tmp_path / taking.NAME.format(datetime(2026, 11, day, tzinfo=UTC))).touch()
    (tmp_path / "xunhe-notes.txt").touch()
    gone = keeping.prune(tmp_path, 3)
    assert [path.name[:14] for path in gone] == ["xunhe-20261101", "xunhe-20261102"]
    assert len(list(tmp_path.iterdir())) == 4
    assert keeping.prune(tmp_path, 3) == []


def test_the_newest_good_backup_is_remembered(gateway: Gateway) -> None:
    with gateway.database.write() as connection:
        assert keeping.newest(connection) is None
        keeping.note(connection, AT - timedelta(days=1))
        keeping.note(connection, AT)
        assert keeping.newest(connection) == AT


def test_reading_back_says_how_far_it_has_come(gateway: Gateway) -> None:
    told: list[tuple[str, int, int]] = []
    backup = made(gateway)
    reading_back.read_back(backup.path, None, lambda *step: told.append(step))
    assert told
    assert all(0 <= done <= total == backup.size for _, done, total in told)
