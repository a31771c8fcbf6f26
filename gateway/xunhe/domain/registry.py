"""The registry: reaches, what stands and lies along them, posts and who holds them.

A duty belongs to a post; a person holds the post from one instant to another.
A registry is built whole or not at all: `RegistryError` lists everything that is wrong with it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from xunhe.domain.camera import Camera
from xunhe.domain.classes import WaterClass
from xunhe.domain.consistency import (
    coverage_problems,
    office_problems,
    outfall_problems,
    water_problems,
)
from xunhe.domain.offices import Department, Level, Subject, Unit, lineage
from xunhe.domain.outfall_file import OutfallKind, Remedy
from xunhe.domain.planned_route import PlannedRoute
from xunhe.domain.riverside import Intake, Section, Source
from xunhe.domain.sign_board import SignBoard
from xunhe.domain.water_bodies import Lake, River


class RegistryError(ValueError):
    """What is wrong with a registry, one sentence a problem, each naming its subject."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class VelocityBasis(StrEnum):
    """Where a reach's velocity comes from, the surest first."""

    MEASURED = "measured"  # 实测
    LEVEL = "level"  # 由水位推算
    ASSUMED = "assumed"  # 估计

    @property
    def label_zh(self) -> str:
        """The desk's word."""
        return {"measured": "实测", "level": "由水位推算", "assumed": "估计"}[self]


@dataclass(frozen=True, slots=True)
class Reach:
    """A stretch of river (河段); `line` is WGS-84 (lon, lat) in the direction of flow.

    `velocity_m_s` is the likely one; nine times in ten the true one lies in `velocity_range_m_s`,
    left out where nobody has said. `velocity_at_level` are pairs (level_m, velocity_m_s) with
    ascending levels, for a reach whose level is known.
    """

    code: str
    name: str
    name_en: str
    river: str
    downstream: str | None
    length_m: float
    velocity_m_s: float
    discharge_m3_s: float
    dispersion_m2_s: float
    target: WaterClass
    line: tuple[tuple[float, float], ...]
    velocity_basis: VelocityBasis = VelocityBasis.ASSUMED
    velocity_range_m_s: tuple[float, float] | None = None
    velocity_at_level: tuple[tuple[float, float], ...] = ()
    official_code: str | None = None  # DB34/T 3735.1


@dataclass(frozen=True, slots=True)
class Station:
    """A buoy's place: `position_m` is the distance from the head of its reach."""

    code: str
    name: str
    name_en: str
    reach: str
    position_m: float
    lon_lat: tuple[float, float]
    interval_s: int


@dataclass(frozen=True, slots=True)
class Outfall:
    """An outfall into the river (入河排污口) and its file (一口一档).

    `owner` is an enterprise or office, `permit` the number of its permit (None: it has none),
    `stations` the buoys that stand below it.
    """

    code: str
    name: str
    name_en: str
    reach: str
    position_m: float
    lon_lat: tuple[float, float]
    kind: OutfallKind = OutfallKind.OTHER
    owner: str = ""
    permit: str | None = None
    flow_m3_d: float | None = None
    remedy: Remedy = Remedy.NONE
    stations: tuple[str, ...] = ()


Place = Station | Outfall | Camera | Source | Section | Intake | SignBoard


@dataclass(frozen=True, slots=True)
class Post:
    """An office that answers for reaches and lakes, such as the village chief of R1.

    `unit` is that of its administration, None where units are not registered.
    """

    code: str
    title: str
    title_en: str
    level: Level
    reaches: tuple[str, ...]
    lakes: tuple[str, ...] = ()
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can hold a post."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Tenure:
    """A person holds a post from `since` (inclusive) to `until` (exclusive; None = still)."""

    post: str
    person: str
    since: datetime
    until: datetime | None = None

    def holds_at(self, at: datetime) -> bool:
        """True where the person holds the post at this instant."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Registry:
    """Everything registered; consistent by construction, or `RegistryError`.

    Every reach and lake has exactly one post on each of `levels`. `leads` says which department
    leads in a category or group of problems, where the site differs from the usual.
    """

    reaches: dict[str, Reach]
    stations: dict[str, Station]
    outfalls: dict[str, Outfall]
    posts: dict[str, Post]
    persons: dict[str, Person]
    tenures: tuple[Tenure, ...]
    cameras: dict[str, Camera] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    sections: dict[str, Section] = field(default_factory=dict)
    intakes: dict[str, Intake] = field(default_factory=dict)
    boards: dict[str, SignBoard] = field(default_factory=dict)
    rivers: dict[str, River] = field(default_factory=dict)
    lakes: dict[str, Lake] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    departments: dict[str, Department] = field(default_factory=dict)
    levels: tuple[Level, ...] = tuple(Level)
    leads: dict[str, Subject] = field(default_factory=dict)
    routes: tuple[PlannedRoute, ...] = ()

    def __post_init__(self) -> None:
        problems = [
            *_reach_problems(self.reaches),
            *_place_problems(self),
            *_link_problems(self),
            *_post_problems(self),
            *_tenure_problems(self),
            *coverage_problems(self),
            *water_problems(self),
            *office_problems(self),
            *outfall_problems(self),
            *_route_problems(self),
        ]
        if problems:
            raise RegistryError(problems)

    def with_cameras(self, cameras: dict[str, Camera]) -> "Registry":
        """The same with other cameras. RegistryError where they do not fit in."""
        return replace(self, cameras=cameras)

    def places(self) -> Iterator[tuple[str, Mapping[str, Place]]]:
        """Every kind of place by name, with its places by code."""
        yield "station", self.stations
        yield "outfall", self.outfalls
        yield "camera", self.cameras
        yield "source", self.sources
        yield "section", self.sections
        yield "intake", self.intakes
        yield "board", self.boards

    def place(self, code: str) -> Place:
        """The place of this code. KeyError where there is none."""
        for _, places in self.places():
            if code in places:
                return places[code]
        raise KeyError(code)

    def knows(self, code: str) -> bool:
        """Is a place of this code registered?"""
        return any(code in places for _, places in self.places())

    def posts_of(self, water: str) -> list[Post]:
        """The posts that answer for a reach or lake, the nearest to the water first."""
        found = [
            post for post in self.posts.values() if water in post.reaches or water in post.lakes
        ]
        return sorted(found, key=lambda post: -post.level)

    def routes_of(self, post: str) -> list[PlannedRoute]:
        """The planned routes of a post's patrols."""
        return [route for route in self.routes if route.post == post]

    def units_of(self, post: str) -> list[Unit]:
        """The unit of a post and those above it; none where units are not registered."""
        unit = self.posts[post].unit
        return [] if unit is None else lineage(unit, self.units)

    def department_for(self, subject: Subject, post: str) -> Department | None:
        """The department in charge of a subject in the unit of a post or the nearest above it."""
        found = {
            department.unit: department
            for department in self.departments.values()
            if department.subject is subject
        }
        return next((found[unit.code] for unit in self.units_of(post) if unit.code in found), None)

    def holder(self, post: str, at: datetime) -> Person | None:
        """Who holds a post at an instant; None while it is vacant."""
        for tenure in self.tenures:
            if tenure.post == post and tenure.holds_at(at):
                return self.persons[tenure.person]
        return None


def _reach_problems(reaches: dict[str, Reach]) -> Iterator[str]:
    for reach in reaches.values():
        if reach.downstream is not None and reach.downstream not in reaches:
            yield f"reach {reach.code}: its downstream reach {reach.downstream} is not registered"
        if reach.length_m <= 0 or reach.velocity_m_s <= 0:
            yield f"reach {reach.code}: length_m and velocity_m_s must be above 0"
        if len(reach.line) < 2:
            yield f"reach {reach.code}: its line has fewer than two points"
        yield from _velocity_problems(reach)
    for code in reaches:
        if _flows_in_a_circle(code, reaches):
            yield f"reach {code}: following downstream from it never leaves a circle"


def _velocity_problems(reach: Reach) -> Iterator[str]:
    if reach.velocity_range_m_s is not None:
        low, high = reach.velocity_range_m_s
        if not 0 < low <= reach.velocity_m_s <= high:
            yield (
                f"reach {reach.code}: velocity_range_m_s {low:g} to {high:g} must be above 0 and"
                f" hold velocity_m_s {reach.velocity_m_s:g}"
            )
    levels = [level for level, _ in reach.velocity_at_level]
    if any(later <= earlier for earlier, later in pairwise(levels)):
        yield f"reach {reach.code}: the levels of velocity_at_level must ascend"
    if any(velocity <= 0 for _, velocity in reach.velocity_at_level):
        yield f"reach {reach.code}: the velocities of velocity_at_level must be above 0"


def _flows_in_a_circle(code: str, reaches: dict[str, Reach]) -> bool:
    seen: set[str] = set()
    at: str | None = code
    while at is not None and at in reaches:
        if at in seen:
            return True
        seen.add(at)
        at = reaches[at].downstream
    return False


def _place_problems(registry: Registry) -> Iterator[str]:
    places = [(kind, place) for kind, table in registry.places() for place in table.values()]
    counts = Counter(place.code for _, place in places)
    for code in sorted(code for code, count in counts.items() if count > 1):
        yield f"{code}: a code names one place, not {counts[code]}"
    for kind, place in places:
        reach = registry.reaches.get(place.reach)
        if reach is None:
            yield f"{kind} {place.code}: its reach {place.reach} is not registered"
        elif not 0 <= place.position_m <= reach.length_m:
            yield (
                f"{kind} {place.code}: position_m {place.position_m:g} is outside"
                f" reach {reach.code} (0 to {reach.length_m:g} m)"
            )


def _link_problems(registry: Registry) -> Iterator[str]:
    for source in registry.sources.values():
        if source.outfall is not None and source.outfall not in registry.outfalls:
            yield f"source {source.code}: its outfall {source.outfall} is not registered"
        if source.findings < 0 or (source.flow_m3_d is not None and source.flow_m3_d <= 0):
            yield f"source {source.code}: findings must not be below 0, flow_m3_d above 0"
    for section in registry.sections.values():
        if section.station is not None and section.station not in registry.stations:
            yield f"section {section.code}: its station {section.station} is not registered"


def _post_problems(registry: Registry) -> Iterator[str]:
    for post in registry.posts.values():
        for reach in post.reaches:
            if reach not in registry.reaches:
                yield f"post {post.code}: its reach {reach} is not registered"


def _route_problems(registry: Registry) -> Iterator[str]:
    for route in registry.routes:
        if route.post not in registry.posts:
            yield f"planned route {route.name}: its post {route.post} is not registered"


def _tenure_problems(registry: Registry) -> Iterator[str]:
    for tenure in registry.tenures:
        if tenure.post not in registry.posts:
            yield f"tenure of {tenure.person}: its post {tenure.post} is not registered"
        if tenure.person not in registry.persons:
            yield f"tenure of post {tenure.post}: its person {tenure.person} is not registered"
        if tenure.until is not None and tenure.until <= tenure.since:
            yield f"tenure of {tenure.person} at {tenure.post}: ends before it begins"
    for post in registry.posts:
        held = sorted((t for t in registry.tenures if t.post == post), key=lambda t: t.since)
        for one, other in pairwise(held):
            if one.until is None or other.since < one.until:
                yield f"post {post}: {one.person} and {other.person} hold it at the same time"
