"""The scores of all units and posts over a quarter or a year, from a tally of the log.

Lights count as they were published. `differences` tells where a circular that was published is not
what the log gives under the present rules.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from xunhe.desk import patrols
from xunhe.desk.circular import Circular, Row
from xunhe.desk.lights import Light
from xunhe.desk.patrols import Made, Patrol
from xunhe.desk.periods import Period, Span
from xunhe.desk.scores import OF_GRADE, Ground, Score, score
from xunhe.desk.seats import Seats
from xunhe.desk.tally import Tally
from xunhe.settings import PatrolSettings, SupervisionSettings

_OF_LIGHT = {Light.RED: Ground.RED, Light.YELLOW: Ground.YELLOW}


@dataclass(frozen=True, slots=True)
class Counted:
    """Something that counts in the score of a unit and of a post; "" where of none."""

    ground: Ground
    unit: str
    post: str
    times: float = 1


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of a period by the codes of units and of posts."""

    period: Period
    units: Mapping[str, Score]
    posts: Mapping[str, Score]


def scores(tally: Tally, period: Period, rules: SupervisionSettings, as_of: datetime) -> Scores:
    """The scores of a period from the tally of a log up to `as_of`."""
    seats = tally.seats
    units: dict[str, dict[Ground, float]] = defaultdict(lambda: defaultdict(float))
    posts: dict[str, dict[Ground, float]] = defaultdict(lambda: defaultdict(float))
    for one in counted(tally, period, rules, as_of):
        units[one.unit][one.ground] += one.times
        posts[one.post][one.ground] += one.times
    of_units = sorted({*seats.units, *map(seats.unit_of, seats.posts)})
    return Scores(
        period,
        {unit: score(units[unit], rules.scores) for unit in of_units},
        {post: score(posts[post], rules.scores) for post in sorted(seats.posts)},
    )


def counted(
    tally: Tally, period: Period, rules: SupervisionSettings, as_of: datetime
) -> Iterator[Counted]:
    """Everything that counts in a period."""
    unit_of = tally.seats.unit_of
    yield from _of_circulars(tally.published, period)
    for reported in tally.repeated:
        problem = tally.problems[reported.problem]
        if period.contains(reported.at) and problem.is_real:
            yield Counted(Ground.REPEAT_REPORTS, unit_of(problem.post), problem.post)
    for post, made in patrols_made(
        tally.patrols, tally.seats, rules.patrols, period, as_of
    ).items():
        yield Counted(Ground.PATROL_MISSING, unit_of(post), post, made.missing)
    start, end = period.start, period.end
    found = (one for one in tally.problems.values() if start <= one.opened_at < end)
    for _, post in patrols.missed(found, tally.patrols, rules.patrols.missed_days):
        yield Counted(Ground.PROBLEM_MISSED, unit_of(post), post)
    yield from _of_year(tally, period.year)


def differences(tally: Tally) -> list[Period]:
    """Months whose published circular is not the one that the log gives under these rules."""
    return [
        month
        for month, published in sorted(tally.published.items())
        if tally.circulars.get(month) != published
    ]


def patrols_made(
    walked: Iterable[Patrol], seats: Seats, rules: PatrolSettings, period: Period, as_of: datetime
) -> dict[str, Made]:
    """What every post owed and did."""
    by_post: dict[str, list[Patrol]] = defaultdict(list)
    for patrol in walked:
        by_post[patrol.post].append(patrol)
    return {
        code: patrols.made(by_post[code], patrols.rule_of(post.level, rules), period, as_of)
        for code, post in seats.posts.items()
    }


def _of_circulars(published: Mapping[Period, Circular], period: Period) -> Iterator[Counted]:
    """Each red and yellow, and each difficult matter that never had one."""
    last: dict[str, Row] = {}
    not_green: set[str] = set()
    for month in period.parts(Span.MONTH):
        for row in published[month].rows if month in published else ():
            if row.is_difficult:
                last[row.subject] = row
            if row.light in _OF_LIGHT:
                not_green.add(row.subject)
                yield Counted(_OF_LIGHT[row.light], row.unit, row.post)
    for subject, row in last.items():
        if subject not in not_green:
            yield Counted(Ground.DIFFICULT_GREEN, row.unit, row.post)


def _of_year(tally: Tally, year: int) -> Iterator[Counted]:
    """What a unit alone is answered for: its grade, and its sections' water."""
    for (unit, of), grade in sorted(tally.grades.items()):
        if of == year and grade in OF_GRADE:
            yield Counted(OF_GRADE[grade], unit, "")
    for found in tally.improvements:
        if found.year == year and found.rate > 0:
            yield Counted(Ground.WATER_BETTER, found.unit, "", found.rate)
        elif found.year == year and found.rate < 0:
            yield Counted(Ground.WATER_WORSE, found.unit, "")
