"""Runs the gateway's parts: one that fails is logged, counted and started again after a pause."""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_STOP_S = 5.0


class Supervisor:
    """Runs each part again and again in a thread of its own until `stop`."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self.failures: dict[str, int] = {}  # ever
        self.failing: dict[str, int] = {}  # in a row, of the parts whose last step failed

    def start(self, name: str, step: Callable[[], object]) -> None:
        """Repeat `step`; its errors are logged and counted, and do not end the part."""
        self.failures[name] = 0
        thread = threading.Thread(target=self._repeat, args=(name, step), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def wait(self, seconds: float) -> bool:
        """Sleep; True where the gateway is stopping."""
        return self._stopping.wait(seconds)

    def stop(self) -> None:
        """Let every part finish its step."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(_STOP_S)

    def _repeat(self, name: str, step: Callable[[], object]) -> None:
        pause_s = PAUSE_S
        while not self._stopping.is_set():
            try:
                step()
                self.failing.pop(name, None)
                pause_s = PAUSE_S
            except Exception:  # the one place: log, count, go on
                self.failures[name] += 1
                self.failing[name] = self.failing.get(name, 0) + 1
                log.exception("part=%s failed %d times", name, self.failures[name])
                self._stopping.wait(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
