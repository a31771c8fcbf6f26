"""What may be judged of a station at an instant: its window after quality control.

The record keeps every value as it came. What is doubtful gets its flag in this copy only: by the
checks, by maintenance, or because it looks like bad input (a unit mixed up, a probe that is stuck).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from xunhe.adapters.comparisons import Comparisons, with_neighbours
from xunhe.adapters.hours import HourBook
from xunhe.adapters.windows import Windows
from xunhe.adapters.works import WorkBook
from xunhe.alerts.doubt import Doubt, doubt_of
from xunhe.alerts.view import WINDOW_S, Hours
from xunhe.alerts.words import Words, name_of
from xunhe.domain.clock import SHANGHAI
from xunhe.domain.maintenance import Maintenance
from xunhe.domain.observation import GOOD, SUSPECT, Sample
from xunhe.domain.registry import Registry
from xunhe.water.qc import NAMES, Surroundings, qualify
from xunhe.water.qc import Qualified as Checked
from xunhe.water.qc.checks import Floats
from xunhe.water.qc.limits import QcLimits
from xunhe.water.qc.maintenance import is_maintained
from xunhe.water.series import HOUR_S, Series
from xunhe.water.suspect_series import find_suspects
from xunhe.water.suspects import set_apart

OFFSET_S = SHANGHAI.utcoffset(None).total_seconds()


@dataclass(frozen=True, slots=True)
class Qualified:
    """A station's last twelve hours, the hours of the two weeks before, and who is at work."""

    recent: Mapping[str, Series]
    hours: Hours
    maintained: frozenset[str]
    doubts: tuple[Doubt, ...]


class QualityControl:
    """Windows of all stations, qualified when they are asked for. Not thread-safe."""

    def __init__(self, registry: Registry, limits: Mapping[str, QcLimits]) -> None:
        self._limits = limits
        self._windows = Windows(WINDOW_S)
        self._hours = HourBook()
        self._works = WorkBook()
        self._neighbours = _neighbours(registry)
        self._compared = Comparisons()

    def begin(self, connection: sa.Connection) -> None:
        """A transaction begins: look at what people have entered."""
        self._works.look(connection)

    def put(self, connection: sa.Connection, sample: Sample) -> Qualified:
        """What may be judged at a sample that has just been stored."""
        station, at_s = sample.station, sample.time.timestamp()
        self._windows.put(sample)
        qualified = self._at(connection, station, at_s)
        times_s = next(iter(qualified.recent.values())).times_s
        if len(times_s) == 1 or times_s[-2] < _hour(at_s):
            self._hours.close(connection, station, qualified.recent, at_s - WINDOW_S, at_s)
        if self._hours.is_closed(connection, station, _hour(at_s)):
            whole = self._at(connection, station, _hour(at_s) + HOUR_S - 1)
            self._hours.renew(connection, station, whole.recent, _hour(at_s))
        return qualified

    def keep(self, sample: Sample) -> None:
        """Remember a sample that nobody judges."""
        self._windows.put(sample)

    def forget(self) -> None:
        """The transaction has failed: what is in memory may not be in the store."""
        self._windows.forget()
        self._hours.forget()

    def _at(self, connection: sa.Connection, station: str, at_s: float) -> Qualified:
        window = self._windows.upto(connection, station, at_s)
        hours = self._hours.before(connection, station, at_s)
        works = self._works.of(connection, station)
        suspects = find_suspects(window, hours.by_prop)
        doubts = [doubt_of(suspect) for suspect in suspects]
        recent = dict(window)
        for prop, raw in window.items():
            if prop in self._limits:
                checked = self._checked(connection, station, raw, prop, at_s)
                recent[prop] = raw.flagged(checked.flags)
                doubts += _doubts_of(checked, prop, raw.times_s)
        if suspects or works.windows:
            for prop, series in recent.items():
                apart = set_apart(prop, series, suspects)
                recent[prop] = _without_work(apart, works.windows, prop)
        now = np.array([at_s])
        maintained = (prop for prop in window if is_maintained(now, works.windows, prop)[0])
        return Qualified(recent, hours, frozenset(maintained), tuple(doubts))

    def _checked(
        self, connection: sa.Connection, station: str, raw: Series, prop: str, at_s: float
    ) -> Checked:
        limits = self._limits[prop]
        own = self._hours.before(connection, station, at_s).by_prop.get(prop)
        calibrations = self._works.of(connection, station).calibrations_of(prop)
        around = Surroundings(own, (), calibrations, OFFSET_S)
        checked = qualify(raw, limits, around)
        if limits.neighbours is None or own is None or not self._neighbours[station]:
            return checked
        others = [
            hourly
            for other in self._neighbours[station]
            if (hourly := self._hours.before(connection, other, at_s).by_prop.get(prop))
        ]
        beside = self._compared.of((station, prop), own, others, limits.neighbours)
        return with_neighbours(checked, raw, own, beside)


def _doubts_of(checked: Checked, prop: str, times_s: Floats) -> Iterator[Doubt]:
    """What the checks say of the newest sample, and of the one before: a spike shows late."""
    for i in range(max(len(times_s) - 2, 0), len(times_s)):
        for name in checked.said(i):
            if name != "device":
                zh, en = NAMES[name]
                measured = name_of(prop)
                reason = Words(f"{measured.zh}未通过{zh}检查", f"{measured.en}: {en} check")
                yield Doubt(name, prop, float(times_s[i]), reason)


def _without_work(series: Series, works: Iterable[Maintenance], prop: str) -> Series:
    touched = is_maintained(series.times_s, works, prop)
    if not touched.any():
        return series
    return series.flagged(np.where(touched, SUSPECT, GOOD).astype(np.int8))


def _hour(at_s: float) -> float:
    return at_s // HOUR_S * HOUR_S


def _neighbours(registry: Registry) -> dict[str, tuple[str, ...]]:
    """The next station up and down the same reach, of each station that has one."""
    found: dict[str, tuple[str, ...]] = {}
    by_reach: dict[str, list[tuple[float, str]]] = {}
    for station in registry.stations.values():
        by_reach.setdefault(station.reach, []).append((station.position_m, station.code))
    for places in by_reach.values():
        row = [code for _, code in sorted(places)]
        for i, code in enumerate(row):
            found[code] = (*row[max(i - 1, 0) : i], *row[i + 1 : i + 2])
    return found
