"""Rows 44 to 46: each colour at, one second before and one second after its instant."""

from datetime import timedelta

import pytest

from tests.gateway.desk.books import at
from xunhe.desk.lights import Light, Spell, Standing, Why, light, was_red

DUE = at("2026-03-10 18:00:00")
SECOND = timedelta(seconds=1)


def standing(
    progress: float = 0.5, planned: float = 0.5, *, is_done: bool = False, cannot: bool = False
) -> Standing:
    return Standing(DUE, is_done, progress, planned, cannot)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (DUE - SECOND, (Light.GREEN, Why.ON_SCHEDULE)),
        (DUE, (Light.RED, Why.PAST_DUE)),
        (DUE + SECOND, (Light.RED, Why.PAST_DUE)),
    ],
)
def test_an_open_matter_is_red_from_its_deadline_on(when: object, expected: object) -> None:
    assert light(standing(), when, 0.1) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("progress", "colour"),
    [(0.69, Light.YELLOW), (0.7, Light.GREEN), (0.71, Light.GREEN), (0.8, Light.GREEN)],
)
def test_behind_plan_by_more_than_the_tolerance_is_yellow(progress: float, colour: Light) -> None:
    # 0.8 - 0.1 is 0.7000000000000001 in floating point: the threshold must hold all the same.
    assert light(standing(progress, 0.8), DUE - SECOND, 0.1)[0] is colour


def test_a_handler_who_cannot_make_it_is_yellow_although_on_schedule() -> None:
    told = standing(1.0, 0.2, cannot=True)
    assert light(told, DUE - SECOND, 0.1) == (Light.YELLOW, Why.CANNOT_BE_MADE)
    assert light(told, DUE, 0.1)[0] is Light.RED


def test_what_is_done_is_green_before_and_after_its_deadline() -> None:
    for when in (DUE - SECOND, DUE, DUE + timedelta(days=40)):
        assert light(standing(is_done=True), when, 0.1) == (Light.GREEN, Why.DONE)


def test_no_deadline_runs_while_the_clock_stands() -> None:
    stands = Standing(None, False, 0.0, 1.0)
    assert light(stands, DUE + SECOND, 0.1) == (Light.GREEN, Why.CLOCK_STANDS)


OPENED = at("2026-03-01 09:00:00")
APRIL, MAY, JUNE = (at(f"2026-0{month}-01 00:00:00") for month in (4, 5, 6))
MARCH = at("2026-03-01 00:00:00")


def done(when: str) -> tuple[Spell, ...]:
    return (Spell(OPENED, DUE), Spell(at(when), None))


@pytest.mark.parametrize(
    ("finished", "in_march", "in_april"),
    [
        ("2026-03-10 17:59:59", False, False),
        ("2026-03-10 18:00:00", False, False),
        ("2026-03-10 18:00:01", True, False),
        ("2026-03-31 23:59:59", True, False),
        ("2026-04-01 00:00:00", True, False),
        ("2026-04-01 00:00:01", True, True),
    ],
)
def test_finished_late_is_red_in_each_month_it_was_late_and_green_afterwards(
    finished: str, in_march: bool, in_april: bool
) -> None:
    assert was_red(done(finished), MARCH, APRIL) is in_march
    assert was_red(done(finished), APRIL, MAY) is in_april
    assert not was_red(done(finished), MAY, JUNE)


def test_never_finished_is_red_in_every_month_after_its_deadline() -> None:
    spells = (Spell(OPENED, DUE),)
    assert [was_red(spells, *m) for m in ((MARCH, APRIL), (APRIL, MAY), (MAY, JUNE))] == [True] * 3


def test_an_extension_in_time_keeps_it_from_red_and_one_too_late_does_not() -> None:
    later = at("2026-04-10 18:00:00")
    in_time = (Spell(OPENED, DUE), Spell(DUE - SECOND, later))
    too_late = (Spell(OPENED, DUE), Spell(DUE + SECOND, later))
    assert not was_red(in_time, MARCH, APRIL)
    assert was_red(too_late, MARCH, APRIL)


def test_a_pause_over_the_deadline_is_not_red() -> None:
    spells = (Spell(OPENED, DUE), Spell(DUE - SECOND, None), Spell(APRIL, APRIL + SECOND))
    assert not was_red(spells, MARCH, APRIL)
    assert was_red(spells, APRIL, MAY)


def test_what_never_had_a_deadline_was_never_red() -> None:
    assert not was_red((), MARCH, APRIL)
