"""A flight along the river: where the drone was, what water it saw, what it found."""

from dataclasses import dataclass
from datetime import datetime

from xunhe.domain.finding import FindingKind, FlightFinding
from xunhe.domain.position import LonLat

DENSITY_STEP_M = 100.0


@dataclass(frozen=True, slots=True)
class PathPoint:
    """Where the drone was at a second of the film; `at` is aware UTC, None without a clock."""

    time_s: float
    at: datetime | None
    lon_lat: LonLat
    height_m: float | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a reach, metres from its head."""

    from_m: float
    to_m: float

    @property
    def length_m(self) -> float:
        """Along the reach."""
        return self.to_m - self.from_m


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a reach's water the pictures show: `seen` in ascending order, apart."""

    reach: str
    length_m: float
    seen: tuple[Stretch, ...]

    @property
    def seen_m(self) -> float:
        """Of the reach."""
        return sum(part.length_m for part in self.seen)

    @property
    def share(self) -> float:
        """Of the reach, 0 to 1."""
        return self.seen_m / self.length_m

    @property
    def unseen(self) -> tuple[Stretch, ...]:
        """What lies between, before and after."""
        begins = (0.0, *(part.to_m for part in self.seen))
        ends = (*(part.from_m for part in self.seen), self.length_m)
        gaps = (Stretch(begin, end) for begin, end in zip(begins, ends, strict=True))
        return tuple(gap for gap in gaps if gap.length_m > 0)


@dataclass(frozen=True, slots=True)
class Density:
    """Pieces of litter on a stretch of a reach that was seen, and the water they cover."""

    stretch: Stretch
    count: int
    area_m2: float


@dataclass(frozen=True, slots=True)
class Flight:
    """One film with what was found in it.

    `id` is made from the film's content, so that the same film reported twice is the same flight.
    `film` is its file name, `drone` the maker's name or a site's, None where nobody says.
    `started_at`, `ended_at` are aware UTC, None without a clock; `path` is empty without telemetry,
    `coverage` None without telemetry or reach. `density` covers each `DENSITY_STEP_M` of the reach
    of which some was seen. `compared_with` is the id of the flight that statuses refer to.
    `models` says by what was looked: name → SHA-256. `notes` are (Chinese, English) for the reader:
    what was assumed, estimated, or could not be done.
    """

    id: str
    film: str
    drone: str | None
    reach: str | None
    started_at: datetime | None
    ended_at: datetime | None
    lasts_s: float
    path: tuple[PathPoint, ...]
    coverage: Coverage | None
    density: tuple[Density, ...]
    findings: tuple[FlightFinding, ...]
    frames_looked_at: int
    compared_with: str | None
    models: dict[str, str]
    notes: tuple[tuple[str, str], ...] = ()

    def of_kind(self, kind: FindingKind) -> tuple[FlightFinding, ...]:
        """What is there of one kind."""
        return tuple(one for one in self.findings if one.kind is kind and one.is_there)
