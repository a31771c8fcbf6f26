"""A desk worker's hands: fetch, commit, answer. Any number of them work side by side."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import sqlalchemy as sa

from xunhe.adapters.province.intake import Carried
from xunhe.adapters.province.line import Delivered, Line

log = logging.getLogger(__name__)

_WAIT_S = 1.0
_RETRY_S = 1.0
_TRIES = 4


class Intake(Protocol):
    """Who commits: see DeskIntake."""

    def take(self, batch: Sequence[Carried]) -> Mapping[str, bytes]:
        """Commit a batch; the receipts for it, by gateway."""
        ...

    def set_aside(self, carried: Carried) -> None:
        """Keep what it fails at."""
        ...


class Worker:
    """Takes one batch at a time. `step` runs in a thread of its own.

    While the store fails the batch is kept and tried again. A parcel at which the desk itself fails
    again and again holds up nothing but itself: it is tried alone, then set aside.
    """

    def __init__(
        self,
        line: Line,
        intake: Intake,
        most: int,
        committed: Callable[[], None],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._line, self._intake, self._most = line, intake, most
        self._committed, self._sleep = committed, sleep
        self._batch: list[Delivered] = []
        self._tries: Counter[bytes] = Counter()
        self.taken = 0  # parcels since the start

    def step(self) -> None:
        """Take a part of the batch, or fetch the next one."""
        self._batch = self._batch or self._line.fetch(self._most, _WAIT_S)
        part = self._part()
        if not part:
            return
        if self._tries[part[0].carried.wire] >= _TRIES:
            self._intake.set_aside(part[0].carried)
            receipts: Mapping[str, bytes] = {}
        else:
            self._tries.update(each.carried.wire for each in part)
            try:
                receipts = self._intake.take([each.carried for each in part])
            except sa.exc.OperationalError as error:
                self._tries.clear()  # no fault of the parcels
                log.error("store fails, %d parcels wait: %s", len(part), error)
                self._sleep(_RETRY_S)
                return
        self._line.settle(part, receipts)
        self._batch = self._batch[len(part) :]
        for each in part:
            del self._tries[each.carried.wire]
        self.taken += len(part)
        self._committed()

    def _part(self) -> Sequence[Delivered]:
        """All of the batch; after a failure its first one alone."""
        failed = any(self._tries[each.carried.wire] for each in self._batch)
        return self._batch[:1] if failed else self._batch
