"""A patrol beside the routes that were planned for its post: what of them was walked."""

from collections.abc import Iterable
from dataclasses import dataclass

from xunhe.desk.track import Track, followed
from xunhe.domain.planned_route import PlannedRoute
from xunhe.domain.position import LonLat


@dataclass(frozen=True, slots=True)
class Compared:
    """A planned route; `share` (0 to 1) of it was walked, `missed` are the parts that were not."""

    route: PlannedRoute
    share: float
    missed: tuple[tuple[LonLat, ...], ...]

    @property
    def missed_m(self) -> float:
        """How much of it was not walked."""
        return (1 - self.share) * self.route.length_m


def compared(track: Track, routes: Iterable[PlannedRoute]) -> tuple[Compared, ...]:
    """With each route that was walked at all, the most walked first; with every one where none was.

    A post may have a route for each bank: the one that was left for another day is not missed.
    """
    every = [Compared(route, *followed(track, route.line)) for route in routes]
    begun = [one for one in every if one.share]
    return tuple(sorted(begun or every, key=lambda one: -one.share))
