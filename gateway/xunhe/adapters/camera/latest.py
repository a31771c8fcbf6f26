"""The newest frame of one camera, and only that one: a slow consumer gets new frames, not old."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestFrame(Generic[T]):
    """A slot that one thread fills and another empties."""

    def __init__(self, age_limit_s: float) -> None:
        self._age_limit_s = age_limit_s
        self._lock = threading.Lock()
        self._held: tuple[T, float] | None = None
        self._dropped = 0

    def put(self, frame: T, at_s: float) -> None:
        """Put a frame that came at `at_s`; one that was not taken is dropped and counted."""
        with self._lock:
            self._dropped += self._held is not None
            self._held = frame, at_s

    def take(self, now_s: float) -> T | None:
        """The newest frame, once; None where there is none or it is older than the limit."""
        with self._lock:
            held, self._held = self._held, None
            if held is None:
                return None
            frame, at_s = held
            if now_s - at_s > self._age_limit_s:
                self._dropped += 1
                return None
            return frame

    @property
    def dropped(self) -> int:
        """How many frames nobody took, since the start."""
        with self._lock:
            return self._dropped
