"""The way that a post's patrol is meant to go (规划路线), where somebody has laid one down."""

from dataclasses import dataclass
from itertools import pairwise

from xunhe.domain.position import LonLat, distance_m


@dataclass(frozen=True, slots=True)
class PlannedRoute:
    """`line` is WGS-84 (lon, lat), two places or more. ValueError for fewer, or off the earth."""

    post: str
    name: str
    name_en: str
    line: tuple[LonLat, ...]

    def __post_init__(self) -> None:
        if len(self.line) < 2:
            raise ValueError("its line has fewer than two points")
        if any(not (-180 <= lon <= 180 and -90 <= lat <= 90) for lon, lat in self.line):
            raise ValueError("its line leaves the earth")

    @property
    def length_m(self) -> float:
        """Along its line."""
        return sum(distance_m(start, end) for start, end in pairwise(self.line))
