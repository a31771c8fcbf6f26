"""What the workers reported and the store does not have yet."""

from collections import deque
from collections.abc import Callable

import sqlalchemy as sa

from xunhe.adapters.camera.messages import Report, Told

_TRIES = 5


class Inbox:
    """Reports in their order; each goes only when it is stored, or set aside."""

    def __init__(self, keep: Callable[[Report], None], set_aside: Callable[[Report], None]) -> None:
        self._keep, self._set_aside = keep, set_aside
        self._waiting: deque[Report] = deque()
        self._tries = 0  # at the first one

    def put(self, report: Report) -> None:
        """Of how a camera is only the newest counts: a store that fails for long fills nothing."""
        if isinstance(report, Told):
            older = [one for one in self._waiting if not _is_outdated(one, report)]
            if self._waiting and (not older or older[0] is not self._waiting[0]):
                self._tries = 0
            self._waiting = deque(older)
        self._waiting.append(report)

    def work(self) -> None:
        """Store all of them.

        An error of the store is raised, and the report is tried again for as long as it lasts. At
        any other error it is tried again a few times, and then set aside: it holds up nothing.
        """
        while self._waiting:
            report = self._waiting[0]
            if self._tries >= _TRIES:
                self._set_aside(report)
            else:
                self._try(report)
            self._waiting.popleft()
            self._tries = 0

    def _try(self, report: Report) -> None:
        self._tries += 1
        try:
            self._keep(report)
        except (sa.exc.OperationalError, OSError):
            self._tries -= 1  # no fault of the report
            raise


def _is_outdated(waiting: Report, told: Told) -> bool:
    return isinstance(waiting, Told) and waiting.camera == told.camera
