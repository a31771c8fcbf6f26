"""Our checks and ioos_qc's on the same series, flag by flag.

Where they differ, a missing value is 9 with us and something else there: those three cases are
written out below, and nothing else may differ.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ioos_qc import qartod

from xunhe.domain.observation import MISSING
from xunhe.water.qc import checks
from xunhe.water.qc.limits import FlatLine, GrossRange, MonthSpan, Rate, Span, Spike, SpikeMethod
from xunhe.water.series import worst

NAN = np.nan
# The published series, one sample every 600 s.
PUBLISHED = np.array([7.1, 7.12, 7.11, 9.9, 7.1, 7.1, 7.1, 7.1, 7.1, 7.1, 15, NAN])
AVERAGE, DIFFERENTIAL = SpikeMethod

# Values on a coarse grid meet thresholds exactly; free floats meet them hardly ever.
number = st.one_of(
    st.integers(-40, 160).map(lambda n: n / 10),
    st.just(NAN),
    st.floats(-1e6, 1e6, allow_nan=False),
)
grid = st.integers(0, 30).map(lambda n: n / 10)


@st.composite
def series(draw: st.DrawFn, least: int = 3) -> tuple[Any, Any]:
    """(times in whole seconds, values): some irregular, some repeating themselves."""
    values = draw(st.lists(st.one_of(number, st.just(7.0)), min_size=least, max_size=24))
    step = draw(st.sampled_from([60, 600, 599]))
    jitter = draw(st.lists(st.integers(0, 50), min_size=len(values), max_size=len(values)))
    times = 1_790_000_000 + np.cumsum(np.array(jitter) + step)
    return times.astype(np.float64), np.array(values, np.float64)


def every_600_s(values: Any) -> Any:
    return 600.0 * np.arange(len(values))


def same(ours: Any, theirs: Any) -> None:
    assert ours.tolist() == np.asarray(theirs).tolist()


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (
            lambda t, x: checks.gross_range(x, GrossRange(Span(0, 14), Span(6, 9))),
            "1 1 1 3 1 1 1 1 1 1 4 9",
        ),
        (lambda t, x: checks.spike(x, Spike(0.5, 2.0, AVERAGE)), "2 1 3 4 3 1 1 1 1 4 2 9"),
        (lambda t, x: checks.rate_of_change(t, x, Rate(0.002)), "1 1 1 3 3 1 1 1 1 1 3 9"),
        (
            lambda t, x: checks.flat_line(t, x, FlatLine(1800, 3000, 0.01)),
            "1 1 1 1 1 1 1 3 3 4 1 9",
        ),
    ],
)
def test_published_flags(check: Callable[[Any, Any], Any], expected: str) -> None:
    flags = check(every_600_s(PUBLISHED), PUBLISHED)
    assert " ".join(map(str, flags)) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([6, 9, 5.999, 0, 14, 14.001, -0.001], "1 1 3 3 3 4 4"),
        ([np.inf, -np.inf, NAN], "4 4 9"),
    ],
)
def test_gross_range_limits_are_inclusive(values: list[float], expected: str) -> None:
    flags = checks.gross_range(np.array(values), GrossRange(Span(0, 14), Span(6, 9)))
    assert " ".join(map(str, flags)) == expected


@pytest.mark.parametrize(
    ("method", "values", "expected"),
    [
        (AVERAGE, [7, 7.5, 7, 7, 9, 7], "2 1 1 3 3 2"),
        (DIFFERENTIAL, [7, 7.6, 7, 7, 9.1, 7], "2 3 1 1 4 2"),
        (DIFFERENTIAL, [7, 7.5, 7, 9, 9, 9], "2 1 1 1 1 2"),  # a step is no spike
    ],
)
def test_a_spike_equal_to_its_threshold_passes(
    method: SpikeMethod, values: list[float], expected: str
) -> None:
    flags = checks.spike(np.array(values), Spike(0.5, 2.0, method))
    assert " ".join(map(str, flags)) == expected


def test_a_rate_equal_to_its_threshold_passes() -> None:
    values = np.array([7, 7.6, 7.6, 7.6, 8.8, 8.8])
    flags = checks.rate_of_change(every_600_s(values), values, Rate(0.001))
    assert flags.tolist() == [1, 1, 1, 1, 3, 1]


def test_a_flat_line_begins_with_the_whole_span() -> None:
    values = np.full(6, 7.0)
    flags = checks.flat_line(every_600_s(values), values, FlatLine(1800, 3000, 0.01))
    assert flags.tolist() == [1, 1, 1, 3, 3, 4]
    moving = np.array([7.0, 7.01, 7.0, 7.01, 7.0, 7.01])  # a range equal to the tolerance passes
    flags = checks.flat_line(every_600_s(moving), moving, FlatLine(1800, 3000, 7.01 - 7.0))
    assert flags.tolist() == [1, 1, 1, 1, 1, 1]


@settings(max_examples=120, deadline=None)
@given(series(), grid, grid, grid, grid)
def test_gross_range_is_the_peers(s: Any, a: float, b: float, c: float, d: float) -> None:
    low, inner_low, inner_high, high = sorted((a, b, c, d))
    ours = checks.gross_range(s[1], GrossRange(Span(low, high), Span(inner_low, inner_high)))
    same(ours, qartod.gross_range_test(s[1], (low, high), (inner_low, inner_high)))


@settings(max_examples=120, deadline=None)
@given(series(least=1), st.sampled_from(SpikeMethod), grid, grid)
def test_spike_is_the_peers(s: Any, method: SpikeMethod, suspect: float, fail: float) -> None:
    assume(suspect > 0)  # the peer takes 0 for "no threshold"
    assume(fail > 0)
    ours = checks.spike(s[1], Spike(suspect, fail, method))
    same(ours, qartod.spike_test(s[1], suspect, fail, method.value))


@settings(max_examples=120, deadline=None)
@given(series(least=1), st.integers(0, 40), st.none() | st.integers(0, 40))
def test_rate_of_change_is_the_peers(s: Any, suspect: int, fail: int | None) -> None:
    limits = Rate(suspect / 6000, None if fail is None else fail / 6000)
    ours = checks.rate_of_change(*s, limits)
    same(ours, qartod.rate_of_change_test(s[1], s[0], limits.suspect_per_s, limits.fail_per_s))


@settings(max_examples=120, deadline=None)
@given(series(), st.integers(0, 9000), st.integers(0, 9000), grid)
def test_flat_line_is_the_peers(s: Any, suspect_s: int, fail_s: int, tolerance: float) -> None:
    ours = checks.flat_line(*s, FlatLine(suspect_s, fail_s, tolerance))
    same(ours, qartod.flat_line_test(s[1], s[0], suspect_s, fail_s, tolerance))


@settings(max_examples=60, deadline=None)
@given(series(), st.dictionaries(st.integers(1, 12), st.tuples(grid, grid, grid, grid)))
def test_climatology_is_the_peers_where_a_value_is(s: Any, spans: dict[int, Any]) -> None:
    times_s = s[0] + 25 * 86400.0 * np.arange(len(s[0]))
    members, ours = [], {}
    for month, edges in spans.items():
        low, inner_low, inner_high, high = sorted(edges)
        member = {"vspan": (inner_low, inner_high), "fspan": (low, high)}
        members.append({"tspan": (month, month), "period": "month", **member})
        ours[month] = MonthSpan(Span(inner_low, inner_high), Span(low, high))
    found = checks.climatology(checks.months_of(times_s, 0.0), s[1], ours)
    depths = np.full(len(s[1]), NAN)
    theirs = np.asarray(qartod.climatology_test(members, s[1], times_s, depths))
    is_there = np.isfinite(s[1])
    assert found[is_there].tolist() == theirs[is_there].tolist()
    assert set(found[~is_there].tolist()) <= {MISSING}


@given(st.lists(st.lists(st.sampled_from([1, 2, 3, 4, 9]), min_size=4, max_size=4), min_size=2))
def test_flags_combine_as_the_peers(rows: list[list[int]]) -> None:
    arrays = [np.array(row, np.int8) for row in rows]
    ours = arrays[0]
    for array in arrays[1:]:
        ours = worst(ours, array)
    same(ours, qartod.qartod_compare(arrays))


def test_the_three_differences_to_the_peer_are_missing_values() -> None:
    two = np.array([7.0, NAN])
    assert qartod.flat_line_test(two, every_600_s(two), 1800, 3000, 0.01).tolist() == [1, 1]
    ours = checks.flat_line(every_600_s(two), two, FlatLine(1800, 3000, 0.01))
    assert ours.tolist() == [1, MISSING]
    january = [{"tspan": (1, 1), "vspan": (0, 10), "period": "month"}]
    theirs = qartod.climatology_test(january, [NAN], [0.0], [NAN])
    assert np.asarray(theirs).tolist() == [1]
    ours = checks.climatology(np.array([1]), np.array([NAN]), {1: MonthSpan(Span(0, 10))})
    assert ours.tolist() == [MISSING]
    with pytest.raises(IndexError):
        qartod.spike_test([], 0.5, 2.0)
    assert checks.spike(np.array([]), Spike(0.5, 2.0)).tolist() == []
