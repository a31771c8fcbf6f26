"""Where on the river a position lies: the reach, and how far down it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, pairwise

from xunhe.domain.position import LonLat, distance_m, nearest_on_line
from xunhe.domain.registry import Reach

FARTHEST_M = 200.0  # a river's half width and its banks


@dataclass(frozen=True, slots=True)
class RiverPlace:
    """`position_m` from the head of the reach, along its registered length.

    `off_line_m` is the distance to the reach's line, above zero on the left in the direction of
    flow.
    """

    reach: str
    position_m: float
    off_line_m: float

    @property
    def kilometre(self) -> float:
        """On the reach."""
        return self.position_m / 1000


def snapped(
    position: LonLat, reaches: Iterable[Reach], farthest_m: float = FARTHEST_M
) -> RiverPlace | None:
    """The place on the nearest reach; None where none is near enough."""
    places = [_on(reach, position) for reach in reaches]
    best = min(places, key=lambda place: abs(place.off_line_m), default=None)
    return best if best is not None and abs(best.off_line_m) <= farthest_m else None


def _on(reach: Reach, position: LonLat) -> RiverPlace:
    part, share, off_m = nearest_on_line(position, reach.line)
    lengths = [distance_m(start, end) for start, end in pairwise(reach.line)]
    before = [0.0, *accumulate(lengths)]
    along = (before[part] + share * lengths[part]) / before[-1] if before[-1] else 0.0
    return RiverPlace(reach.code, along * reach.length_m, off_m)
