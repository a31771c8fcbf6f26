"""The rain as the judge asks of it: read once an hour of the water and transaction."""

from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import rain
from xunhe.adapters.store.rain import Span


class Weather:
    """Not thread-safe."""

    def __init__(self) -> None:
        self._by_hour: dict[int, tuple[Span, ...] | None] = {}

    def forget(self) -> None:
        """A transaction begins: a gauge may have told something."""
        self._by_hour.clear()

    def spans(self, connection: sa.Connection, at: datetime) -> tuple[Span, ...] | None:
        """When it rained up to the hour of `at`; None where nobody knows."""
        hour = int(at.timestamp() // 3600)
        if hour not in self._by_hour:
            self._by_hour[hour] = rain.spans(connection, at)
        return self._by_hour[hour]
