"""Who is supervised: the posts, and the units that answer for them."""

from collections.abc import Mapping
from dataclasses import dataclass

from xunhe.domain.offices import Level
from xunhe.domain.registry import Post, Registry


@dataclass(frozen=True, slots=True)
class Seats:
    """Posts by code, and the level of every unit by its code."""

    posts: Mapping[str, Post]
    units: Mapping[str, Level]

    def unit_of(self, post: str) -> str:
        """The unit of a post; where units are not registered, the post stands for its own."""
        found = self.posts.get(post)
        return post if found is None or found.unit is None else found.unit


def seats_of(registry: Registry) -> Seats:
    """The seats of a registry."""
    units = {code: unit.level for code, unit in registry.units.items()}
    return Seats(registry.posts, units)
