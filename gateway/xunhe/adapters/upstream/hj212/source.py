"""What a link of HJ 212 sends: every sample, and each interval that a sample has closed.

An interval of a station is over with the first sample behind it. No clock is asked, so a backlog
gives the same uploads as live data; the interval of a station that falls silent waits for it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.hj212_factors import Factors
from xunhe.adapters.outbox.sources import Readings
from xunhe.adapters.store.schema import observation
from xunhe.adapters.upstream.hj212 import remote
from xunhe.adapters.upstream.hj212.aggregate import aggregated, length_of, start_of
from xunhe.codecs.hj212.commands import REALTIME
from xunhe.domain.outward import Message
from xunhe.outward_settings.hj212 import Hj212Settings

INTERVAL = "interval"


class Uploads(Readings):
    """Messages of kind "readings", and of kind "interval" with a body
    {"station", "cn", "start", "values": {property: [minimum, mean, maximum, letter]}}."""

    def __init__(self, settings: Hj212Settings, factors: Factors) -> None:
        self._settings = settings
        self._props = tuple(factors.by_prop)
        self._stations = {each.station: each for each in settings.station}
        self._kinds = [cn for cn in settings.sends if cn != REALTIME]

    def after(
        self, connection: sa.Connection, position: int, limit: int
    ) -> Sequence[tuple[int, Message]]:
        """The next samples; what a sample closes stands before it, at its position."""
        remotes = remote.load(connection, self._settings)
        minutes = {each.station: remotes[each.mn].min_interval for each in self._settings.station}
        before: dict[str, datetime] = {}
        found: list[tuple[int, Message]] = []
        for place, message in super().after(connection, position, limit):
            station, at = message.lane, message.at
            if station in self._stations:
                earlier = before.get(station)
                if earlier is None or earlier >= at:
                    earlier = self._sample_before(connection, station, at)
                if earlier is not None:
                    closed = self._closed(connection, message, earlier, minutes[station])
                    found += [(place, each) for each in closed]
                before[station] = at
            found.append((place, message))
        return found

    def _closed(
        self, connection: sa.Connection, message: Message, earlier: datetime, minutes: int
    ) -> Iterator[Message]:
        station, zone = self._stations[message.lane], self._settings.zone
        for cn in self._kinds:
            length = length_of(cn, minutes)
            start = start_of(earlier, length, zone)
            if start == start_of(message.at, length, zone):
                continue
            span = (start, start + length)
            values = aggregated(connection, station.station, self._props, span, station.st)
            if values:
                yield _interval(message, cn, start, values)

    def _sample_before(
        self, connection: sa.Connection, station: str, at: datetime
    ) -> datetime | None:
        """The newest sample of a station before an instant: asked by property for the index."""
        newest = [
            connection.execute(
                sa.select(sa.func.max(observation.c.time)).where(
                    observation.c.station == station,
                    observation.c.property == prop,
                    observation.c.time < at,
                )
            ).scalar()
            for prop in self._props
        ]
        return max((time for time in newest if time is not None), default=None)


def _interval(message: Message, cn: str, start: datetime, values: dict[str, Any]) -> Message:
    """Known with the sample that closed it: as live as that."""
    key = f"{cn}:{message.lane}:{start:%Y%m%d%H%M}"
    body = {"station": message.lane, "cn": cn, "start": start.isoformat(), "values": values}
    return Message(key, INTERVAL, message.at, body, message.lane)
