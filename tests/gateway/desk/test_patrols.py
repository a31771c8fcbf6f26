"""Patrols that count, what is owed, 巡河率, and problems missed on a clean patrol."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.gateway.desk.books import Book, at
from xunhe.desk.indicators import patrol_rate
from xunhe.desk.patrols import Means, Patrol, PatrolError, made, missed, read, turns, valid
from xunhe.desk.periods import parse
from xunhe.desk.problems import Problem
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Source, State
from xunhe.settings import PatrolRule

SECOND = timedelta(seconds=1)
WEEKLY = PatrolRule(times=1, every="week")
MARCH = parse("2026-03")


def patrol(start: str, minutes: float = 30, metres: float = 1000, **other: object) -> Patrol:
    begun = at(start)
    made = Patrol("V1", ("R1",), Means.ON_FOOT, begun, begun + timedelta(minutes=minutes), metres)
    return replace(made, **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minutes", "metres", "counts"),
    [
        (5 - 1 / 60, 300, False),
        (5, 300, True),
        (5 + 1 / 60, 300, True),
        (5, 299.9, False),
        (5, 300.1, True),
    ],
)
def test_a_patrol_counts_from_its_least_time_and_way_on(
    minutes: float, metres: float, counts: bool
) -> None:
    assert bool(valid([patrol("2026-03-03 09:00:00", minutes, metres)], WEEKLY)) is counts


def test_a_drone_needs_no_way_on_foot() -> None:
    assert valid([patrol("2026-03-03 09:00:00", 10, 0, means=Means.DRONE)], WEEKLY)


@pytest.mark.parametrize(("start", "count"), [("08:59:59", 1), ("09:00:00", 2), ("09:00:01", 2)])
def test_the_next_one_counts_only_after_the_set_hours(start: str, count: int) -> None:
    rule = PatrolRule(every="week", apart_h=96)
    first = patrol("2026-03-02 08:30:00")  # until 09:00
    assert len(valid([first, patrol(f"2026-03-06 {start}")], rule)) == count


def test_a_surplus_in_one_week_makes_up_for_no_other() -> None:
    walked = [patrol(f"2026-03-0{day} 09:00:00") for day in (3, 4, 5, 6)]
    found = made(walked, WEEKLY, MARCH, MARCH.end)
    assert (found.required, found.done, found.valid, found.missing) == (5, 1, 4, 4)


def test_a_week_that_has_not_ended_is_not_owed_yet() -> None:
    assert made([], WEEKLY, MARCH, at("2026-03-08 23:59:59")).required == 1
    assert made([], WEEKLY, MARCH, at("2026-03-09 00:00:00")).required == 2


def test_nothing_required_is_no_hundred_percent() -> None:
    rate = patrol_rate([made([], PatrolRule(every="quarter"), parse("2026-02"), MARCH.end)])
    assert rate.value is None
    assert str(rate) == "n/a"


@pytest.mark.parametrize(
    ("every", "period", "count"),
    [
        ("quarter", "2026-02", 0),
        ("quarter", "2026-03", 1),
        ("quarter", "2026Q1", 1),
        ("quarter", "2026", 4),
        ("month", "2026-02", 1),
        ("month", "2026", 12),
        ("week", "2026", 52),
    ],
)
def test_a_turn_counts_in_the_period_in_which_it_ends(every: str, period: str, count: int) -> None:
    assert len(list(turns(every, parse(period)))) == count


def test_a_patrol_belongs_to_the_week_it_began_in() -> None:
    before_midnight = patrol("2026-03-08 23:59:59")  # a Sunday
    weeks = [
        made([before_midnight], WEEKLY, MARCH, at(f"2026-03-{d} 00:00:00")) for d in ("09", "16")
    ]
    assert [week.done for week in weeks] == [1, 1]
    after_midnight = made([patrol("2026-03-09 00:00:00")], WEEKLY, MARCH, at("2026-03-09 00:00:00"))
    assert after_midnight.done == 0


def test_a_patrol_cannot_end_before_it_begins() -> None:
    with pytest.raises(PatrolError, match="结束须晚于开始"):
        patrol("2026-03-03 09:00:00", 0)
    with pytest.raises(PatrolError, match="长度"):
        patrol("2026-03-03 09:00:00", metres=-1)


def test_a_patrol_reads_back_from_its_entry() -> None:
    walked = patrol("2026-03-03 09:00:00", problems=(7, 9), note="水面有油")
    entry = Book().write("2026-03-04 08:00:00", "patrol.made", "post:V1", **walked.data())
    assert read(entry) == walked


def problem(opened_at: datetime, **other: object) -> Problem:
    made = Problem(
        1, "R1", "V1", "floating.litter", Source.CAMERA, Severity.MINOR, State.ACCEPTED, opened_at,
        opened_at + timedelta(days=3),
    )  # fmt: skip
    return replace(made, **other)  # type: ignore[arg-type]


CLEAN = patrol("2026-03-03 09:00:00")  # ends 09:30


@pytest.mark.parametrize(
    ("later", "is_missed"),
    [
        (-SECOND, False),
        (timedelta(), True),
        (timedelta(days=7) - SECOND, True),
        (timedelta(days=7), True),
        (timedelta(days=7) + SECOND, False),
    ],
)
def test_found_by_others_within_the_days_after_a_clean_patrol_is_missed(
    later: timedelta, is_missed: bool
) -> None:
    found = problem(CLEAN.ended_at + later)
    assert bool(missed([found], [CLEAN], 7)) is is_missed


@pytest.mark.parametrize(
    "other",
    [
        {"source": Source.CHIEF},
        {"state": State.FALSE_ALARM},
        {"state": State.MERGED},
        {"category": "facility.device"},
        {"reach": "R2"},
    ],
)
def test_what_is_not_missed(other: dict[str, object]) -> None:
    assert not missed([problem(CLEAN.ended_at, **other)], [CLEAN], 7)


def test_a_patrol_that_found_something_misses_nothing_and_one_post_misses_once() -> None:
    found = problem(CLEAN.ended_at + timedelta(days=1))
    assert not missed([found], [replace(CLEAN, problems=(3,))], 7)
    twice = [CLEAN, patrol("2026-03-03 15:00:00")]
    assert missed([found], twice, 7) == [(found, "V1")]
