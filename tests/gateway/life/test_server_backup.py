"""A store on PostgreSQL is backed up by its own tools and comes back whole in an empty database."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests import stores
from tests.gateway.conftest import DEMO_REGISTRY, START
from tests.gateway.life.conftest import TOML, all_rows, files_in, keep
from tests.gateway.life.test_restore import xunhe
from tests.gateway.store.readings import reading
from tests.gateway.web.river_rows import add_incident
from xunhe.adapters.backup import server_dump
from xunhe.adapters.backup.errors import BackupError
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.keeping import keep_all
from xunhe_tools.private_postgres import PrivatePostgres

_numbers = count(1)


@dataclass
class Desk:
    """A province's desk in its folder."""

    root: Path
    database: Database
    files: EvidenceStore
    picture: str

    def backed_up(self) -> Path:
        done = xunhe("backup", "--plain", "--json")
        assert done.exit_code == 0, done.output
        return Path(json.loads(done.stdout)["file"])


@pytest.fixture
def desk(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    migrated_postgres: PrivatePostgres,
    postgres_url: str,
) -> Iterator[Desk]:
    for program in ("pg_dump", "pg_restore"):
        if shutil.which(program) is None:
            pytest.skip(f"no {program} on this machine: apt-get install postgresql-client")
    root = tmp_path / "desk"
    root.mkdir()
    monkeypatch.chdir(root)
    shutil.copytree(DEMO_REGISTRY, root / "registry")
    Path("xunhe.toml").write_text(TOML.replace("var/xunhe.sqlite3", postgres_url))
    database, files = Database(postgres_url), EvidenceStore(root / "var/evidence")
    with database.append() as connection:
        keep_all(connection, [reading(n) for n in range(1, 5)], START)
    with database.write() as connection:
        incident = add_incident(connection)
    yield Desk(root, database, files, keep(database, files, b"a picture\n\t\\N", incident))
    database.close()


@pytest.fixture
def empty(migrated_postgres: PrivatePostgres) -> str:
    name = f"restored_{next(_numbers)}"
    stores.create(migrated_postgres, name)
    return migrated_postgres.url(name)


def test_in_an_empty_database_every_row_and_file_comes_back(
    desk: Desk, empty: str, tmp_path: Path
) -> None:
    before, file = all_rows(desk.database), desk.backed_up()
    other = tmp_path / "other"
    done = xunhe("restore", file, "--into", other, "--database", empty, "--write")
    assert done.exit_code == 0, done.output
    restored = Database.open(empty)
    try:
        assert all_rows(restored) == before
        with restored.append() as connection:  # and it goes on where the other stopped
            keep_all(connection, [reading(9)], START)
    finally:
        restored.close()
    assert files_in(other / "var/evidence") == files_in(desk.files.folder)


def test_what_is_not_empty_is_never_restored_over(desk: Desk) -> None:
    file, before = desk.backed_up(), all_rows(desk.database)
    plan = xunhe("restore", file, "--json")
    assert {step["name"]: step["is_there"] for step in json.loads(plan.stdout)["steps"]}["database"]
    done = xunhe("restore", file, "--write")
    assert done.exit_code == 2
    assert "不是空库" in done.stderr
    assert all_rows(desk.database) == before


def test_a_dump_that_lost_bytes_is_found_and_nothing_of_it_is_restored(
    desk: Desk, empty: str, tmp_path: Path
) -> None:
    dump = tmp_path / "dump"
    server_dump.take(str(desk.database.url), dump)
    assert server_dump.flaws(dump) == []
    assert [each.sha256 for each in server_dump.claimed(dump)] == [desk.picture]
    whole = dump.read_bytes()
    dump.write_bytes(whole[: len(whole) // 2])
    assert server_dump.flaws(dump)
    with pytest.raises(BackupError, match="not restored"):
        server_dump.put_back(dump, empty)
    assert server_dump.is_empty(empty)


def test_the_newest_backup_is_remembered_by_the_store(desk: Desk) -> None:
    desk.backed_up()
    with desk.database.read() as connection:
        names = connection.exec_driver_sql("SELECT name FROM counter").scalars().all()
    assert "backup.made_at_s" in names


def test_no_password_is_written_down_or_shown_in_the_process_list() -> None:
    address = "postgresql://xunhe:geheim@db.example:5433/river"
    assert server_dump.public(address) == "postgresql://xunhe@db.example:5433/river"
    given = server_dump.environment(address)
    assert given == {
        "PGHOST": "db.example",
        "PGPORT": "5433",
        "PGUSER": "xunhe",
        "PGPASSWORD": "geheim",
        "PGDATABASE": "river",
    }


def test_a_machine_without_the_programs_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="postgresql-client"):
        server_dump.take("postgresql://xunhe@db.example/river", tmp_path / "dump")
