"""Windows of readings, kept in memory as the store holds them.

Whatever is here can be read from the store again: a restart changes nothing. A station has a window
that follows its newest readings, and while a backlog comes in another one that follows that.
"""

from datetime import UTC, datetime

import sqlalchemy as sa

from xunhe.adapters.store.records import PROPS, columns_between, has_after
from xunhe.alerts.buffer import Buffer
from xunhe.domain.observation import Sample
from xunhe.water.series import Series

_SPARE = 0.5  # of the span, before the front is cut off


class Windows:
    """The last `span_s` before any instant, for every station. Not thread-safe."""

    def __init__(self, span_s: float) -> None:
        self._span_s = span_s
        self._live: dict[str, Buffer] = {}
        self._late: dict[str, Buffer] = {}

    def put(self, sample: Sample) -> None:
        """A sample that was just stored."""
        time_s = sample.time.timestamp()
        for buffers in (self._live, self._late):
            buffer = buffers.get(sample.station)
            if buffer is None or not buffer.covers(time_s, time_s):
                continue
            if not buffer.put(time_s, sample.values):
                del buffers[sample.station]  # read again, in the store's own order

    def upto(self, connection: sa.Connection, station: str, to_s: float) -> dict[str, Series]:
        """The samples of the span that ends at `to_s`, both ends included, by property."""
        from_s = to_s - self._span_s
        buffer = self._covering(station, from_s, to_s)
        if buffer is None:
            buffer = self._load(connection, station, from_s, to_s)
        elif to_s - buffer.from_s > (1 + _SPARE) * self._span_s:
            buffer.drop_before(from_s)
        return buffer.between(from_s, to_s)

    def forget(self) -> None:
        """Drop all that is kept: the store may hold something else."""
        self._live.clear()
        self._late.clear()

    def _covering(self, station: str, from_s: float, to_s: float) -> Buffer | None:
        buffers = (kept.get(station) for kept in (self._live, self._late))
        return next((b for b in buffers if b is not None and b.covers(from_s, to_s)), None)

    def _load(self, connection: sa.Connection, station: str, from_s: float, to_s: float) -> Buffer:
        """Read a window; of a backlog a whole day on, so that the rest of it is here already."""
        is_late = has_after(connection, station, PROPS, _instant(to_s))
        end_s = to_s + self._span_s if is_late else float("inf")
        buffer = Buffer(PROPS, from_s, end_s)
        rows = columns_between(connection, station, PROPS, _instant(from_s), _instant(end_s))
        for time_s, values in rows.items():
            buffer.put(time_s, values)
        (self._late if is_late else self._live)[station] = buffer
        return buffer


def _instant(time_s: float) -> datetime:
    if time_s == float("inf"):
        return datetime.max.replace(tzinfo=UTC)
    return datetime.fromtimestamp(time_s, UTC)
