"""The scores of all units and posts over a quarter or a year, from a tally of the log.

Lights count as they were published. `differences` tells where a circular that was published is not
what the log gives under the present rules.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from xunhe.desk import patrols
from xunhe.desk.circular import Row
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
    """Something that counts in the score of a unit and of a post; "" where of none.

    `subject` is what it is about, as in the log, and `seq` the entry that it stands in; 0 where it
    is about what is not there: a patrol that was not made.
    """

    ground: Ground
    unit: str
    post: str
    subject: str
    seq: int = 0
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
    yield from _of_circulars(tally, period)
    for reported in tally.repeated:
        problem = tally.problems[reported.problem]
        if period.contains(reported.at) and problem.is_real:
            unit, subject = unit_of(problem.post), problem.subject
            yield Counted(Ground.REPEAT_REPORTS, unit, problem.post, subject, reported.seq)
    for post, made in patrols_made(
        tally.patrols, tally.seats, rules.patrols, period, as_of
    ).items():
        if made.missing:
            unit = unit_of(post)
            yield Counted(Ground.PATROL_MISSING, unit, post, f"post:{post}", times=made.missing)
    start, end = period.start, period.end
    found = (one.finding for one in tally.problems.values() if start <= one.opened_at < end)
    for finding, post in patrols.missed(found, tally.patrols, rules.patrols.missed_days):
        yield Counted(Ground.PROBLEM_MISSED, unit_of(post), post, f"ticket:{finding.id}")
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


def _of_circulars(tally: Tally, period: Period) -> Iterator[Counted]:
    """Each red and yellow, and each difficult matter that never had one."""
    last: dict[str, tuple[Row, int]] = {}
    not_green: set[str] = set()
    for month in period.parts(Span.MONTH):
        if month not in tally.published:
            continue
        seq = tally.published_by[month]
        for row in tally.published[month].rows:
            if row.is_difficult:
                last[row.subject] = row, seq
            if row.light in _OF_LIGHT:
                not_green.add(row.subject)
                yield Counted(_OF_LIGHT[row.light], row.unit, row.post, row.subject, seq)
    for subject, (row, seq) in last.items():
        if subject not in not_green:
            yield Counted(Ground.DIFFICULT_GREEN, row.unit, row.post, subject, seq)


def _of_year(tally: Tally, year: int) -> Iterator[Counted]:
    """What a unit alone is answered for: its grade, and its sections' water."""
    for (unit, of), given in sorted(tally.grades.items()):
        if of == year and given.grade in OF_GRADE:
            yield Counted(OF_GRADE[given.grade], unit, "", f"unit:{unit}", given.seq)
    for found in tally.improvements.values():
        subject = f"section:{found.section}:{found.factor}"
        if found.year == year and found.rate > 0:
            yield Counted(Ground.WATER_BETTER, found.unit, "", subject, found.seq, found.rate)
        elif found.year == year and found.rate < 0:
            yield Counted(Ground.WATER_WORSE, found.unit, "", subject, found.seq)
