"""The reaches as a directed graph, and how long water takes along it."""

from dataclasses import dataclass

from xunhe.domain.registry import Registry


@dataclass(frozen=True, slots=True)
class Network:
    """Travel times between the registered places of one river system."""

    registry: Registry

    def travel_s(self, upstream: str, downstream: str) -> float | None:
        """Seconds of advection from one place to another; None where no water flows that way.

        Places are codes of stations, outfalls and cameras. Zero between a place and itself. Mean
        velocity of each reach, no dispersion.
        """
        if not self.registry.knows(upstream) or not self.registry.knows(downstream):
            return None  # a camera that has been taken away
        start = self.registry.place(upstream)
        goal = self.registry.place(downstream)
        position_m, code, travelled_s = start.position_m, start.reach, 0.0
        while code != goal.reach:
            reach = self.registry.reaches[code]
            if reach.downstream is None:
                return None
            travelled_s += (reach.length_m - position_m) / reach.velocity_m_s
            position_m, code = 0.0, reach.downstream
        if goal.position_m < position_m:
            return None
        reach = self.registry.reaches[code]
        return travelled_s + (goal.position_m - position_m) / reach.velocity_m_s
