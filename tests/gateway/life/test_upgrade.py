"""From every earlier form of the tables with every row, and back with every reading."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.command import upgrade
from alembic.config import Config
from typer.testing import CliRunner

from tests.gateway.conftest import START, Site, minutes
from tests.gateway.life.conftest import Gateway, keep
from tests.gateway.test_migrations import FIRST
from xunhe.adapters.backup import rolling_back
from xunhe.adapters.backup.errors import BackupError
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.store import before_upgrade, desk_log, queries, soundness
from xunhe.adapters.store.database import Database
from xunhe_tools.cli import app

EARLIER = soundness.revisions()[:-1]
# Rows of the first release that a later one keeps in another table.
MOVED = {"ticket_log", "outbox"}


def at_revision(path: Path, revision: str) -> None:
    """The tables as this release made them, with what the first release's gateway wrote."""
    config = Config()
    config.set_main_option("script_location", str(soundness.MIGRATIONS))
    engine = sa.create_engine(f"sqlite:///{path}")
    for step in dict.fromkeys(("0001", revision)):
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            upgrade(config, step)
        if step == "0001":
            _fill_first(path)
    engine.dispose()


def _fill_first(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for table, held in FIRST.items():
            places = ", ".join("?" * len(held[0]))
            connection.executemany(f'INSERT INTO "{table}" VALUES ({places})', held)
        connection.commit()


def tables_of(path: Path) -> dict[str, list[str]]:
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        return {
            name: [row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')]
            for (name,) in names
        }


def rows_in(path: Path, table: str, columns: list[str]) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        names = ", ".join(f'"{name}"' for name in columns)
        return sorted(connection.execute(f'SELECT {names} FROM "{table}"').fetchall(), key=repr)


def copied(story: Path, old: Path) -> None:
    """What a gateway of today wrote, in the tables and columns that the older release had.

    A column that is no more gets what that release put where there was nothing to say.
    """
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("ATTACH ? AS story", (str(story),))
        for table, columns in tables_of(old).items():
            told = tables_of(story).get(table, [])
            shared = ", ".join(f'"{name}"' for name in columns if name in told)
            if table != "alembic_version" and shared and not _lacks(connection, table, told):
                connection.execute(
                    f'INSERT OR IGNORE INTO main."{table}" ({shared})'
                    f' SELECT {shared} FROM story."{table}"'
                )
        connection.commit()


def _lacks(connection: sqlite3.Connection, table: str, told: list[str]) -> bool:
    """Does the older table insist on a column that today's has not?"""
    return any(
        must and default is None and name not in told
        for _, name, _, must, default, _ in connection.execute(f'PRAGMA table_info("{table}")')
    )


@pytest.fixture(params=EARLIER)
def old(request: pytest.FixtureRequest, tmp_path: Path, night: Path) -> Path:
    path = tmp_path / "xunhe.sqlite3"
    at_revision(path, request.param)
    copied(night, path)
    return path


def test_every_row_of_every_release_is_there_after_the_upgrade(old: Path) -> None:
    columns = tables_of(old)
    held = {name: rows_in(old, name, columns[name]) for name in columns if name not in MOVED}
    assert sum(bool(rows) for rows in held.values()) >= 12
    copy = before_upgrade.keep(old)
    assert copy is not None
    assert {name: rows_in(copy, name, columns[name]) for name in held} == held
    database = Database(old)
    database.migrate()
    with database.read() as connection:
        assert desk_log.first_flaw(connection) is None
        assert queries.incident(connection, 4) is not None
    database.close()
    after = tables_of(old)
    for name in held.keys() - {"alembic_version", "ticket", "desk_log", "desk_member"}:
        shared = [column for column in columns[name] if column in after[name]]
        old_rows = [
            tuple(row[columns[name].index(column)] for column in shared) for row in held[name]
        ]
        new_rows = rows_in(old, name, shared)
        assert not set(map(repr, old_rows)) - set(map(repr, new_rows)), name
    assert len(rows_in(old, "ticket", ["id"])) == len(held["ticket"])
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def upgraded(path: Path) -> str:
    """What `xunhe run` does at its start; the form of the tables from before."""
    revision = soundness.revision(path)
    assert revision is not None
    before_upgrade.keep(path)
    database = Database(path)
    database.migrate()
    database.close()
    return revision


def test_a_migration_that_fails_leaves_the_earlier_form_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "xunhe.sqlite3"
    at_revision(path, "0004")
    tables = tables_of(path)
    statements = 0

    @sa.event.listens_for(sa.Engine, "before_cursor_execute")
    def fail_later(_c: object, _cu: object, text: str, *_: object) -> None:
        nonlocal statements
        statements += text.startswith(("CREATE", "INSERT", "ALTER", "DROP"))
        if statements == 30:
            raise OSError(28, "No space left on device")

    database = Database(path)
    try:
        with pytest.raises(OSError, match="No space"):
            database.migrate()
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", fail_later)
    assert tables_of(path) == tables
    assert soundness.revision(path) == "0004"
    database.migrate()
    database.close()
    assert soundness.revision(path) == soundness.head()


def test_going_back_keeps_every_reading_that_came_since(site: Site, tmp_path: Path) -> None:
    """Upgrade, take readings, go back: the older tables hold them, the newer file lies beside."""
    path = site.database.path
    old_form = EARLIER[-1]
    before = tmp_path / "old.sqlite3"
    at_revision(before, old_form)
    shutil.copy(before, before_upgrade.copy_of(path, old_form))
    buoy = site.buoys["YX-S1"]
    site.clock.at = START + minutes(30)
    site.ingest.take([buoy.send(*(buoy.read(START + minutes(i)) for i in range(10)))])
    site.database.close()
    readings = rows_in(path, "record", ["device", "boot", "seq", "slot"])
    store = EvidenceStore(tmp_path / "evidence")
    told = rolling_back.plan(path, old_form)
    done = rolling_back.go_back(path, old_form, store)
    assert told == done
    assert done is not None
    assert done.carried["record"] == 10
    assert soundness.revision(path) == old_form
    assert soundness.revision(done.aside) == soundness.head()
    assert set(readings) <= set(rows_in(path, "record", ["device", "boot", "seq", "slot"]))
    upgraded(path)  # and forward again
    assert soundness.revision(path) == soundness.head()
    assert set(readings) <= set(rows_in(path, "record", ["device", "boot", "seq", "slot"]))


def test_going_back_saves_the_evidence_that_the_older_rows_do_not_name(
    gateway: Gateway,
) -> None:
    path, form = gateway.database.path, EARLIER[-1]
    before_upgrade.copy_of(path, form).unlink(missing_ok=True)
    at_revision(before_upgrade.copy_of(path, form), form)
    fresh = keep(gateway.database, gateway.store, b"since the upgrade")
    gateway.database.close()
    result = CliRunner().invoke(app, ["rollback", "--revision", form, "--write"])
    assert result.exit_code == 0, result.output
    saved = Path(f"var/evidence.at-{soundness.head()}")
    assert fresh in {file.stem for file in saved.iterdir()}
    assert "incident 2" in result.stdout


def test_nothing_is_done_where_there_is_nothing_to_go_back_to(gateway: Gateway) -> None:
    path = gateway.database.path
    assert rolling_back.plan(path, soundness.head()) is None
    with pytest.raises(BackupError, match="xunhe restore"):
        rolling_back.plan(path, "0003")
    at_revision(before_upgrade.copy_of(path, "0003"), "0003")
    with gateway.database.read() as connection:
        connection.exec_driver_sql("SELECT 1 FROM ticket")
        with pytest.raises(BackupError, match="in use"):
            rolling_back.go_back(path, "0003", gateway.store)
