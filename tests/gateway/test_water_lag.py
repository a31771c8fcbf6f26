"""How far a station's water lags behind an outfall's: found where it is, not claimed where not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from xunhe.water.lag import Lag, lagged_correlation
from xunhe.water.series import Series

STEP_S = 600.0
DAYS = 10
TIMES_S = np.arange(0, DAYS * 86_400, STEP_S)


def of(times_s: NDArray[np.float64], values: NDArray[np.float64]) -> Series:
    return Series(times_s, values, np.ones(len(times_s), np.int8))


def daily(rng: np.random.Generator) -> NDArray[np.float64]:
    cycle: NDArray[np.float64] = np.sin(2 * np.pi * TIMES_S / 86_400 + rng.uniform(0, 6))
    return cycle


def batches(rng: np.random.Generator) -> NDArray[np.float64]:
    """An outfall that lets go for half an hour to two hours, some times a day."""
    flow = np.zeros(len(TIMES_S))
    for begin in rng.choice(len(TIMES_S) - 20, 3 * DAYS, replace=False):
        flow[begin : begin + int(rng.integers(3, 12))] = rng.uniform(2, 6)
    return flow


def found(above: Series, below: Series) -> Lag:
    lag = lagged_correlation(above, below, step_s=STEP_S, longest_s=12 * 3600)
    assert lag is not None
    return lag


@pytest.mark.parametrize("steps", [0, 1, 7, 30])
def test_the_lag_of_noisy_water_with_a_daily_cycle_is_recovered(steps: int) -> None:
    rng = np.random.default_rng(steps)
    flow = batches(rng)
    arrived = np.concatenate((np.zeros(steps), flow[: len(flow) - steps]))
    below = 0.4 + 0.1 * arrived + 0.5 * daily(rng) + 0.1 * rng.standard_normal(len(flow))
    lag = found(of(TIMES_S, flow + 0.5 * daily(rng)), of(TIMES_S, below))
    assert lag.lag_s == pytest.approx(steps * STEP_S, abs=STEP_S)
    assert lag.is_clear


@pytest.mark.parametrize("seed", range(8))
def test_two_waters_with_only_the_day_in_common_are_not_clear(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    cycle = daily(rng)
    one = cycle + 0.2 * rng.standard_normal(len(cycle))
    other = cycle + 0.2 * rng.standard_normal(len(cycle))
    assert not found(of(TIMES_S, one), of(TIMES_S, other)).is_clear


def test_gaps_and_other_times_of_sampling_do_not_move_the_lag() -> None:
    rng = np.random.default_rng(3)
    flow = batches(rng)
    below = np.concatenate((np.zeros(5), flow[:-5])) + 0.1 * rng.standard_normal(len(flow))
    keep = rng.random(len(flow)) < 0.6
    lag = found(of(TIMES_S, flow), of(TIMES_S[keep] + 100, below[keep]))
    assert lag.lag_s == pytest.approx(5 * STEP_S, abs=STEP_S)
    assert lag.pairs < keep.sum() + 1


def test_too_few_pairs_or_a_series_that_never_moves_say_nothing() -> None:
    short, still = of(TIMES_S[:20], np.arange(20.0)), of(TIMES_S, np.ones(len(TIMES_S)))
    assert lagged_correlation(short, short, step_s=STEP_S, longest_s=3600) is None
    assert lagged_correlation(still, still, step_s=STEP_S, longest_s=3600) is None
    empty = of(np.empty(0), np.empty(0))
    assert lagged_correlation(empty, still, step_s=STEP_S, longest_s=3600) is None
