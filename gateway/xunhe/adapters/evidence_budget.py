"""Keeps the evidence within its part of the disk.

Over the budget the least severe goes first, of that the oldest; what belongs to an open ticket
never goes. Rows stay and say when the file went. Where nothing may go, new clips and what strangers
send are refused first: the last tenth of the budget is for pictures, tracks and the desk's own.
"""

import logging
from collections.abc import Mapping
from datetime import datetime

from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.store import evidence as rows
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.events import emit
from xunhe.adapters.store.evidence import Absence, Removable, Role
from xunhe.adapters.store.records import count

log = logging.getLogger(__name__)

CLIP_SHARE = 0.9  # of the budget
_YIELDING = frozenset({Role.CLIP, Role.REPORT})
_ORPHAN_S = 24 * 3600.0


class Budget:
    """The store and how many bytes it may take."""

    def __init__(self, database: Database, store: EvidenceStore, limit_bytes: int) -> None:
        self.store = store
        self._database = database
        self._limit = limit_bytes

    def make_room(self, size: int, role: Role, pending: Mapping[str, int], now: datetime) -> bool:
        """Whether a new file of so many bytes may be written, after removing what may go.

        `pending`: SHA-256 → size of files that no row names yet. Nothing is removed in vain.
        """
        limit = self._limit * (CLIP_SHARE if role in _YIELDING else 1)
        with self._database.write() as connection:
            over = rows.kept_bytes(connection) + sum(pending.values()) + size - limit
            leaving: list[Removable] = []
            if over > 0:
                leaving, over = _leaving(rows.removable(connection), over, pending)
            if over > 0:
                return False
            rows.mark_removed(connection, (f.sha256 for f in leaving), Absence.BUDGET, now)
            if leaving:
                count(connection, "evidence.removed", len(leaving))
                emit(connection, "evidence", {"removed": len(leaving)}, now)
        for file in leaving:  # after the commit: a row never promises a file that is gone
            self.store.remove(file.sha256)
        if leaving:
            log.warning("evidence: %d files removed to keep within the budget", len(leaving))
        return True

    def sweep(self, now: datetime) -> tuple[int, int]:
        """At the start: (files without a row removed, files found missing).

        The first are left by a kill between writing and committing; they are removed once they are
        a day old. The second are marked, so that pages say so.
        """
        with self._database.write() as connection:
            claimed = rows.claimed(connection)
            here = {path.stem for path in self.store.files()}
            missing = claimed - here
            rows.mark_removed(connection, sorted(missing), Absence.LOST, now)
            if missing:
                count(connection, "evidence.lost", len(missing))
                emit(connection, "evidence", {"lost": len(missing)}, now)
        orphans = self.store.unclaimed(claimed, _ORPHAN_S)
        for path in orphans:
            path.unlink(missing_ok=True)
        if orphans or missing:
            log.warning("evidence: %d orphans removed, %d missing", len(orphans), len(missing))
        return len(orphans), len(missing)


def _leaving(
    candidates: list[Removable], over: float, spared: Mapping[str, int]
) -> tuple[list[Removable], float]:
    """The first of `candidates` that bring `over` to zero, and what is still over."""
    leaving = []
    for file in candidates:
        if over <= 0:
            break
        if file.sha256 not in spared:
            leaving.append(file)
            over -= file.size
    return leaving, over
