"""The water of reaches today: class against target, and what was measured."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import sqlalchemy as sa

from xunhe.adapters.store import queries
from xunhe.domain.registry import Reach
from xunhe.water.classes import Judgement
from xunhe.web.console import Console
from xunhe.web.waters import StationState, reach_judgements, station_states


@dataclass(frozen=True, slots=True)
class ReachWater:
    """A reach, its class, its stations, and how many tickets are open on it."""

    reach: Reach
    judgement: Judgement | None
    stations: tuple[StationState, ...]
    open_tickets: int

    @property
    def meets_target(self) -> bool | None:
        """At its target class or better; None where nothing is measured."""
        return None if self.judgement is None else self.judgement.water_class <= self.reach.target


def reach_waters(
    console: Console, connection: sa.Connection, within: AbstractSet[str] | None
) -> list[ReachWater]:
    """The reaches that somebody may see (None: all), those that miss their target first."""
    states = station_states(console, connection)
    judgements = reach_judgements(states)
    tickets = queries.open_tickets_by_reach(connection)
    found = [
        ReachWater(
            reach,
            judgements.get(reach.code),
            tuple(state for state in states if state.station.reach == reach.code),
            len(tickets.get(reach.code, ())),
        )
        for reach in console.registry.reaches.values()
        if within is None or reach.code in within
    ]
    return sorted(found, key=lambda water: water.meets_target is not False)
