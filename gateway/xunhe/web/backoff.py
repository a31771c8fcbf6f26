"""Back-off after failed log-ins: free attempts first, then waits that double."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_FORGET_AFTER = timedelta(minutes=30)
_MAX_KEYS = 10_000  # a flood of invented names must not fill the memory


@dataclass(slots=True)
class Backoff:
    """Failures by key (client address, name), in memory: a restart forgets them."""

    free_failures: int = 4
    longest_wait: timedelta = timedelta(minutes=5)
    _failures: dict[tuple[str, str], tuple[int, datetime]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, key: tuple[str, str], now: datetime) -> timedelta:
        """How long this key must still wait; zero when it may try."""
        with self._lock:
            count, last = self._failures.get(key, (0, now))
        if count <= self.free_failures:
            return timedelta(0)
        pause = min(
            timedelta(seconds=2.0 ** min(count - self.free_failures, 16)), self.longest_wait
        )
        return max(last + pause - now, timedelta(0))

    def failed(self, key: tuple[str, str], now: datetime) -> None:
        """Count one failure."""
        with self._lock:
            if len(self._failures) >= _MAX_KEYS:
                self._sweep(now)
            count, _ = self._failures.get(key, (0, now))
            self._failures[key] = (count + 1, now)

    def succeeded(self, key: tuple[str, str]) -> None:
        """Forget the key's failures."""
        with self._lock:
            self._failures.pop(key, None)

    def _sweep(self, now: datetime) -> None:
        kept = {k: v for k, v in self._failures.items() if now - v[1] < _FORGET_AFTER}
        self._failures = kept if len(kept) < _MAX_KEYS else {}
