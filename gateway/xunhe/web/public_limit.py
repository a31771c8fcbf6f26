"""How often strangers may knock: so many times within a while, by address."""

import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_MAX_KEYS = 10_000  # a flood of addresses must not fill the memory


@dataclass(slots=True)
class PublicLimit:
    """`most` passes within `within` for each key, in memory: a restart forgets them."""

    most: int
    within: timedelta
    _passed: dict[str, deque[datetime]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, key: str, now: datetime) -> timedelta:
        """Zero where the caller passes, which counts; else how long to wait."""
        with self._lock:
            if len(self._passed) >= _MAX_KEYS:
                self._sweep(now)
            passed = self._passed.setdefault(key, deque())
            while passed and now - passed[0] >= self.within:
                passed.popleft()
            if len(passed) >= self.most:
                return passed[0] + self.within - now
            passed.append(now)
            return timedelta(0)

    def _sweep(self, now: datetime) -> None:
        kept = {k: v for k, v in self._passed.items() if v and now - v[-1] < self.within}
        self._passed = kept if len(kept) < _MAX_KEYS else {}
