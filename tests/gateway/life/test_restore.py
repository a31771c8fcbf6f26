"""A backup comes back whole on an empty machine, and nothing is overwritten on a full one."""

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from tests.gateway.life.conftest import Gateway, all_rows, files_in, silent
from tests.gateway.web.river_rows import NOW
from xunhe.adapters.backup import restoring, snapshot
from xunhe.adapters.backup.errors import BackupError
from xunhe.adapters.backup.locks import Secret
from xunhe.adapters.backup.restoring import Goal
from xunhe.adapters.store.database import Database
from xunhe_tools.cli import app

PASSPHRASE = "a passphrase of some length"


def xunhe(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_text(PASSPHRASE + "\n", "utf-8")
    return path


def backed_up(passphrase: Path) -> Path:
    result = xunhe("backup", "--passphrase-file", passphrase, "--json")
    assert result.exit_code == 0, result.output
    return Path(json.loads(result.stdout)["file"]).resolve()


def test_on_an_empty_machine_the_gateway_starts_on_what_was_restored(
    gateway: Gateway, passphrase: Path, tmp_path: Path
) -> None:
    before, pictures = all_rows(gateway.database), files_in(gateway.store.folder)
    file = backed_up(passphrase)
    gateway.database.close()
    empty = tmp_path / "empty"
    result = xunhe("restore", file, "--into", empty, "--passphrase-file", passphrase, "--write")
    assert result.exit_code == 0, result.output
    assert files_in(empty / "var/evidence") == pictures
    assert files_in(empty / "registry") == files_in(gateway.root / "registry")
    restored = Database(empty / "var/xunhe.sqlite3")
    assert all_rows(restored) == before
    restored.close()
    assert (empty / "var/xunhe.sqlite3").stat().st_mode & 0o777 == 0o600
    assert "一次性管理员码" in started(empty)


def started(folder: Path) -> str:
    """Start a gateway in a folder as its owner would, read a page of it, stop it: what it said."""
    command = [sys.executable, "-m", "xunhe_tools", "run"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert "http://" in first
        answer = httpx.get(first.split()[-1] + "login", trust_env=False, timeout=60)
        process.send_signal(signal.SIGTERM)
        said = process.stdout.read()
    assert answer.status_code == 200
    assert process.returncode == -signal.SIGTERM  # uvicorn ends by the signal itself
    return said


def test_without_write_nothing_is_changed_and_the_plan_is_told(
    gateway: Gateway, passphrase: Path, tmp_path: Path
) -> None:
    file = backed_up(passphrase)
    before = files_in(tmp_path)
    result = xunhe("restore", file, "--passphrase-file", passphrase, "--json")
    told = json.loads(result.stdout)
    assert files_in(tmp_path) == before
    assert told["written"] is False
    assert {step["name"]: step["is_there"] for step in told["steps"]} == {
        "settings": True,
        "evidence": True,
        "registry": True,
        "database": True,
    }
    assert "--write" in xunhe("restore", file, "--passphrase-file", passphrase).stdout


def test_a_gateway_that_runs_is_never_restored_over(
    gateway: Gateway, passphrase: Path, tmp_path: Path
) -> None:
    file = backed_up(passphrase)
    with gateway.database.read() as connection:
        connection.exec_driver_sql("SELECT 1 FROM ticket")
        before = files_in(tmp_path)
        result = xunhe("restore", file, "--passphrase-file", passphrase, "--write")
    assert result.exit_code == 2
    assert "systemctl stop xunhe" in result.stderr
    changed = {n for n, data in files_in(tmp_path).items() if before.get(n) != data}
    assert all(name.endswith(("-wal", "-shm")) for name in changed)


def test_what_was_there_lies_beside_it_afterwards(gateway: Gateway, passphrase: Path) -> None:
    file = backed_up(passphrase)
    with gateway.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM event")
    gateway.database.close()
    result = xunhe("restore", file, "--passphrase-file", passphrase, "--write")
    assert result.exit_code == 0, result.output
    (aside,) = [p for p in Path("var").glob("*.before-restore-*") if not p.is_dir()]
    for path, rows in ((aside, 0), (Path("var/xunhe.sqlite3"), 12)):
        database = Database(path)
        assert len(all_rows(database)["event"]) == rows
        database.close()
    assert len(list(Path().glob("registry.before-restore-*"))) == 1


def test_a_damaged_backup_changes_nothing(gateway: Gateway, passphrase: Path) -> None:
    file = backed_up(passphrase)
    gateway.database.close()
    data = bytearray(file.read_bytes())
    data[-40] ^= 1
    file.write_bytes(data)
    before = files_in(gateway.root)
    result = xunhe("restore", file, "--passphrase-file", passphrase, "--write")
    assert result.exit_code == 2
    assert "damaged" in result.stderr
    assert files_in(gateway.root) == before


def test_by_a_key_the_gateway_can_make_backups_and_open_none(
    gateway: Gateway, tmp_path: Path
) -> None:
    made = xunhe("backup-key", tmp_path / "secret")
    with Path("xunhe.toml").open("a") as file:
        file.write("\n" + made.stdout.partition("\n#")[0])
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert xunhe("backup-key", tmp_path / "secret").exit_code == 2  # never overwritten
    backup = xunhe("backup")
    assert backup.exit_code == 0, backup.output
    (path,) = Path("var/backups").iterdir()
    assert xunhe("restore", path).exit_code == 2
    assert xunhe("restore", path, "--secret-file", tmp_path / "secret").exit_code == 0


def test_a_timer_without_a_key_is_told_what_to_set(gateway: Gateway) -> None:
    result = xunhe("backup")
    assert result.exit_code == 2
    assert "backup.recipient" in result.stderr
    assert not Path("var/backups").exists()


def test_a_plain_backup_must_be_asked_for_and_any_tar_reads_it(
    gateway: Gateway, tmp_path: Path
) -> None:
    assert xunhe("backup", tmp_path / "plain", "--plain").exit_code == 0
    (path,) = (tmp_path / "plain").iterdir()
    listed = subprocess.run(["tar", "tzf", path], check=True, capture_output=True, text=True)
    assert listed.stdout.splitlines()[0] == "manifest.json"
    assert xunhe("restore", path).exit_code == 0


def test_lost_evidence_is_said_and_the_backup_is_made_all_the_same(gateway: Gateway) -> None:
    gateway.store.remove(gateway.pictures[0])
    result = xunhe("backup", "--plain")
    assert result.exit_code == 1
    assert gateway.pictures[0] in result.stderr
    assert len(list(Path("var/backups").iterdir())) == 1


def test_a_file_outside_its_place_is_refused(gateway: Gateway, tmp_path: Path) -> None:

    path = tmp_path / "evil.backup"
    with tarfile.open(path, "w:gz") as tar:
        info = tarfile.TarInfo("../outside")
        info.size = 4
        tar.addfile(info, io.BytesIO(b"evil"))
    with pytest.raises(BackupError, match=r"\.\./outside"):
        restoring.put_back(path, Secret(b"0" * 32), Goal(tmp_path / "root"), NOW, silent)
    assert not (tmp_path / "outside").exists()


def test_in_use_is_told_from_left_behind(gateway: Gateway) -> None:
    path = gateway.database.path
    with gateway.database.read() as connection:
        connection.exec_driver_sql("SELECT 1 FROM ticket")
        assert snapshot.is_in_use(path)
    gateway.database.close()
    assert not snapshot.is_in_use(path)
    assert not snapshot.is_in_use(path.with_name("none"))
    path.write_bytes(b"no database at all" * 100)
    assert not snapshot.is_in_use(path)
