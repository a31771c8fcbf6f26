"""The tally of the log that goes on from entry to entry, so that nobody reads the whole log twice.

What it gives is what a tally from the beginning gives: entries are taken in the log's order, once.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeVar

import sqlalchemy as sa

from xunhe.adapters.store import desk_log
from xunhe.adapters.supervision.circulars import tally_of
from xunhe.desk.log import Entry
from xunhe.desk.periods import Span, period_at
from xunhe.desk.seats import Seats
from xunhe.desk.tally import Tally
from xunhe.settings import SupervisionSettings

Answer = TypeVar("Answer")

# An entry may be this much older than the one before it: who wrote it had to wait for his turn.
_WAIT = timedelta(minutes=1)


class KeptTally:
    """One tally for all who ask; `read` takes what was written since the last one asked.

    A hundred thousand tickets take about 100 MB.
    """

    def __init__(self, seats: Seats, rules: SupervisionSettings) -> None:
        self._seats, self._rules = seats, rules
        self._lock = Lock()
        self._tally = Tally(seats, rules)
        self._last: Entry | None = None

    def read(
        self, connection: sa.Connection, as_of: datetime, ask: Callable[[Tally], Answer]
    ) -> Answer:
        """What `ask` makes of the tally up to an instant; nobody else reads it meanwhile."""
        with self._lock:
            if self._goes_on(connection, as_of):
                return ask(self._brought_up(connection, as_of))
        return ask(tally_of(connection, self._seats, self._rules, as_of))

    def _brought_up(self, connection: sa.Connection, as_of: datetime) -> Tally:
        after = 0 if self._last is None else self._last.seq
        for entry in desk_log.entries(connection, after):
            self._tally.take(entry)
            self._last = entry
        self._tally.pass_to(as_of)
        return self._tally

    def _goes_on(self, connection: sa.Connection, as_of: datetime) -> bool:
        """May the kept tally go on to this instant?

        Not where the clock was set back, where a month has just ended whose last entries may still
        come, nor in a snapshot or file of which the kept tally is not the beginning.
        """
        newest = desk_log.last(connection)
        is_settled = period_at(as_of, Span.MONTH) == period_at(as_of - _WAIT, Span.MONTH)
        if newest is None or newest.at >= as_of or not is_settled:
            return False
        return self._last is None or (
            desk_log.hash_of(connection, self._last.seq) == self._last.hash
        )
