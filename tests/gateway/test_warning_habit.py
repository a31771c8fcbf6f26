"""What the early warning learns, and the medians it learns by."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.gateway.warnings import DAY_S, NOW_S, Quiet
from xunhe.water.series import HOUR_S
from xunhe.water.warning.grid import make_grid, slot_medians
from xunhe.water.warning.habit import Habit, learn
from xunhe.water.warning.indicators import AMMONIA, OXYGEN
from xunhe.water.warning.robust import capped_mean, later, median, trailing

ROWS = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 4), st.integers(1, 9)),
    elements=st.floats(-1e3, 1e3) | st.just(np.nan),
)


@given(ROWS)
def test_the_median_is_numpys_over_what_is_there(rows: np.ndarray) -> None:
    expected = [
        np.median(row[~np.isnan(row)]) if np.any(~np.isnan(row)) else np.nan for row in rows
    ]
    np.testing.assert_allclose(median(rows), expected)


def test_trailing_windows_end_at_their_own_value() -> None:
    windows = trailing(np.array([1.0, 2.0, 3.0]), 2)
    np.testing.assert_array_equal(windows, [[np.nan, 1], [1, 2], [2, 3]])
    np.testing.assert_array_equal(later(np.array([1.0, 2.0, 3.0]), 2), [np.nan, np.nan, 1])


@pytest.mark.parametrize(
    ("window", "mean"),
    [
        ([0.0, 0.0, 0.0], 0.0),
        ([0.0, 0.0, 9.0], 0.1),  # the spike counts for the third greatest and 0.3
        ([0.0, 9.0, 9.0], 0.2),
        ([9.0, 9.0, 9.0], 9.0),
        ([np.nan, 1.0, 1.0, 1.0], 1.0),
        ([np.nan, 1.0, 1.0], np.nan),  # fewer than three
    ],
)
def test_a_mean_is_capped_by_its_third_greatest_value(window: list[float], mean: float) -> None:
    found, _ = capped_mean(np.array([window]), 3, np.array([0.3]))
    np.testing.assert_allclose(found, [mean])


def oxygen_habit(river: Quiet) -> Habit:
    habit = learn(river.hours("do_mg_l"), OXYGEN, reference_h=7, least_hours=72)
    assert habit is not None
    return habit


def test_the_daily_curve_is_learnt() -> None:
    habit = oxygen_habit(Quiet())
    times_s = NOW_S + HOUR_S * np.arange(24)
    curve = 2.5 * np.sin(2 * np.pi * (times_s / DAY_S - 0.2))
    np.testing.assert_allclose(habit.usual(times_s), curve, atol=0.25)


def test_the_curve_keeps_its_hours_whatever_hour_the_history_ends_in() -> None:
    river = Quiet()
    now, earlier = (
        learn(river.hours("do_mg_l", NOW_S - back_s), OXYGEN, reference_h=7, least_hours=72)
        for back_s in (0.0, 5 * HOUR_S)
    )
    assert now is not None
    assert earlier is not None
    times_s = NOW_S + HOUR_S * np.arange(24)
    np.testing.assert_allclose(now.usual(times_s), earlier.usual(times_s), atol=0.1)


def test_discharges_of_the_fortnight_do_not_make_a_station_look_restless() -> None:
    quiet, busy = Quiet(), Quiet()
    for day in range(2, 14, 2):
        busy.add("nh3n_mg_l", 0.6, 24 * day, 24 * day - 3)
    sizes = []
    for river in (quiet, busy):
        habit = learn(river.hours("nh3n_mg_l"), AMMONIA, reference_h=7, least_hours=72)
        assert habit is not None
        sizes.append(np.median(habit.sizes))
    assert sizes[1] < 1.25 * sizes[0]


def test_hours_before_the_recent_samples_come_from_the_history() -> None:
    habit = oxygen_habit(Quiet())
    inside, outside = habit.before(np.array([NOW_S - 3 * HOUR_S, NOW_S + 3 * HOUR_S]))
    assert abs(inside) < 20
    assert np.isnan(outside)


def test_missing_hours_leave_the_others_in_their_place() -> None:
    river = Quiet()
    hours = river.hours("do_mg_l")
    gone = np.arange(len(hours)) % 7 == 3
    kept = type(hours)(hours.starts_s[~gone], hours.medians[~gone], hours.counts[~gone])
    habit = learn(kept, OXYGEN, reference_h=7, least_hours=72)
    assert habit is not None
    times_s = NOW_S + HOUR_S * np.arange(24)
    np.testing.assert_allclose(habit.usual(times_s), oxygen_habit(river).usual(times_s), atol=0.3)


def test_dense_samples_share_a_slot_and_sparse_ones_have_their_own() -> None:
    times_s = np.arange(0.0, 3600.0, 60.0)
    grid = make_grid(times_s, 600.0, 3600.0)
    assert grid.slot_s == 600
    np.testing.assert_array_equal(slot_medians(grid, times_s, times_s)[-2:], [2670, 3270])
    assert make_grid(np.arange(0.0, 9000.0, 1800.0), 600.0, 7200.0).slot_s == 1800
