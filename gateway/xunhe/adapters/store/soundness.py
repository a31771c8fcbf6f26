"""Looks at the database before the gateway opens it. It never renames, repairs or empties anything.

UnsoundError says what is wrong, that nothing was touched, and what to do: a gateway that quietly
began anew beside a damaged file would look healthy and have forgotten every ticket.
"""

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

_STEPS = 10_000  # of SQLite's machine between two looks at the time
MIGRATIONS = Path(__file__).parent / "migrations"


class UnsoundError(RuntimeError):
    """The database cannot be used as it is; nothing was changed."""


def look(
    path: Path, traces: Sequence[Path], budget_s: float, monotonic: Callable[[], float]
) -> bool:
    """Check a database as far as `budget_s` seconds go; True where that was all of it.

    `traces` are folders that only a gateway with a database fills. UnsoundError.
    """
    if not path.exists() or path.stat().st_size == 0:
        _refuse_to_forget(path, traces)
        return True
    if not os.access(path, os.W_OK):
        raise UnsoundError(
            f"数据库 {path} 不可写 / is not writable: 修正属主与权限 / mend its owner and rights"
            f" (chown xunhe: {path}; chmod 600 {path})"
        )
    try:
        is_whole = _checked(path, monotonic() + budget_s, monotonic)
        known_to(path)
    except sqlite3.DatabaseError as error:
        raise UnsoundError(_broken(path, str(error))) from error
    return is_whole


def flaws(path: Path) -> list[str]:
    """What SQLite finds wrong with a database that is in use; empty where it is sound."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA quick_check")]
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return [] if found == ["ok"] else found


def known_to(path: Path) -> None:
    """UnsoundError where a newer version of xunhe has written this database."""
    found = revision(path)
    if found is not None and found not in revisions():
        raise UnsoundError(
            f"数据库 {path} 由更新的版本写成（结构 {found}，本版本 {head()}）/ was written by a"
            " newer xunhe. 装回新版本，或回退 / install that version again, or roll back:"
            " xunhe rollback"
        )


def revision(path: Path) -> str | None:
    """The form of a database's tables; None where there are none yet."""
    with closing(sqlite3.connect(path)) as connection:
        has = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
        if connection.execute(has).fetchone() is None:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def revisions() -> list[str]:
    """Every form of the tables that this version knows, the oldest first."""
    return [each.revision for each in _scripts().walk_revisions()][::-1]


def head() -> str:
    """The form that this version's tables have."""
    return revisions()[-1]


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)


def _checked(path: Path, until_s: float, monotonic: Callable[[], float]) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        connection.set_progress_handler(lambda: monotonic() > until_s, _STEPS)
        try:
            found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(3)")]
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                return False
            raise
    if found != ["ok"]:
        raise UnsoundError(_broken(path, "; ".join(found)))
    return True


def _broken(path: Path, why: str) -> str:
    return (
        f"数据库 {path} 已损坏 / is damaged: {why}. 没有改名或改动任何文件 / nothing was renamed"
        " or changed. 下一步 / next: 查磁盘 / check the disk (dmesg);"
        " xunhe restore BACKUP --write; docs/runbook.md → database_broken"
    )


def _refuse_to_forget(path: Path, traces: Sequence[Path]) -> None:
    found = next((file for folder in traces for file in folder.rglob("*") if file.is_file()), None)
    if found is not None:
        raise UnsoundError(
            f"数据库 {path} 不见了，但还有 {found} / the database is gone, yet there is {found}:"
            " 未新建空库 / no empty one was made. 磁盘挂载了吗？/ is the disk mounted?"
            " 否则 / else: xunhe restore BACKUP --write. 确要从头开始，先移走 / to begin anew, move"
            f" these away first: {', '.join(map(str, traces))}"
        )
