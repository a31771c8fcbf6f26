"""Wakes who waits for rows of a kind as soon as the transaction that wrote them has committed.

A ring carries nothing: whoever wakes reads the tables, which are the truth. Rows of other processes
ring nothing here, so that who waits looks now and then besides.
"""

import threading
from collections import Counter
from collections.abc import Collection, Iterable

import sqlalchemy as sa

_TO_RING = "bells to ring"  # where a connection notes them until its transaction commits


class Bells:
    """One for each name; from any thread."""

    def __init__(self) -> None:
        self._rung = threading.Condition()
        self._rings: Counter[str] = Counter()
        self._closed = False

    def ring(self, names: Iterable[str]) -> None:
        """Wake who waits for one of these."""
        with self._rung:
            self._rings.update(names)
            self._rung.notify_all()

    def heard(self, names: Collection[str]) -> int:
        """How often these have rung: ask before looking at the tables, and wait from there."""
        with self._rung:
            return self._count(names)

    def wait(self, names: Collection[str], heard: int, timeout_s: float) -> None:
        """Return once one of these has rung again since `heard`, or after `timeout_s`."""
        with self._rung:
            self._rung.wait_for(lambda: self._closed or self._count(names) != heard, timeout_s)

    def close(self) -> None:
        """Nobody waits any more."""
        with self._rung:
            self._closed = True
            self._rung.notify_all()

    def _count(self, names: Collection[str]) -> int:
        return sum(self._rings[name] for name in names)


def ring_for(connection: sa.Connection, name: str) -> None:
    """Let a bell ring once the caller's transaction has committed."""
    connection.info.setdefault(_TO_RING, set()).add(name)


def take_rings(connection: sa.Connection) -> set[str]:
    """The bells that this transaction is to ring; afterwards none is noted."""
    noted: set[str] = connection.info.pop(_TO_RING, set())
    return noted
