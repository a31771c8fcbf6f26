"""The figures of a month's report, from a fixed set of problems and patrols."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.gateway.desk.books import at, seats
from xunhe.desk.indicators import Rate, satisfaction_rate, water_rate
from xunhe.desk.lists import Exposure
from xunhe.desk.patrols import Means, Patrol
from xunhe.desk.periods import parse
from xunhe.desk.problems import Problem
from xunhe.desk.reports import Handling, Material, NotSeen, Report, report
from xunhe.domain.incident import Severity
from xunhe.domain.offices import Level
from xunhe.domain.ticket import Source, State
from xunhe.settings import PatrolSettings

MARCH = parse("2026-03")
HOUR = timedelta(hours=1)


def problem(number: int, day: int, hours: float | None = None, **other: object) -> Problem:
    """Opened at 09:00 of a day in March; closed after so many hours."""
    opened_at = at(f"2026-03-{day:02d} 09:00:00")
    closed_at = None if hours is None else opened_at + hours * HOUR
    made = Problem(
        number, "R1", "V1", "floating.litter", Source.CAMERA, Severity.MINOR,
        State.CLOSED if closed_at else State.ACCEPTED, opened_at, opened_at + 72 * HOUR, closed_at,
    )  # fmt: skip
    return replace(made, **other)  # type: ignore[arg-type]


def patrol(post: str, day: int, *problems: int, reaches: tuple[str, ...] = ("R1",)) -> Patrol:
    begun = at(f"2026-03-{day:02d} 08:00:00")
    return Patrol(post, reaches, Means.ON_FOOT, begun, begun + HOUR, 2000, problems)


PROBLEMS = (
    *(problem(k, 2, hours) for k, hours in enumerate((1, 2, 3, 4, 5, 6, 7, 8, 9, 100), 1)),
    problem(11, 3, severity=Severity.SEVERE, category="discharge.secret", source=Source.CITIZEN),
    problem(12, 4, 10, severity=Severity.SEVERE, category="discharge.secret", source=Source.CHIEF),
    problem(13, 5, state=State.FALSE_ALARM),
    problem(14, 20, source=Source.INSPECTION, reach="R2", post="V2"),
    problem(15, 30, 80),  # closed in April
    problem(16, 1, 12, opened_at=at("2026-02-27 09:00:00")),  # found in February
)
PATROLS = (
    patrol("V1", 2),
    patrol("V1", 4, 12),
    patrol("V2", 18, reaches=("R2",)),
    patrol("TOWN", 10, reaches=("R1", "R2")),
)


def made(as_of: datetime = MARCH.end, **other: object) -> Report:
    material = Material(MARCH, as_of, seats(), PROBLEMS, 3, PATROLS, Exposure(2026, 10, 7))
    return report(replace(material, **other), PatrolSettings())  # type: ignore[arg-type]


def test_found_closed_open_and_dismissed() -> None:
    found = made()
    assert (found.found, found.closed, found.still_open, found.dismissed) == (14, 12, 3, 1)
    assert found.by_source == {
        Source.CAMERA: 11,
        Source.CITIZEN: 1,
        Source.CHIEF: 1,
        Source.INSPECTION: 1,
    }


def test_disposal_is_of_what_the_period_found_and_closed_by_then() -> None:
    assert made().indicators.disposal == Rate(11, 14)
    assert made(as_of=MARCH.end + timedelta(days=9)).indicators.disposal == Rate(12, 14)


def test_handling_time_has_mean_median_and_ninth_decile() -> None:
    litter = next(of for of in made().handling if of.category == "floating.litter")
    # 1 … 9, 100 and the one of February, 60 hours (found on 27 February, closed on 1 March)
    hours = sorted([1, 2, 3, 4, 5, 6, 7, 8, 9, 100, 60])
    assert litter == Handling("floating.litter", 11, pytest.approx(sum(hours) / 11), 6, hours[9])


def test_a_level_is_shown_with_what_it_found_and_what_others_found() -> None:
    village = next(of for of in made().levels if of.level is Level.VILLAGE)
    assert (village.posts, village.patrols, village.found) == (2, 3, 1)
    assert (village.severe_found, village.severe_by_others) == (1, 1)
    assert village.patrol == Rate(2, 10)  # five weeks, two posts; V1 walked twice in one week
    town = next(of for of in made().levels if of.level is Level.TOWNSHIP)
    assert (town.patrol, town.found) == (Rate(1, 1), 0)


def test_what_others_found_shortly_after_a_clean_patrol_is_missed() -> None:
    missed = {of.level: of.missed for of in made().levels}
    # V1 walked R1 clean on the 2nd until 09:00: 1 to 10, and 11 on the 3rd. V2 missed 14.
    assert missed[Level.VILLAGE] == 12
    assert missed[Level.TOWNSHIP] == 0  # the 14th was found ten days after it had walked


def test_the_table_of_what_patrols_did_not_see() -> None:
    assert made().not_seen == (
        NotSeen("discharge.secret", 0, 1, 0, 1),
        NotSeen("floating.litter", 11, 0, 1, 11),
    )


def test_five_indicators_are_na_where_nothing_was_required() -> None:
    empty = made(problems=(), patrols=(), seats=replace(seats(), posts={})).indicators
    rates = (empty.patrol, empty.discovery, empty.disposal, empty.water, empty.satisfaction)
    assert [str(rate) for rate in rates] == ["n/a"] * 5
    assert made().indicators.discovery == Rate(1, 14)


def test_satisfaction_counts_from_satisfied_on_and_water_by_judged_months() -> None:
    assert satisfaction_rate([5, 4, 3, 1]) == Rate(2, 4)
    assert water_rate([True, True, False]) == Rate(2, 3)
