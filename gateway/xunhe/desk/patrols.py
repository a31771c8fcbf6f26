"""Patrols (巡河): which count, how many are required, and what was missed on a clean one.

Districts differ: every number is a setting. Log: `patrol.made`, subject post:CODE, the fields of
`Patrol`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from xunhe.desk import fields
from xunhe.desk.log import JSON, Entry, iso
from xunhe.desk.periods import Period, Span, weeks_ending_in
from xunhe.desk.problems import Finding
from xunhe.desk.refused import RefusedError
from xunhe.desk.track import FASTEST_FLYING_M_S, FASTEST_M_S
from xunhe.domain.offices import Level
from xunhe.domain.ticket import Source
from xunhe.settings import PatrolRule, PatrolSettings

KIND = "patrol.made"
DEVICE_AT_FAULT = "facility.device"

_AFTER_EVERY_POST = chr(0x10FFFF)


class PatrolError(RefusedError):
    """A patrol that cannot have been."""


class Means(StrEnum):
    """How the water was looked at."""

    ON_FOOT = "on_foot"  # 徒步
    BOAT = "boat"  # 乘船
    DRONE = "drone"  # 无人机（空中巡河）
    DOME = "dome"  # 球机巡视

    @property
    def is_from_afar(self) -> bool:
        """Nobody walked: what counts is how much of the water was seen."""
        return self in (Means.DRONE, Means.DOME)

    @property
    def fastest_m_s(self) -> float:
        """What is faster in its track is a leap of the receiver."""
        return FASTEST_FLYING_M_S if self is Means.DRONE else FASTEST_M_S


@dataclass(frozen=True, slots=True)
class Patrol:
    """One patrol of a post along its reaches; `problems` are the tickets that came of it.

    `seen` is the share (0 to 1) of its reaches that was looked at, None where nobody measured it.
    """

    post: str
    reaches: tuple[str, ...]
    means: Means
    started_at: datetime
    ended_at: datetime
    length_m: float
    problems: tuple[int, ...] = ()
    note: str = ""
    seen: float | None = None

    def __post_init__(self) -> None:
        if self.ended_at <= self.started_at:
            raise PatrolError("结束须晚于开始 / a patrol ends after it has begun")
        if self.length_m < 0 or not self.reaches:
            raise PatrolError(
                "须有河段，长度不得为负 / a patrol has a reach and no negative length"
            )
        if self.seen is not None and not 0 <= self.seen <= 1:
            raise PatrolError(f"覆盖 {self.seen:g} 须在 0 与 1 之间 / coverage is from 0 to 1")

    @property
    def is_clean(self) -> bool:
        """Nothing was found."""
        return not self.problems

    def data(self) -> dict[str, JSON]:
        """The data of its entry in the log."""
        return {
            "reaches": self.reaches,
            "means": self.means.value,
            "started_at": iso(self.started_at),
            "ended_at": iso(self.ended_at),
            "length_m": self.length_m,
            "problems": self.problems,
            "note": self.note,
            "seen": self.seen,
        }


@dataclass(frozen=True, slots=True)
class Made:
    """How a post did: patrols required and, of these, made; `valid` counts the surplus too."""

    required: int
    done: int
    valid: int

    @property
    def missing(self) -> int:
        """Patrols that were required and not made."""
        return self.required - self.done


class Criterion(StrEnum):
    """What a patrol must reach to count."""

    MINUTES = "minutes"  # 时长
    METRES = "metres"  # 里程
    SEEN = "seen"  # 覆盖（%），空中与球机
    HOURS_APART = "hours_apart"  # 距上次有效巡河


@dataclass(frozen=True, slots=True)
class Check:
    """One criterion: what was found, and the least that counts."""

    criterion: Criterion
    found: float
    least: float

    @property
    def holds(self) -> bool:
        """Enough."""
        return self.found >= self.least


def checks(patrol: Patrol, before: Patrol | None, rule: PatrolRule) -> tuple[Check, ...]:
    """What decides whether a patrol counts; `before` is the post's last one that did.

    What watches from afar has no way to walk: instead it must see enough of the reach. The first
    patrol has nothing to be apart from.
    """
    minutes = (patrol.ended_at - patrol.started_at) / timedelta(minutes=1)
    found = [Check(Criterion.MINUTES, minutes, rule.least_minutes)]
    if not patrol.means.is_from_afar:
        found.append(Check(Criterion.METRES, patrol.length_m, rule.least_m))
    elif patrol.seen is not None:
        found.append(Check(Criterion.SEEN, 100 * patrol.seen, 100 * rule.least_seen))
    if before is not None and rule.apart_h:
        apart = (patrol.started_at - before.ended_at) / timedelta(hours=1)
        found.append(Check(Criterion.HOURS_APART, apart, rule.apart_h))
    return tuple(found)


def judged(
    patrols: Iterable[Patrol], rule: PatrolRule
) -> Iterator[tuple[Patrol, tuple[Check, ...]]]:
    """Every patrol of one post in order of its start, and what decides whether it counts."""
    before: Patrol | None = None
    for patrol in sorted(patrols, key=lambda one: one.started_at):
        found = checks(patrol, before, rule)
        if all(check.holds for check in found):
            before = patrol
        yield patrol, found


def valid(patrols: Iterable[Patrol], rule: PatrolRule) -> list[Patrol]:
    """The patrols of one post that count, in order of their start."""
    found = judged(patrols, rule)
    return [patrol for patrol, of_it in found if all(check.holds for check in of_it)]


def made(patrols: Iterable[Patrol], rule: PatrolRule, period: Period, as_of: datetime) -> Made:
    """One post's patrols in a period. Every turn (week, month, quarter) that ended in it counts.

    A surplus in one turn makes up for none that is missing in another. A patrol belongs to the turn
    that it began in, however late its record came in.
    """
    starts = [patrol.started_at for patrol in valid(patrols, rule)]
    counts = [
        bisect_left(starts, end) - bisect_left(starts, start)
        for start, end in turns(rule.every, period)
        if end <= as_of
    ]
    done = sum(min(count, rule.times) for count in counts)
    return Made(rule.times * len(counts), done, sum(counts))


def rule_of(level: Level, rules: PatrolSettings) -> PatrolRule:
    """What a level owes."""
    found: PatrolRule = getattr(rules, level.name.lower())
    return found


def turns(every: str, period: Period) -> Iterator[tuple[datetime, datetime]]:
    """(start, end) of each turn that ends in the period."""
    if every == "week":
        yield from weeks_ending_in(period)
    elif every == "month":
        yield from ((month.start, month.end) for month in period.parts(Span.MONTH))
    elif period.span is not Span.MONTH:
        yield from ((part.start, part.end) for part in period.parts(Span.QUARTER))
    elif period.first_month % Span.QUARTER == 0:
        quarter = Period(period.year, period.first_month - 2, Span.QUARTER)
        yield quarter.start, quarter.end


def missed(
    found: Iterable[Finding], patrols: Iterable[Patrol], days: float
) -> list[tuple[Finding, str]]:
    """(problem, post): others found it at most `days` after the post had walked its reach clean.

    A device at fault is no problem that a walk could find.
    """
    clean, shortly = _clean_by_reach(patrols), timedelta(days=days)
    pairs = []
    for problem in found:
        if not _is_for_the_eye(problem):
            continue
        ends = clean.get(problem.reach, [])
        first = bisect_left(ends, (problem.opened_at - shortly, ""))
        last = bisect_right(ends, (problem.opened_at, _AFTER_EVERY_POST))
        pairs += [(problem, post) for post in sorted({post for _, post in ends[first:last]})]
    return pairs


def _is_for_the_eye(problem: Finding) -> bool:
    is_others = problem.source is not Source.CHIEF
    return problem.is_real and is_others and problem.category != DEVICE_AT_FAULT


def _clean_by_reach(patrols: Iterable[Patrol]) -> dict[str, list[tuple[datetime, str]]]:
    """(end, post) of every clean patrol of a reach, in order."""
    clean: dict[str, list[tuple[datetime, str]]] = {}
    for patrol in patrols:
        for reach in patrol.reaches if patrol.is_clean else ():
            clean.setdefault(reach, []).append((patrol.ended_at, patrol.post))
    for ends in clean.values():
        ends.sort()
    return clean


def read(entry: Entry) -> Patrol:
    """The patrol of an entry."""
    return Patrol(
        post=entry.subject.removeprefix("post:"),
        reaches=fields.texts(entry, "reaches"),
        means=Means(fields.text(entry, "means")),
        started_at=fields.instant(entry, "started_at"),
        ended_at=fields.instant(entry, "ended_at"),
        length_m=fields.number(entry, "length_m"),
        problems=tuple(int(n) for n in fields.numbers(entry, "problems")),
        note=fields.text(entry, "note", ""),
        seen=fields.number_if_any(entry, "seen"),
    )
