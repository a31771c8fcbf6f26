"""Frames on their way into the store, whatever brought them: MQTT or radio.

They are taken in batches. While the store fails, the batch is tried again and nothing is answered;
a frame at which the gateway itself fails again and again holds up nothing but itself.
"""

import contextlib
import logging
import queue
import time
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

import sqlalchemy as sa

from xunhe.adapters.frames import Message
from xunhe.adapters.ingest import Ingest, Reply

log = logging.getLogger(__name__)

_BATCH = 100  # frames a transaction: more gains nothing in SQLite
_BATCH_BYTES = 16 * 1024  # of them, 1,000 readings: those behind wait for all before them
_WAITING = 2000  # frames; beyond, the link is not read until the store has caught up
_RETRY_S = 1.0
_TRIES = 4


class Received(Protocol):
    """A message with whatever its link needs to answer it."""

    @property
    def message(self) -> Message:
        """What came."""


R = TypeVar("R", bound=Received)


class Intake(Generic[R]):
    """One link's waiting frames. `answer` gets those that are committed, and what goes back."""

    def __init__(self, answer: Callable[[Sequence[R], Reply], None]) -> None:
        self._answer = answer
        self._waiting: queue.Queue[R] = queue.Queue(_WAITING)
        self._batch: list[R] = []  # taken from the queue, not yet committed
        self._tries = 0  # at the first of the batch; above 0, its frames go one by one

    def put(self, received: R) -> None:
        """Let a frame wait; blocks while too many do."""
        self._waiting.put(received)

    @property
    def has_more(self) -> bool:
        """Do frames wait that are not being taken in yet?"""
        return not self._waiting.empty()

    def pump(self, ingest: Ingest, committed: Callable[[], None], wait_s: float = 0.2) -> None:
        """Take one batch of waiting frames in, then answer it. Waits at most `wait_s` for one.

        An error that is not the store's is raised; the frames are then tried one by one, and one
        that fails again and again is set aside.
        """
        self._batch = self._batch or self._collect(wait_s)
        if not self._batch:
            return
        part = self._batch if self._tries == 0 else self._batch[:1]
        if self._tries >= _TRIES:
            ingest.set_aside(part[0].message)
            reply = Reply((), {})
        else:
            self._tries += 1
            try:
                messages = [received.message for received in part]
                reply = ingest.take(messages, more_wait=self.has_more)
            except sa.exc.OperationalError as error:
                self._tries -= 1  # no fault of the frames
                log.error("store fails, %d frames stay unacknowledged: %s", len(part), error)
                time.sleep(_RETRY_S)
                return
        self._batch = self._batch[len(part) :]
        self._tries = 1 if self._batch else 0
        self._answer(part, reply)
        committed()

    def _collect(self, wait_s: float) -> list[R]:
        batch: list[R] = []
        size = 0
        with contextlib.suppress(queue.Empty):
            batch.append(self._waiting.get(timeout=wait_s))
            while len(batch) < _BATCH and size < _BATCH_BYTES:
                batch.append(self._waiting.get_nowait())
                size += len(batch[-1].message.payload)
        return batch
