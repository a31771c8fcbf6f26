"""A station that is not heard. Not its samples tell this but the clock: `find` is asked by it."""

from datetime import datetime, timedelta
from typing import Literal

from xunhe.alerts.rules.base import Departure, RuleBase
from xunhe.alerts.view import View
from xunhe.alerts.words import Words
from xunhe.domain.incident import Finding, Kind, Rule, Severity
from xunhe.domain.registry import Station
from xunhe.settings import Positive


class UnheardRule(RuleBase):
    """Nothing for `intervals` of the station's own sampling interval; any sample ends it."""

    looks_for: Literal["unheard"]
    intervals: Positive = 15
    incident: Kind = Kind.SILENT_STATION
    severity: Severity = Severity.MINOR

    def look(self, view: View) -> Departure | None:
        """Never: a station whose sample is here is not silent."""
        return None

    def over(self, view: View, found: Finding) -> Words | None:
        """Always: here is a sample."""
        return Words("重新收到数据", "heard again")

    def find(self, station: Station, heard_at: datetime, now: datetime) -> Finding | None:
        """A finding where nothing came from the station for too long."""
        quiet_for = now - heard_at
        if not self.applies_to(station.code) or quiet_for <= timedelta(
            seconds=self.intervals * station.interval_s
        ):
            return None
        minutes = round(quiet_for.total_seconds() / 60)
        return Finding(
            Rule.SILENT,
            station.code,
            "silence",
            now,
            self.severity,
            None,
            None,
            f"{station.name}已{minutes}分钟没有数据：请检查供电、网络和浮标",
            f"no data from {station.name_en} for {minutes} min: check power, network and the buoy",
        )
