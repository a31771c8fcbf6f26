"""The reaches as a directed graph, and how long water takes along it."""

from dataclasses import dataclass

from xunhe.domain.registry import Reach, Registry


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of a way: `metres` within one reach."""

    reach: Reach
    metres: float


@dataclass(frozen=True, slots=True)
class Network:
    """Ways of the water between the registered places of one river system."""

    registry: Registry

    def way(self, upstream: str, downstream: str) -> tuple[Leg, ...] | None:
        """The legs from one place to another; None where no water flows that way.

        Places are codes of anything registered along the river.
        """
        if not self.registry.knows(downstream):
            return None  # a camera that has been taken away
        goal = self.registry.place(downstream)
        return self._way(upstream, goal.reach, goal.position_m)

    def way_to_reach(self, upstream: str, reach: str) -> tuple[Leg, ...] | None:
        """The legs from a place to the head of a reach; None where no water flows that way."""
        return self._way(upstream, reach, 0.0)

    def _way(self, upstream: str, goal: str, goal_m: float) -> tuple[Leg, ...] | None:
        if not self.registry.knows(upstream):
            return None
        start = self.registry.place(upstream)
        position_m, reach = start.position_m, self.registry.reaches[start.reach]
        legs: list[Leg] = []
        while reach.code != goal:
            if reach.downstream is None:
                return None
            legs.append(Leg(reach, reach.length_m - position_m))
            position_m, reach = 0.0, self.registry.reaches[reach.downstream]
        return (*legs, Leg(reach, goal_m - position_m)) if goal_m >= position_m else None

    def travel_s(self, upstream: str, downstream: str) -> float | None:
        """Seconds of advection from one place to another; None where no water flows that way.

        Zero between a place and itself. Likely velocity of each reach, no dispersion.
        """
        way = self.way(upstream, downstream)
        return None if way is None else sum(leg.metres / leg.reach.velocity_m_s for leg in way)
