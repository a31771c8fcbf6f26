"""Readings that are stored and not yet judged.

Judging costs ten times what storing costs. When more comes in than can be judged at once, storing
and acknowledging go first, and the rest waits in the table `unjudged`, in the order in which it
came. A station whose water has changed since it was judged last, or has come to the other side of
a rule's limit, goes before all others. The readings of one station never overtake one another, and
a restart forgets none.
"""

from bisect import bisect
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from xunhe.adapters.store import unjudged
from xunhe.adapters.store.taken import Taken
from xunhe.domain.observation import Sample

Limits = Mapping[str, Sequence[float]]  # property → values beyond which a rule raises, ascending

_CHANGED = 0.1  # of a value: more than the noise of any probe
_WATCHED = 4  # readings after a change that go first as well: rules wait for several in a row


class Backlog:
    """What waits to be judged: the table, and what is known of it. Not thread-safe."""

    def __init__(self, connection: sa.Connection, limits: Limits) -> None:
        self._limits = limits
        self._count = unjudged.count(connection)
        self._first = dict.fromkeys(unjudged.stations_first(connection))
        self._watched: dict[str, int] = {}
        self._judged: dict[str, Sample] = {}  # the last of each station, or the first that waits

    def __len__(self) -> int:
        return self._count

    def next(
        self,
        connection: sa.Connection,
        new: Sequence[Taken],
        most: int | None = None,
        calm: int | None = None,
    ) -> Sequence[Taken]:
        """What is to be judged now; the rest of `new` waits.

        At most `most`, and `calm` of those that do not go first; None: all. Who calls judges them
        in the same transaction.
        """
        goes_first = [self._goes_first(taken.sample) for taken in new]
        if not self._count and (calm is None or len(new) <= calm):
            return self._noted(new)
        unjudged.add(connection, list(zip(new, goes_first, strict=True)))
        self._count += len(new)
        stations = (t.sample.station for t, first in zip(new, goes_first, strict=True) if first)
        self._first.update(dict.fromkeys(stations))
        most = self._count if most is None else most
        return self._noted(self._take(connection, most, most if calm is None else calm))

    def _take(self, connection: sa.Connection, most: int, calm: int) -> list[Taken]:
        found: list[Taken] = []
        while self._first and len(found) < most:
            station = next(iter(self._first))
            asked = most - len(found)
            of_station = unjudged.take(connection, asked, station)
            found += of_station
            if len(of_station) < asked:
                del self._first[station]
        found += unjudged.take(connection, min(calm, most - len(found)))
        self._count -= len(found)
        return found

    def _noted(self, judged: Sequence[Taken]) -> Sequence[Taken]:
        self._judged.update((taken.sample.station, taken.sample) for taken in judged)
        return judged

    def _goes_first(self, sample: Sample) -> bool:
        before = self._judged.setdefault(sample.station, sample)
        if self._has_changed(before, sample):
            self._watched[sample.station] = _WATCHED
        left = self._watched.get(sample.station, 0)
        if left:
            self._watched[sample.station] = left - 1
        return left > 0

    def _has_changed(self, before: Sample, sample: Sample) -> bool:
        for prop, (value, _) in sample.values.items():
            known, _ = before.values.get(prop, (None, 0))
            if value is None or known is None:
                continue
            limits = self._limits.get(prop, ())
            if bisect(limits, value) != bisect(limits, known):
                return True
            if abs(value - known) > _CHANGED * max(abs(value), abs(known)):
                return True
        return False
