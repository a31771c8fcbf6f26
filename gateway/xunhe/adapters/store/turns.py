"""Writers of one process take turns in the order in which they came.

SQLite lets whoever asks at the right instant write next: beside a writer that hardly pauses, the
others would wait until their time-out, however short their own work is.
"""

import threading
from collections import deque
from types import TracebackType


class Turns:
    """A lock that serves first come, first. Not reentrant."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()  # the first one has its turn

    def __enter__(self) -> None:
        mine = threading.Event()
        with self._guard:
            self._waiting.append(mine)
            if self._waiting[0] is mine:
                return
        mine.wait()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._guard:
            self._waiting.popleft()
            if self._waiting:
                self._waiting[0].set()
