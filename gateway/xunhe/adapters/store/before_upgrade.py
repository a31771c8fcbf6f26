"""A copy of the database before its tables change form: the way back to the version before."""

import logging
import shutil
from pathlib import Path

from xunhe.adapters.backup import snapshot
from xunhe.adapters.store import soundness
from xunhe.adapters.store.soundness import UnsoundError

log = logging.getLogger(__name__)

KEPT = 2
_SPARE = 1.1  # room for the copy and for what is written meanwhile


def copy_of(path: Path, revision: str) -> Path:
    """Where the copy lies that was taken when the tables had this form."""
    return path.with_name(f"{path.name}.at-{revision}")


def copies(path: Path) -> list[Path]:
    """The copies of a database, the oldest form first."""
    return sorted(path.parent.glob(f"{path.name}.at-[0-9][0-9][0-9][0-9]"))


def keep(path: Path) -> Path | None:
    """Copy a database whose tables are about to change; None where they are not.

    UnsoundError where there is no room: an upgrade without a way back does not begin.
    """
    revision = soundness.revision(path) if path.exists() and path.stat().st_size else None
    if revision is None or revision == soundness.head():
        return None
    copy = copy_of(path, revision)
    needed, free = path.stat().st_size * _SPARE, shutil.disk_usage(path.parent).free
    if free < needed:
        raise UnsoundError(
            f"升级前需要 {needed / 2**20:.0f} MiB 存放数据库副本，只有 {free / 2**20:.0f} MiB / the"
            f" upgrade keeps a copy of the database first: free {needed / 2**20:.0f} MiB in"
            f" {path.parent}"
        )
    part = copy.with_name(f"{copy.name}.part")
    part.unlink(missing_ok=True)
    snapshot.take(path, part)
    part.replace(copy)
    log.warning("the tables go from %s to %s; before them: %s", revision, soundness.head(), copy)
    for old in copies(path)[:-KEPT]:
        old.unlink()
    return copy
