"""Watches all stations: keeps their recent samples and what is active, and asks the rules.

The state here follows from the store; after a failed transaction it is thrown away and read anew.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from xunhe.alerts.history import History
from xunhe.alerts.rules import Decision, evaluate
from xunhe.domain.incident import Cleared, Finding, Rule, Severity
from xunhe.domain.observation import Sample
from xunhe.domain.registry import Registry, Station
from xunhe.settings import RuleSettings


class Watch:
    """The rules' memory of every station."""

    def __init__(
        self,
        registry: Registry,
        settings: RuleSettings,
        past: Iterable[Sample] = (),
        active: Iterable[Finding] = (),
    ) -> None:
        self._registry = registry
        self._settings = settings
        keep = timedelta(seconds=settings.baseline_from_s) + timedelta(hours=1)
        self._histories = {code: History(keep) for code in registry.stations}
        self._active: dict[tuple[str, Rule], Finding] = {(f.station, f.rule): f for f in active}
        for sample in past:
            if sample.station in self._histories:
                self._histories[sample.station].add(sample)

    def see(self, sample: Sample) -> list[Decision]:
        """Decisions that a new sample brings, judged at its own time."""
        history = self._histories[sample.station]
        history.add(sample)
        reach = self._registry.reaches[self._registry.stations[sample.station].reach]
        active = {rule: f for (code, rule), f in self._active.items() if code == sample.station}
        decisions = evaluate(history.until(sample.time), reach.target, active, self._settings)
        if Rule.SILENT in active:
            decisions.append(Cleared(Rule.SILENT, sample.station, sample.time))
        return self._remember(decisions)

    def listen(self, heard_at: dict[str, datetime], now: datetime) -> list[Decision]:
        """Stations that have been silent for too long. `heard_at`: when each was last heard."""
        silent = [
            _silent(station, now - heard_at[code], now)
            for code, station in self._registry.stations.items()
            if code in heard_at
            and (code, Rule.SILENT) not in self._active
            and now - heard_at[code] > self._settings.silent_intervals * _interval(station)
        ]
        return self._remember(list(silent))

    def _remember(self, decisions: list[Decision]) -> list[Decision]:
        for decision in decisions:
            if isinstance(decision, Finding):
                self._active[decision.station, decision.rule] = decision
            else:
                self._active.pop((decision.station, decision.rule), None)
        return decisions


def _interval(station: Station) -> timedelta:
    return timedelta(seconds=station.interval_s)


def _silent(station: Station, silence: timedelta, now: datetime) -> Finding:
    minutes = round(silence.total_seconds() / 60)
    return Finding(
        Rule.SILENT,
        station.code,
        "silence",
        now,
        Severity.MINOR,
        None,
        None,
        f"{station.name}已{minutes}分钟没有数据：请检查供电、网络和浮标",
        f"no data from {station.name_en} for {minutes} min: check power, network and the buoy",
    )
