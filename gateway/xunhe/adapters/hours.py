"""The medians of the last two weeks' hours, closed hour by hour as the readings go on."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import numpy as np
import sqlalchemy as sa

from xunhe.adapters.store import hourly as store
from xunhe.alerts.view import Hours
from xunhe.water.series import HOUR_S, Hourly, Series, hourly

SPAN_S = 14 * 24 * HOUR_S

_KEPT = 2  # of each station: the newest, and those that a backlog looks back on


class HourBook:
    """Every station's hours. Not thread-safe."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[float, Hours]] = {}  # by the hour that they lead up to

    def before(self, connection: sa.Connection, station: str, at_s: float) -> Hours:
        """The closed hours of the two weeks before the hour of an instant."""
        hour_s = at_s // HOUR_S * HOUR_S
        kept = self._kept.setdefault(station, {})
        if hour_s not in kept:
            since, until = (datetime.fromtimestamp(s, UTC) for s in (hour_s - SPAN_S, hour_s))
            found = Hours(store.read(connection, station, since, until))
            for oldest in list(kept)[: len(kept) - _KEPT + 1]:
                del kept[oldest]
            kept[hour_s] = found
        return kept[hour_s]

    def close(
        self,
        connection: sa.Connection,
        station: str,
        recent: Mapping[str, Series],
        from_s: float,
        at_s: float,
    ) -> None:
        """Write the hours from `from_s` on that are over at an instant and not yet written."""
        first_s, end_s = -(-from_s // HOUR_S) * HOUR_S, at_s // HOUR_S * HOUR_S
        known = self.before(connection, station, at_s).by_prop
        new = {}
        for prop, series in _measured(recent):
            over = hourly(series.between(first_s, end_s))
            is_new = ~np.isin(over.starts_s, known[prop].starts_s if prop in known else [])
            if is_new.any():
                new[prop] = Hourly(over.starts_s[is_new], over.medians[is_new], over.counts[is_new])
        if new:
            store.keep(connection, station, new)
            self.forget(station)

    def is_closed(self, connection: sa.Connection, station: str, hour_s: float) -> bool:
        """Has this hour been written?"""
        return store.has(connection, station, hour_s)

    def renew(
        self, connection: sa.Connection, station: str, recent: Mapping[str, Series], hour_s: float
    ) -> None:
        """Write an hour again: a late reading has come into it."""
        hour = {p: hourly(s.between(hour_s, hour_s + HOUR_S)) for p, s in _measured(recent)}
        store.keep(connection, station, hour)
        self.forget(station)

    def forget(self, station: str | None = None) -> None:
        """Drop what is kept of a station, or all."""
        if station is None:
            self._kept.clear()
        else:
            self._kept.pop(station, None)


def _measured(recent: Mapping[str, Series]) -> Iterator[tuple[str, Series]]:
    """What the station measures at all: a profile may have channels that it has no probe for."""
    return ((prop, series) for prop, series in recent.items() if np.isfinite(series.values).any())
