"""Who works at which station: read once, and again when something has been entered."""

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from xunhe.adapters.store import maintenance
from xunhe.adapters.store.schema import maintenance as table
from xunhe.domain.maintenance import Maintenance
from xunhe.water.qc.drift import Calibration

_EVER = datetime(1971, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Works:
    """The windows of work at a station, and its calibrations by property."""

    windows: list[Maintenance]
    calibrations: dict[str, list[Calibration]]

    def calibrations_of(self, prop: str) -> list[Calibration]:
        """Those of a property, and those of the whole station."""
        return [*self.calibrations.get("", ()), *self.calibrations.get(prop, ())]


class WorkBook:
    """What is entered of every station. Not thread-safe."""

    def __init__(self) -> None:
        self._kept: dict[str, Works] = {}
        self._version: tuple[object, ...] = ()

    def look(self, connection: sa.Connection) -> None:
        """Has something been entered or ended? Asked once a transaction."""
        ended = sa.func.sum(sa.type_coerce(table.c.ended_at, sa.BigInteger))
        version = connection.execute(sa.select(sa.func.count(), sa.func.max(table.c.id), ended))
        found = tuple(version.one())
        if found != self._version:
            self._kept.clear()
            self._version = found

    def of(self, connection: sa.Connection, station: str) -> Works:
        """All the work at a station."""
        if station not in self._kept:
            windows = maintenance.windows(connection, station, *_EVER)
            self._kept[station] = Works(windows, maintenance.calibrations(connection, station))
        return self._kept[station]
