"""Series of one property, and their medians by the hour."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from xunhe.domain.observation import FAIL, GOOD, MISSING, SUSPECT, UNKNOWN, Sample
from xunhe.water.series import Series, hourly

T0 = datetime(2026, 6, 1, tzinfo=UTC)
T0_S = T0.timestamp()


def sample(minutes: float, value: float | None, flag: int = GOOD) -> Sample:
    return Sample("YX-S1", T0 + timedelta(minutes=minutes), {"ph": (value, flag)})


def test_samples_in_any_order_become_an_ascending_series_and_the_last_of_an_instant_counts() -> (
    None
):
    series = Series.of([sample(20, 7.2), sample(0, 7.0), sample(20, 7.3)], "ph")
    assert (series.times_s - T0_S).tolist() == [0, 1200]
    assert series.values.tolist() == [7.0, 7.3]
    assert Series.of([sample(0, 7.0)], "do_mg_l").flags.tolist() == [MISSING]


def test_only_good_and_unevaluated_numbers_are_usable() -> None:
    flags = [GOOD, UNKNOWN, SUSPECT, FAIL, MISSING, GOOD]
    values = [7.0, 7.1, 7.2, 7.3, None, None]
    rows = [
        sample(i, value, flag) for i, (value, flag) in enumerate(zip(values, flags, strict=True))
    ]
    series = Series.of(rows, "ph")
    assert series.is_usable.tolist() == [True, True, False, False, False, False]
    assert np.isnan(series.usable_values).sum() == 4


@pytest.mark.parametrize(
    ("times", "flags", "said"),
    [
        ([1.0, 1.0], [1, 1], "ascend"),
        ([2.0, 1.0], [1, 1], "ascend"),
        ([1.0, np.nan], [1, 1], "ascend"),
        ([1.0, 2.0], [1], "one length"),
        ([1.0, 2.0], [1, 5], "flags"),
    ],
)
def test_a_series_that_is_none_is_refused(times: list[float], flags: list[int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Series(np.array(times), np.array([1.0, 2.0]), np.array(flags, np.int8))


def test_a_part_ends_before_its_end() -> None:
    series = Series.of([sample(i, 7.0) for i in range(5)], "ph")
    assert len(series.between(T0_S + 60, T0_S + 180)) == 2


def test_hours_have_the_median_of_their_usable_values() -> None:
    rows = [sample(0, 1.0), sample(20, 2.0), sample(40, 9.0), sample(50, 99.0, FAIL)]
    found = hourly(Series.of([*rows, sample(130, 5.0, SUSPECT), sample(190, 4.0)], "ph"))
    assert ((found.starts_s - T0_S) / 3600).tolist() == [0, 2, 3]
    assert found.counts.tolist() == [3, 0, 1]
    assert found.medians[0] == 2.0
    assert np.isnan(found.medians[1])


def test_hours_go_by_the_rivers_clock_and_stay_in_utc() -> None:
    found = hourly(Series.of([sample(15, 1.0), sample(45, 2.0)], "ph"), utc_offset_s=5.5 * 3600)
    assert (found.starts_s - T0_S).tolist() == [-1800, 1800]


def test_nothing_has_no_hours() -> None:
    assert len(hourly(Series.of([], "ph"))) == 0
