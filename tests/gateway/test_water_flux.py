"""ΣC·Q·Δt: exact where both go straight, and honest about what it does not cover."""

import numpy as np
import pytest
from numpy.typing import NDArray

from xunhe.domain.observation import FAIL, GOOD
from xunhe.water.flux import Gap, flux
from xunhe.water.series import Series

HOUR_S = 3600.0


def series(
    times_s: NDArray[np.float64], values: NDArray[np.float64], bad: tuple[int, ...] = ()
) -> Series:
    flags = np.full(len(times_s), GOOD, np.int8)
    flags[list(bad)] = FAIL
    return Series(times_s.astype(np.float64), values.astype(np.float64), flags)


EVERY_TEN_MIN = np.arange(0, 6 * HOUR_S + 1, 600)
STEADY = series(EVERY_TEN_MIN, np.full(len(EVERY_TEN_MIN), 2.0))
FLOW = series(EVERY_TEN_MIN, np.full(len(EVERY_TEN_MIN), 5.0))


def test_a_steady_load_is_concentration_times_flow_times_time() -> None:
    found = flux(STEADY, FLOW, 0.0, 6 * HOUR_S, 1200)
    assert found.kilograms == pytest.approx(2 * 5 * 6 * HOUR_S / 1000)
    assert found.covered_share == 1.0
    assert found.gaps == ()


def test_two_ramps_are_exact_even_between_samples_of_different_times() -> None:
    c = series(np.array([0.0, 7000.0]), np.array([0.0, 7.0]))
    q = series(np.array([-500.0, 3000.0, 8000.0]), np.array([3.5, 0.0, 5.0]))
    found = flux(c, q, 0.0, 7000.0, 1e4)
    falling = np.polynomial.Polynomial([0, 1e-3]) * np.polynomial.Polynomial([3.0, -1e-3])
    rising = np.polynomial.Polynomial([0, 1e-3]) * np.polynomial.Polynomial([-3.0, 1e-3])
    exact = falling.integ()(3000) + rising.integ()(7000) - rising.integ()(3000)
    assert found.kilograms == pytest.approx(exact / 1000)


def test_a_gap_is_reported_and_adds_nothing() -> None:
    keep = (EVERY_TEN_MIN <= 2 * HOUR_S) | (EVERY_TEN_MIN >= 4 * HOUR_S)
    holed = series(EVERY_TEN_MIN[keep], STEADY.values[keep])
    found = flux(holed, FLOW, 0.0, 6 * HOUR_S, 1200)
    assert found.gaps == (Gap(2 * HOUR_S, 4 * HOUR_S),)
    assert found.covered_s == 4 * HOUR_S
    assert found.kilograms == pytest.approx(2 * 5 * 4 * HOUR_S / 1000)


@pytest.mark.parametrize(("longest_s", "gaps"), [(1199, 1), (1200, 0), (1201, 0)])
def test_the_longest_gap_that_is_bridged(longest_s: float, gaps: int) -> None:
    one_bad = series(EVERY_TEN_MIN, STEADY.values.copy(), bad=(10,))  # 1200 s apart around it
    found = flux(one_bad, FLOW, 0.0, 6 * HOUR_S, longest_s)
    assert len(found.gaps) == gaps


def test_ends_that_nothing_reaches_are_gaps() -> None:
    found = flux(STEADY, FLOW, -HOUR_S, 7 * HOUR_S, 1200)
    assert found.gaps == (Gap(-HOUR_S, 0.0), Gap(6 * HOUR_S, 7 * HOUR_S))
    assert found.covered_share == pytest.approx(6 / 8)


def test_without_flow_nothing_is_known() -> None:
    empty = series(np.empty(0), np.empty(0))
    found = flux(STEADY, empty, 0.0, HOUR_S, 1200)
    assert (found.kilograms, found.covered_s) == (0.0, 0.0)
    assert found.gaps == (Gap(0.0, HOUR_S),)


def test_a_span_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a span"):
        flux(STEADY, FLOW, HOUR_S, HOUR_S, 1200)
