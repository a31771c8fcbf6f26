"""Goes back to the database from before an upgrade, with every reading that came since.

A buoy has freed what was acknowledged: records, their values and the buoys' reports are carried
over into the older tables, whose form has not changed. What people and rules made of them since
cannot be: it stays in the newer database, which is renamed aside, and is counted here.
"""

import os
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from xunhe.adapters.backup import snapshot
from xunhe.adapters.backup.errors import BackupError
from xunhe.adapters.evidence import EvidenceStore, MissingError
from xunhe.adapters.store import before_upgrade, soundness
from xunhe.adapters.whole_file import sync_folder

CARRIED = ("record", "observation", "report", "external_sample", "calibration")
_STAYING = ("incident", "alert", "ticket", "desk_log", "document", "citizen_report")


@dataclass(frozen=True, slots=True)
class Return:
    """What going back does. Rows by table; `evidence`: files only the newer database names."""

    copy: Path
    aside: Path
    carried: Mapping[str, int]
    staying: Mapping[str, int]
    evidence: tuple[str, ...]


def plan(path: Path, revision: str) -> Return | None:
    """What going back to tables of this form would do; None where they have it already."""
    now = soundness.revision(path)
    if now == revision:
        return None
    copy = before_upgrade.copy_of(path, revision)
    if not copy.is_file():
        known = ", ".join(str(each) for each in before_upgrade.copies(path)) or "—"
        raise BackupError(
            f"没有升级前的副本 {copy}（现有 {known}）/ there is no copy from before the upgrade:"
            " restore a backup of that version instead: xunhe restore"
        )
    aside = before_upgrade.copy_of(path, now or "none")
    if aside.exists():
        raise BackupError(f"{aside} 已存在 / is there already: move it away")
    with closing(_both(copy, path)) as both:
        newer = {table: _newer(both, table) for table in (*CARRIED, *_STAYING)}
    return Return(
        copy,
        aside,
        {table: newer[table] for table in CARRIED if newer[table]},
        {table: newer[table] for table in _STAYING if newer[table]},
        tuple(_evidence_since(copy, path)),
    )


def go_back(path: Path, revision: str, evidence: EvidenceStore) -> Return | None:
    """Do it. BackupError, and nothing changed, while a gateway has the database open."""
    found = plan(path, revision)
    if found is None:
        return None
    if snapshot.is_in_use(path):
        raise BackupError(f"{path} 正在使用 / is in use: systemctl stop xunhe")
    ready = path.with_name(f"{path.name}.returning")
    ready.unlink(missing_ok=True)
    snapshot.take(found.copy, ready)
    with closing(_both(ready, path)) as both:
        for table in CARRIED:
            _carry(both, table)
        both.commit()
    if flaws := snapshot.flaws(ready):
        raise BackupError(f"合并后的数据库有误 / the joined database is broken: {flaws[0]}")
    _keep_evidence(evidence, found)
    _checkpoint(path)
    path.rename(found.aside)
    ready.rename(path)
    sync_folder(path.parent)
    return found


def _both(older: Path, newer: Path) -> sqlite3.Connection:
    """A connection to the older database, with the newer one attached."""
    connection = sqlite3.connect(older)
    connection.execute("ATTACH ? AS newer", (str(newer),))
    return connection


def _newer(both: sqlite3.Connection, table: str) -> int:
    """How many rows the newer database has that the older one has not, by their keys."""
    if not _columns(both, "main", table) or not (key := _key(both, table)):
        return 0
    same = " AND ".join(f'old."{name}" = new."{name}"' for name in key)
    query = (
        f'SELECT count(*) FROM newer."{table}" AS new WHERE NOT EXISTS'  # noqa: S608  own names
        f' (SELECT 1 FROM main."{table}" AS old WHERE {same})'
    )
    return int(both.execute(query).fetchone()[0])


def _carry(both: sqlite3.Connection, table: str) -> None:
    """Rows that the older database has not, in the columns that both have."""
    old, new = _columns(both, "main", table), _columns(both, "newer", table)
    shared = ", ".join(f'"{name}"' for name in old if name in new)
    if shared:
        both.execute(
            f'INSERT OR IGNORE INTO main."{table}" ({shared})'  # noqa: S608  own names
            f' SELECT {shared} FROM newer."{table}"'
        )


def _columns(both: sqlite3.Connection, where: str, table: str) -> list[str]:
    return [row[1] for row in both.execute(f'PRAGMA {where}.table_info("{table}")')]


def _key(both: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in both.execute(f'PRAGMA main.table_info("{table}")') if row[5]]


def _evidence_since(copy: Path, path: Path) -> list[str]:
    if not _has_evidence(copy):
        return []
    before = {each.sha256 for each in snapshot.claimed(copy)}
    return [each.sha256 for each in snapshot.claimed(path) if each.sha256 not in before]


def _has_evidence(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        has = "SELECT 1 FROM sqlite_master WHERE name = 'evidence'"
        return connection.execute(has).fetchone() is not None


def _keep_evidence(store: EvidenceStore, found: Return) -> None:
    """The older gateway clears away files that none of its rows names: they get a second name."""
    folder = store.folder.with_name(f"{store.folder.name}.{found.aside.suffix.removeprefix('.')}")
    for sha256 in found.evidence:
        try:
            path = store.find(sha256)
        except MissingError:
            continue
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _second_name(path, folder / path.name)


def _second_name(path: Path, target: Path) -> None:
    if target.exists():
        return
    try:
        os.link(path, target)
    except OSError:  # a disk without hard links
        shutil.copy2(path, target)


def _checkpoint(path: Path) -> None:
    """Everything into the one file, so that its name can change."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
