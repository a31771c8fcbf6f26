"""What a telephone's positions say: how far, where nothing was heard, which water was seen."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import cos, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.web.river_rows import REGISTRY
from xunhe.desk.track import (
    FASTEST_M_S,
    GAP,
    LEAST_STEP_M,
    SEEN_M,
    WORST_ACCURACY_M,
    Fix,
    followed,
    measured,
    reaches_seen,
    seen_share,
)
from xunhe.domain.position import distance_m

START = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
HOME = (119.42, 30.318)
M_PER_DEGREE = 111_195.08
LINE = REGISTRY.reaches["YX-1"].line


def east(metres: float, of: tuple[float, float] = HOME) -> tuple[float, float]:
    return of[0] + metres / (M_PER_DEGREE * cos(radians(of[1]))), of[1]


def fix(second: float, metres: float, accuracy_m: float = 5) -> Fix:
    return Fix(START + timedelta(seconds=second), east(metres), accuracy_m)


def walk(places: Iterable[tuple[float, float]], every_s: float = 10) -> list[Fix]:
    return [Fix(START + timedelta(seconds=every_s * n), p, 5) for n, p in enumerate(places)]


def test_steps_add_up() -> None:
    found = measured([fix(10 * n, 12 * n) for n in range(51)])
    assert found.length_m == pytest.approx(600, abs=0.5)
    assert (len(found.stretches), found.gaps, found.left_out) == (1, (), 0)


@pytest.mark.parametrize(
    ("step_m", "counts"),
    [(LEAST_STEP_M - 0.1, False), (LEAST_STEP_M + 0.01, True), (LEAST_STEP_M + 1, True)],
)
def test_a_telephone_that_lies_still_walks_nowhere(step_m: float, counts: bool) -> None:
    assert bool(measured([fix(0, 0), fix(10, step_m)]).length_m) is counts


def test_a_step_must_be_longer_than_the_receiver_is_sure() -> None:
    assert measured([fix(0, 0), fix(10, 20, accuracy_m=25)]).length_m == 0
    assert measured([fix(0, 0), fix(10, 26, accuracy_m=25)]).length_m == pytest.approx(26, abs=0.1)


@pytest.mark.parametrize(("more_s", "gaps"), [(-1, 0), (0, 0), (1, 1)])
def test_silence_longer_than_the_limit_is_a_gap_without_way(more_s: float, gaps: int) -> None:
    silence_s = GAP.total_seconds() + more_s
    found = measured([fix(0, 0), fix(10, 10), fix(10 + silence_s, 200), fix(20 + silence_s, 210)])
    assert len(found.gaps) == gaps
    assert found.length_m == pytest.approx(210 if gaps == 0 else 20, abs=0.5)
    if gaps:
        assert found.gaps[0].straight_m == pytest.approx(190, abs=0.5)
        assert len(found.stretches) == 2


@pytest.mark.parametrize(("accuracy_m", "left_out"), [(60, 0), (60.1, 1)])
def test_what_the_receiver_does_not_trust_is_left_out(accuracy_m: float, left_out: int) -> None:
    assert WORST_ACCURACY_M == 60
    assert measured([fix(0, 0), fix(10, 10, accuracy_m)]).left_out == left_out


@pytest.mark.parametrize(("speed_m_s", "left_out"), [(14.9, 0), (15.1, 1)])
def test_a_leap_that_nobody_makes_is_left_out(speed_m_s: float, left_out: int) -> None:
    assert FASTEST_M_S == 15
    found = measured([fix(0, 0, 0), fix(10, 10 * speed_m_s, 0)])
    assert found.left_out == left_out


def test_the_order_of_coming_in_does_not_matter_and_doubles_count_once() -> None:
    fixes = [fix(10 * n, 12 * n) for n in range(20)]
    found = measured([*reversed(fixes), *fixes[5:9]])
    assert found.length_m == measured(fixes).length_m
    assert found.left_out == 4


def test_no_position_is_no_way() -> None:
    found = measured([])
    assert (found.stretches, found.length_m) == ((), 0)
    assert seen_share(found, LINE) == 0


def test_a_reach_walked_from_end_to_end_is_seen_whole() -> None:
    places = [
        (one[0] + n / 40 * (other[0] - one[0]), one[1] + n / 40 * (other[1] - one[1]))
        for one, other in pairwise(LINE)
        for n in range(40)
    ]
    track = measured(walk([*places, LINE[-1]]))
    assert seen_share(track, LINE) == 1
    assert track.length_m == pytest.approx(
        sum(distance_m(one, other) for one, other in pairwise(LINE)), rel=0.02
    )
    assert "YX-1" in reaches_seen(track, REGISTRY.reaches.values())
    assert "YX-3" not in reaches_seen(track, REGISTRY.reaches.values())


@pytest.mark.parametrize(("metres", "is_seen"), [(49, True), (51, False)])
def test_water_is_seen_from_fifty_metres(metres: float, is_seen: bool) -> None:
    assert SEEN_M == 50
    place = (HOME[0], HOME[1] + metres / M_PER_DEGREE)
    line = [east(-20), east(20)]
    assert bool(seen_share(measured([Fix(START, place)]), line)) is is_seen


@given(
    st.lists(
        st.tuples(
            st.integers(0, 5000),
            st.floats(-2000, 2000, allow_nan=False),
            st.floats(0, 100, allow_nan=False),
        ),
        max_size=40,
    )
)
def test_no_track_is_longer_than_its_believable_positions_lie_apart(
    given_fixes: list[tuple[int, float, float]],
) -> None:
    found = measured([fix(*one) for one in given_fixes])
    drawn = sum(distance_m(one, other) for line in found.stretches for one, other in pairwise(line))
    assert found.length_m == pytest.approx(drawn, abs=1e-6)
    assert 0 <= found.left_out <= len(given_fixes)


def test_what_of_a_planned_line_was_not_walked_is_told_apart() -> None:
    plan = [HOME, east(1000)]
    both_ends = measured([fix(0, 0), fix(60, 200), fix(400, 800), fix(460, 1000)])
    found = followed(both_ends, plan)
    (missed,) = found.missed
    assert distance_m(HOME, missed[0]) == pytest.approx(200 + SEEN_M, abs=20.5)
    assert distance_m(HOME, missed[-1]) == pytest.approx(800 - SEEN_M, abs=20.5)
    assert found.share == pytest.approx(0.5, abs=0.05)


def test_a_line_that_was_walked_whole_misses_nothing_and_one_elsewhere_misses_all() -> None:
    track = measured([fix(10 * n, 12 * n) for n in range(51)])
    assert followed(track, [HOME, east(600)]) == (1.0, ())
    share, missed = followed(track, [east(2000), east(2100)])
    assert share == 0
    assert (missed[0][0], missed[0][-1]) == (east(2000), east(2100))
