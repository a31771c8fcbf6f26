"""Asks the rules about every sample at its own time, however late it came, and keeps the answer.

Window → quality control → rules → incidents, all in the caller's transaction. What is kept in
memory can be read from the store again, so that a restart between any two samples changes nothing.
"""

from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.qualified import OFFSET_S, Qualified, QualityControl
from xunhe.adapters.store import decisions
from xunhe.adapters.store.incidents import IncidentBook, active_findings
from xunhe.adapters.store.rain import Span
from xunhe.adapters.weather import Weather
from xunhe.alerts.doubt import doubt_of
from xunhe.alerts.engine import decide
from xunhe.alerts.muting import Muted
from xunhe.alerts.rulebook import RuleBook
from xunhe.alerts.view import View
from xunhe.domain.incident import Finding, Rule
from xunhe.domain.observation import Sample
from xunhe.domain.registry import Registry
from xunhe.water.suspects import late
from xunhe.water.warning import Context


class Judge:
    """The one who decides about water. Not thread-safe: one thread calls it."""

    def __init__(self, registry: Registry, rules: RuleBook, book: IncidentBook) -> None:
        self._registry = registry
        self._rules = rules
        self._book = book
        self._quality = QualityControl(registry, rules.limits)
        self._weather = Weather()
        self._heard_at: dict[str, datetime] = {}
        self._active: dict[str, list[Finding]] = {}

    def start(self, now: datetime) -> None:
        """The gateway begins to listen: nobody has been silent before."""
        self._heard_at = dict.fromkeys(self._registry.stations, now)

    def heard(self, station: str, now: datetime) -> None:
        """An authentic frame has come from a station."""
        self._heard_at[station] = now

    def listen(self, connection: sa.Connection, now: datetime) -> None:
        """Look for stations that have fallen silent."""
        for code, station in self._registry.stations.items():
            finding = self._rules.unheard.find(station, self._heard_at[code], now)
            if finding and Rule.SILENT not in self._active_at(connection, code, now):
                self._active.pop(code, None)
                self._book.raise_finding(connection, finding, now)

    def begin(self, connection: sa.Connection) -> None:
        """A transaction begins: people may have entered something."""
        self._quality.begin(connection)
        self._weather.forget()

    def take(self, connection: sa.Connection, sample: Sample, now: datetime) -> None:
        """Judge a sample that has just been stored; one that came too late is only kept."""
        too_late = late(sample.time.timestamp(), now.timestamp())
        if too_late is not None:
            self._quality.keep(sample)
            decisions.set_apart(connection, sample.station, doubt_of(too_late), now)
            return
        qualified = self._quality.put(connection, sample)
        for doubt in qualified.doubts:
            decisions.set_apart(connection, sample.station, doubt, now)
        active = self._active_at(connection, sample.station, sample.time)
        wet = self._weather.spans(connection, sample.time)
        for decision in decide(self._rules, self._view(sample, qualified, wet), active):
            self._active.pop(sample.station, None)
            if isinstance(decision, Finding):
                self._book.raise_finding(connection, decision, now)
            elif isinstance(decision, Muted):
                self._book.mute(connection, decision, now)
            else:
                self._book.clear(connection, decision, now)

    def forget(self) -> None:
        """The transaction has failed: what is in memory may not be in the store."""
        self._quality.forget()
        self._active.clear()

    def _active_at(
        self, connection: sa.Connection, station: str, at: datetime
    ) -> dict[str, Finding]:
        """What the rules found up to an instant of the water and have not yet cleared.

        A late sample knows nothing of what was found in later water, and must not clear it.
        """
        if station not in self._active:
            self._active[station] = active_findings(connection, station)
        return {found.rule: found for found in self._active[station] if found.at <= at}

    def _view(self, sample: Sample, qualified: Qualified, wet: tuple[Span, ...] | None) -> View:
        reach = self._registry.reaches[self._registry.stations[sample.station].reach]
        times_s = next(iter(qualified.recent.values())).times_s
        return View(
            station=sample.station,
            target=reach.target,
            times_s=times_s,
            recent=qualified.recent,
            usable={prop: series.usable_values for prop, series in qualified.recent.items()},
            hours=qualified.hours,
            context=Context(OFFSET_S, wet, bool(qualified.maintained)),
            maintained=qualified.maintained,
            newest=len(times_s) - 1,
        )
