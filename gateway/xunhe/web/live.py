"""Wakes the live streams when the ingest thread has committed something."""

import asyncio
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool

T = TypeVar("T")


class Live:
    """`notify` may be called from any thread; each stream waits in its own event loop.

    A notification carries nothing: streams read the event table, which is the truth, and poll it
    once a second besides, so that a lost wake-up costs a second and never an event.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: set[Stream] = set()
        self._closed = False
        self._commits = 0
        self._looks: dict[Hashable, asyncio.Task[Any]] = {}

    @property
    def closed(self) -> bool:
        """True once the gateway goes down: streams end."""
        return self._closed

    @property
    def commits(self) -> int:
        """How often something was said to be committed: what is read from here on contains it."""
        return self._commits

    def notify(self) -> None:
        """Something was committed: look at the event table."""
        with self._lock:
            self._commits += 1
            streams = list(self._streams)
        for stream in streams:
            stream.wake()

    async def once(self, key: Hashable, look: Callable[[], T]) -> T:
        """What `look` says, run in a thread; streams that ask for the same at once share one look.

        `key` holds `commits`, so that nobody gets what was read before he was woken.
        """
        loop = asyncio.get_running_loop()
        whole = loop, key
        if (task := self._looks.get(whole)) is None:
            task = loop.create_task(run_in_threadpool(look))
            task.add_done_callback(lambda _: self._looks.pop(whole, None))
            self._looks[whole] = task
        found: T = await asyncio.shield(task)
        return found

    def close(self) -> None:
        """End all streams; call it before the server waits for its connections."""
        self._closed = True
        self.notify()

    @contextmanager
    def stream(self) -> Iterator["Stream"]:
        """A stream of the running loop, woken until the block ends."""
        stream = Stream(asyncio.get_running_loop())
        with self._lock:
            self._streams.add(stream)
        try:
            yield stream
        finally:
            with self._lock:
                self._streams.discard(stream)


class Stream:
    """One waiting reader."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """From any thread; a loop that has closed has nobody left to wake."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._woken.set)

    async def wait(self, timeout_s: float) -> None:
        """Return when woken since the last wait, or after `timeout_s`."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), timeout_s)
        self._woken.clear()
