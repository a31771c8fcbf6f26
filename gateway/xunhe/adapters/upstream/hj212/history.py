"""History that a platform asks for: 2051, 2061, 2031 with BeginTime and EndTime (C.20 to C.22)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from xunhe.adapters.hj212_factors import Factors
from xunhe.adapters.store.database import Database
from xunhe.adapters.upstream.hj212.aggregate import aggregated, length_of, start_of
from xunhe.adapters.upstream.hj212.remote import Remote
from xunhe.adapters.upstream.hj212.source import INTERVAL
from xunhe.adapters.upstream.hj212.writing import Writer
from xunhe.codecs.hj212.commands import RESULT, ExeRtn
from xunhe.codecs.hj212.segment import Packet
from xunhe.domain.outward import Message
from xunhe.outward_settings.hj212 import Hj212Settings, Hj212StationSettings

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class History:
    """Computes the intervals of a span from the store, one at a time."""

    database: Database
    settings: Hj212Settings
    factors: Factors
    writer: Writer

    def told(
        self,
        request: Packet,
        station: Hj212StationSettings,
        remote: Remote,
        span: tuple[datetime, datetime],
    ) -> Iterator[Packet]:
        """The packets, each with a QN of its own, then 9012 with that of the request."""
        count = 0
        length = length_of(request.cn, remote.min_interval)
        start = start_of(span[0], length, self.settings.zone)
        while start <= span[1]:
            message = self._interval(request.cn, station, start, length)
            if message is not None:
                yield from self.writer.uploads(message, station, remote)
                count += 1
            start += length
        result = ExeRtn.SUCCESS if count else ExeRtn.NO_DATA
        yield request.answered(RESULT, self.writer.dialect.answer, f"ExeRtn={result:d}")

    def _interval(
        self, cn: str, station: Hj212StationSettings, start: datetime, length: timedelta
    ) -> Message | None:
        props, span = tuple(self.factors.by_prop), (start, start + length)
        with self.database.read() as connection:
            values = aggregated(connection, station.station, props, span, station.st)
        body = {"cn": cn, "start": start.isoformat(), "values": values}
        return Message("", INTERVAL, start, body, station.station) if values else None
