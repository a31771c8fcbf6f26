"""The present state of stations and reaches: the registry joined with the newest observations.

A doubtful value never judges water: only values whose flag lets the rules use them take part in a
class, and a station that has fallen silent says nothing about the water of today.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa

from xunhe.adapters.store import devices, queries
from xunhe.adapters.store.queries import ObservationRow
from xunhe.domain.classes import WaterClass
from xunhe.domain.observation import USABLE_FLAGS
from xunhe.domain.registry import Reach, Station
from xunhe.domain.status import BuoyStatus
from xunhe.water.classes import Judgement, class_of, single_factor
from xunhe.water.river_level import mean_values
from xunhe.web.console import Console
from xunhe.web.freshness import version_of
from xunhe.web.wording import PROPERTIES, Property


class Presence(Enum):
    """Whether a station speaks."""

    LIVE = "live"
    SILENT = "silent"  # nothing for `silent_intervals` of its intervals
    AWAITED = "awaited"  # nothing, ever


@dataclass(frozen=True, slots=True)
class Measured:
    """The newest value of one property."""

    shown: Property
    observation: ObservationRow

    @property
    def judged(self) -> float | None:
        """The value where it may judge water."""
        usable = self.observation.flag in USABLE_FLAGS
        return self.observation.value if usable else None

    @property
    def water_class(self) -> WaterClass | None:
        """Class of this value alone."""
        return None if self.judged is None else class_of(self.shown.name, self.judged)


@dataclass(frozen=True, slots=True)
class StationState:
    """A station as it stands now."""

    station: Station
    reach: Reach
    presence: Presence
    last_seen: datetime | None
    measured: tuple[Measured, ...]
    buoy: BuoyStatus | None  # what it says of itself

    @property
    def judgement(self) -> Judgement | None:
        """Class by its worst indicator, while the station is live."""
        return single_factor(self.judged_values)

    @property
    def judged_values(self) -> dict[str, float]:
        """The values that may judge water."""
        if self.presence is not Presence.LIVE:
            return {}
        return {m.shown.name: m.judged for m in self.measured if m.judged is not None}


def station_states(console: Console, connection: sa.Connection) -> list[StationState]:
    """Every registered station, in the order of the registry; made once for all who ask."""
    version = version_of(console, connection)
    return console.shared.get("stations", version, lambda: _states(console, connection))


def _states(console: Console, connection: sa.Connection) -> list[StationState]:
    stations, now = console.registry.stations, console.clock.now()
    buoys = devices.statuses(connection)
    newest = queries.latest_by_station(connection, stations, PROPERTIES)
    return [
        _state(console, station, newest.get(station.code, {}), buoys.get(station.code), now)
        for station in stations.values()
    ]


def reach_judgements(states: Iterable[StationState]) -> dict[str, Judgement]:
    """The class of each reach with a live station: the mean of each indicator over its stations,
    then the worst indicator (环办〔2011〕22号 for fewer than five sections)."""
    by_reach: dict[str, list[dict[str, float]]] = {}
    for state in states:
        by_reach.setdefault(state.station.reach, []).append(state.judged_values)
    judged = {reach: single_factor(mean_values(values)) for reach, values in by_reach.items()}
    return {reach: judgement for reach, judgement in judged.items() if judgement is not None}


def _state(
    console: Console,
    station: Station,
    found: dict[str, ObservationRow],
    buoy: BuoyStatus | None,
    now: datetime,
) -> StationState:
    measured = tuple(
        Measured(PROPERTIES[name], found[name]) for name in PROPERTIES if name in found
    )
    last_seen = max((row.time for row in found.values()), default=None)
    patience = timedelta(seconds=station.interval_s * console.silent_intervals)
    if last_seen is None:
        presence = Presence.AWAITED
    else:
        presence = Presence.LIVE if now - last_seen <= patience else Presence.SILENT
    reach = console.registry.reaches[station.reach]
    return StationState(station, reach, presence, last_seen, measured, buoy)
