"""Wakes the live streams when the ingest thread has committed something."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Live:
    """`notify` may be called from any thread; each stream waits in its own event loop.

    A notification carries nothing: streams read the event table, which is the truth, and poll it
    once a second besides, so that a lost wake-up costs a second and never an event.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: set[Stream] = set()
        self._closed = False

    @property
    def closed(self) -> bool:
        """True once the gateway goes down: streams end."""
        return self._closed

    def notify(self) -> None:
        """Something was committed: look at the event table."""
        with self._lock:
            streams = list(self._streams)
        for stream in streams:
            stream.wake()

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
