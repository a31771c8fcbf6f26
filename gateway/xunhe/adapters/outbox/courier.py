"""Brings messages to one destination: plans what its sources have, sends what is due, marks it.

A kill between sending and marking sends a message again, with the same key; nothing is ever lost,
because a mark moves in the transaction that plans, and a delivery ends only after its outcome.
"""

import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters.outbox.retry import Allowance, pause_s
from xunhe.adapters.outbox.sources import Source
from xunhe.adapters.store import deliveries
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.deliveries import Waiting
from xunhe.domain.clock import Clock
from xunhe.domain.outward import Destination, Message, Outcome, Sent

log = logging.getLogger(__name__)

_PLANNED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Clocks:
    """The river's time for what happened, the machine's for when to send, seconds for pauses."""

    river: Clock
    machine: Clock
    seconds: Callable[[], float] = time.monotonic


@dataclass(slots=True)
class LinkStanding:
    """How a link is, for people to see."""

    is_up: bool | None = None  # None: nothing has been tried yet
    last_done: datetime | None = None
    trouble: str = ""  # the last one, kept after it has passed
    trouble_at: datetime | None = None


class Courier:
    """One destination's. `step` runs in a thread of its own."""

    def __init__(
        self,
        database: Database,
        destination: Destination,
        sources: Sequence[Source],
        clocks: Clocks,
        chance: random.Random | None = None,
    ) -> None:
        self.destination = destination
        self.standing = LinkStanding()
        self._database = database
        self._sources = sources
        self._clocks = clocks
        self._chance = chance or random.Random()  # noqa: S311  jitter, no secret
        self._pace = destination.pace
        self._allowance = Allowance(self._pace, clocks.seconds)
        self._failures = 0
        self._resumes_s = 0.0

    def reads(self, source: str) -> bool:
        """Is this one of its sources?"""
        return any(each.name == source for each in self._sources)

    @property
    def bells(self) -> frozenset[str]:
        """What rings when there is something for it to plan or to send."""
        return frozenset({self.destination.name, *(source.name for source in self._sources)})

    def step(self) -> int:
        """Plan and send once; returns how many arrived. 0: wait until one of `bells` rings, or a
        little."""
        self._plan()
        if self._clocks.seconds() < self._resumes_s:
            return 0
        waiting = self._due()
        outcomes = self.destination.send([each.message for each in waiting])
        now = self._clocks.machine.now()
        self._allowance.take(len(outcomes))
        if waiting and outcomes:
            self._mark(list(zip(waiting, outcomes, strict=False)), now)
        self._judge_link(outcomes, now)
        return sum(outcome.sent is Sent.DONE for outcome in outcomes)

    def _plan(self) -> None:
        with self._database.read() as connection:
            found = [(source.name, self._new(connection, source)) for source in self._sources]
        planned = [(name, *new) for name, new in found if new is not None]
        if not planned:
            return
        here, now = self.destination.name, self._clocks.machine.now()
        with self._database.write() as connection:
            for source, position, messages in planned:
                deliveries.add(connection, here, messages, now)
                deliveries.set_mark(connection, here, source, position)

    def _new(self, connection: sa.Connection, source: Source) -> tuple[int, list[Message]] | None:
        """Up to which position, and what of it is wanted; None where nothing is new.

        A destination that is new itself begins with what is raised from now on.
        """
        mark = deliveries.mark_of(connection, self.destination.name, source.name)
        if mark is None:
            return source.newest(connection), []
        rows = source.after(connection, mark, _PLANNED_AT_ONCE)
        wanted = [message for _, message in rows if self.destination.wants(message)]
        return (rows[-1][0], wanted) if rows else None

    def _due(self) -> list[Waiting]:
        count = self._allowance.batch()
        live_for = self._pace.live_for
        live_since = None if live_for is None else self._clocks.river.now() - live_for
        here, now = self.destination.name, self._clocks.machine.now()
        with self._database.read() as connection:
            return deliveries.due(connection, here, now, count, live_since) if count else []

    def _mark(self, settled: Sequence[tuple[Waiting, Outcome]], now: datetime) -> None:
        done = [each.id for each, outcome in settled if outcome.sent is Sent.DONE]
        with self._database.write() as connection:
            deliveries.sent(connection, done, now)
            for each, outcome in settled:
                self._settle(connection, each, outcome, now)

    def _settle(
        self, connection: sa.Connection, each: Waiting, outcome: Outcome, now: datetime
    ) -> None:
        match outcome.sent:
            case Sent.REFUSED:
                self._fail(connection, each, outcome, None)
            case Sent.FAILED if each.attempts + 1 >= self._pace.tries:
                self._fail(connection, each, outcome, None)
            case Sent.FAILED:
                pause = timedelta(seconds=pause_s(each.attempts + 1, self._chance))
                self._fail(connection, each, outcome, now + pause)

    def _fail(
        self, connection: sa.Connection, each: Waiting, outcome: Outcome, next_at: datetime | None
    ) -> None:
        what = "put aside" if next_at is None else "failed"
        log.warning(
            "to=%s key=%s %s: %s", self.destination.name, each.message.key, what, outcome.detail
        )
        deliveries.failed(connection, each.id, outcome.detail, next_at)

    def _judge_link(self, outcomes: Sequence[Outcome], now: datetime) -> None:
        for outcome in outcomes:
            if outcome.sent is not Sent.DONE:
                self.standing.trouble, self.standing.trouble_at = outcome.detail, now
        if any(outcome.sent is Sent.LATER for outcome in outcomes):
            self._back_off()
        elif outcomes:
            self.standing.is_up, self._failures = True, 0
        if any(outcome.sent is Sent.DONE for outcome in outcomes):
            self.standing.last_done = now

    def _back_off(self) -> None:
        self._failures += 1
        self.standing.is_up = False
        self._resumes_s = self._clocks.seconds() + pause_s(self._failures, self._chance)
        if self._failures == 1:
            log.warning("to=%s link down: %s", self.destination.name, self.standing.trouble)
