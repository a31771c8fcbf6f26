"""What must hold between the parts of a registry: chiefs of waters, units, official codes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from xunhe.domain.codes import Coded
from xunhe.domain.offices import Level, department_problems, unit_problems
from xunhe.domain.water_bodies import code_problems, lake_problems, river_problems

if TYPE_CHECKING:
    from xunhe.domain.registry import Post, Registry


def coverage_problems(registry: "Registry") -> Iterator[str]:
    """Every reach and lake has exactly one chief on each level: its gaps, and its overlaps."""
    posts: defaultdict[str, list[Post]] = defaultdict(list)
    for post in registry.posts.values():
        for water in {*post.reaches, *post.lakes}:
            posts[water].append(post)
    for kind, waters in (("reach", registry.reaches), ("lake", registry.lakes)):
        for water in waters:
            yield from _level_problems(f"{kind} {water}", posts[water], registry.levels)


def _level_problems(water: str, posts: Sequence["Post"], levels: Iterable[Level]) -> Iterator[str]:
    for level in levels:
        codes = [post.code for post in posts if post.level is level]
        if len(codes) != 1:
            which = f": {', '.join(codes)}" if codes else ""
            yield f"{water}: {len(codes)} posts at {level.label_en} level, must be 1{which}"


def water_problems(registry: "Registry") -> Iterator[str]:
    """Lakes and rivers fit the reaches; official codes have their form and name one water each."""
    reaches, lakes, rivers = registry.reaches, registry.lakes, registry.rivers
    yield from lake_problems(lakes, reaches)
    for post in registry.posts.values():
        for lake in post.lakes:
            if lake not in lakes:
                yield f"post {post.code}: its lake {lake} is not registered"
    yield from river_problems(rivers, {reach.code: reach.river for reach in reaches.values()})
    yield from code_problems(
        [
            *((Coded.RIVER, river.code, river.official_code) for river in rivers.values()),
            *((Coded.REACH, reach.code, reach.official_code) for reach in reaches.values()),
            *((Coded(lake.kind), lake.code, lake.official_code) for lake in lakes.values()),
        ]
    )


def office_problems(registry: "Registry") -> Iterator[str]:
    """Units, departments and posts fit each other; boundaries lie between registered units."""
    units = registry.units
    yield from unit_problems(units)
    yield from department_problems(registry.departments, units)
    for code in sorted(registry.departments.keys() & registry.posts.keys()):
        yield f"department {code}: a post has this code already"
    for post in registry.posts.values():
        if post.unit is not None and post.unit not in units:
            yield f"post {post.code}: its unit {post.unit} is not registered"
        elif post.unit is not None and units[post.unit].level is not post.level:
            level = units[post.unit].level.label_en
            yield (
                f"post {post.code}: it is at {post.level.label_en} level, its unit {post.unit}"
                f" at {level} level"
            )
    for section in registry.sections.values():
        for unit in (section.upstream_unit, section.downstream_unit):
            if unit is not None and unit not in units:
                yield f"section {section.code}: its unit {unit} is not registered"


def outfall_problems(registry: "Registry") -> Iterator[str]:
    """The buoys of an outfall's file are registered."""
    for outfall in registry.outfalls.values():
        for station in outfall.stations:
            if station not in registry.stations:
                yield f"outfall {outfall.code}: its station {station} is not registered"
        if outfall.flow_m3_d is not None and outfall.flow_m3_d <= 0:
            yield f"outfall {outfall.code}: flow_m3_d must be above 0"
