"""The report of a month, quarter or year (月报送、季通报、年总结): figures only, nothing typed in.

One `Material` goes in, from the tables or from the log; `report` counts it. Words and paper are
made of it elsewhere.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import mean, median

from xunhe.desk import indicators, patrols
from xunhe.desk.circular import Circular
from xunhe.desk.indicators import Indicators
from xunhe.desk.lights import Light
from xunhe.desk.lists import Exposure, Progress, progress
from xunhe.desk.lookback import LookBack
from xunhe.desk.patrols import Made, Patrol
from xunhe.desk.periods import Period
from xunhe.desk.problems import Finding
from xunhe.desk.scoring import patrols_made
from xunhe.desk.seats import Seats
from xunhe.desk.tasks import ListKind, Task
from xunhe.domain.incident import Severity
from xunhe.domain.offices import Level
from xunhe.domain.ticket import Source
from xunhe.settings import PatrolSettings


@dataclass(frozen=True, slots=True)
class Material:
    """What a report is counted from. `problems`: those that were found or closed in the period."""

    period: Period
    as_of: datetime
    seats: Seats
    problems: Sequence[Finding]
    still_open: int
    patrols: Sequence[Patrol]
    exposure: Exposure
    circulars: Sequence[Circular] = ()
    tasks: Sequence[Task] = ()
    steps: Mapping[str, int] = field(default_factory=dict)
    lookbacks: Sequence[LookBack] = ()
    ratings: Sequence[int] = ()
    meets_target: Sequence[bool] = ()
    late_returns: Sequence[str] = ()
    missing_returns: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Handling:
    """How long problems of a category took from discovery to 销号, hours; of those closed."""

    category: str
    closed: int
    mean_h: float
    median_h: float
    p90_h: float


@dataclass(frozen=True, slots=True)
class OfLevel:
    """One level of chiefs: what they walked and found, and what others found (row 55)."""

    level: Level
    posts: int
    patrols: int
    patrol: indicators.Rate
    found: int
    severe_found: int
    severe_by_others: int
    missed: int


@dataclass(frozen=True, slots=True)
class NotSeen:
    """Problems of a category that sensors, citizens and inspections found, patrols did not."""

    category: str
    sensors: int
    public: int
    inspections: int
    missed: int  # of these, on a reach that had been walked clean shortly before


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a period as of an instant."""

    period: Period
    as_of: datetime
    found: int
    closed: int
    still_open: int
    dismissed: int  # 误报、不予受理、合并
    by_source: Mapping[Source, int]
    indicators: Indicators
    handling: tuple[Handling, ...]
    levels: tuple[OfLevel, ...]
    not_seen: tuple[NotSeen, ...]
    lights: Mapping[str, Mapping[Light, int]]  # by the month's label
    steps: Mapping[str, int]
    exposure: Exposure
    major: Progress
    measures: Progress
    lookbacks: tuple[LookBack, ...]
    late_returns: tuple[str, ...]
    missing_returns: tuple[str, ...]


_SENSORS = frozenset({Source.BUOY, Source.CAMERA, Source.DRONE})
_PUBLIC = frozenset({Source.CITIZEN, Source.HOTLINE})


def report(material: Material, rules: PatrolSettings) -> Report:
    """The report of a period."""
    period, as_of = material.period, material.as_of
    start, end = period.start, period.end
    found = [one for one in material.problems if start <= one.opened_at < end]
    real = [one for one in found if one.is_real]
    until = min(end, as_of)
    closed = [one for one in material.problems if _closed_in(one, start, until)]
    missed = patrols.missed(found, material.patrols, rules.missed_days)
    walked = patrols_made(material.patrols, material.seats, rules, period, as_of)
    return Report(
        period=period,
        as_of=as_of,
        found=len(real),
        closed=len(closed),
        still_open=material.still_open,
        dismissed=len(found) - len(real),
        by_source=Counter(one.source for one in real),
        indicators=Indicators(
            patrol=indicators.patrol_rate(walked.values()),
            discovery=indicators.discovery_rate(real),
            disposal=indicators.disposal_rate(real, as_of),
            water=indicators.water_rate(material.meets_target),
            satisfaction=indicators.satisfaction_rate(material.ratings),
        ),
        handling=tuple(_handling(closed)),
        levels=tuple(_levels(material, real, walked, Counter(post for _, post in missed))),
        not_seen=tuple(_not_seen(real, {one.id for one, _ in missed})),
        lights={
            made.month.label: {light: made.count(light) for light in Light}
            for made in material.circulars
        },
        steps=dict(material.steps),
        exposure=material.exposure,
        major=progress(material.tasks, ListKind.MAJOR),
        measures=progress(material.tasks, ListKind.MEASURES),
        lookbacks=tuple(material.lookbacks),
        late_returns=tuple(material.late_returns),
        missing_returns=tuple(material.missing_returns),
    )


def _closed_in(one: Finding, start: datetime, end: datetime) -> bool:
    return one.closed_at is not None and start <= one.closed_at < end


def _handling(closed: Iterable[Finding]) -> Iterator[Handling]:
    by_category: dict[str, list[float]] = defaultdict(list)
    for one in closed:
        if one.closed_at is not None:
            taken = (one.closed_at - one.opened_at) / timedelta(hours=1)
            by_category[one.category].append(taken)
    for category, hours in sorted(by_category.items()):
        hours.sort()
        p90 = hours[-(-9 * len(hours) // 10) - 1]  # the nearest rank
        yield Handling(category, len(hours), mean(hours), median(hours), p90)


def _levels(
    material: Material, real: Sequence[Finding], made: Mapping[str, Made], missed: Counter[str]
) -> Iterator[OfLevel]:
    by_id = {one.id: one for one in real}
    severe_by_others = Counter(
        one.reach
        for one in real
        if one.severity is Severity.SEVERE and one.source is not Source.CHIEF
    )
    start, end = material.period.start, material.period.end
    in_period = [one for one in material.patrols if start <= one.started_at < end]
    for level in Level:
        posts = {code: at for code, at in material.seats.posts.items() if at.level is level}
        walked = [one for one in in_period if one.post in posts]
        found = {one for patrol in walked for one in patrol.problems if one in by_id}
        reaches = {reach for post in posts.values() for reach in post.reaches}
        yield OfLevel(
            level=level,
            posts=len(posts),
            patrols=len(walked),
            patrol=indicators.patrol_rate(made[code] for code in posts),
            found=len(found),
            severe_found=sum(by_id[one].severity is Severity.SEVERE for one in found),
            severe_by_others=sum(severe_by_others[reach] for reach in reaches),
            missed=sum(missed[code] for code in posts),
        )


def _not_seen(real: Iterable[Finding], missed: set[int]) -> Iterator[NotSeen]:
    by_category: dict[str, list[Finding]] = defaultdict(list)
    for one in real:
        if one.source is not Source.CHIEF:
            by_category[one.category].append(one)
    for category, others in sorted(by_category.items()):
        yield NotSeen(
            category,
            sum(one.source in _SENSORS for one in others),
            sum(one.source in _PUBLIC for one in others),
            sum(one.source is Source.INSPECTION for one in others),
            sum(one.id in missed for one in others),
        )
