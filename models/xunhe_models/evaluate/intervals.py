"""Intervals of 95 %: exact ones for counts and shares, the bootstrap for the rest.

All are two-sided: 2.5 % of the chance lies beyond each end. So where nothing was counted among n,
the upper end of a Poisson mean is -ln(0.025) = 3.689, and 3.689 / n · 1000 per thousand. (The
one-sided bound at 95 %, "rule of three", would be 2.996.)
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Interval = tuple[float, float]
_TAIL = 0.025
_HALVINGS = 60


def poisson_interval(count: int) -> Interval:
    """Garwood's exact interval for the mean of a Poisson count.

    Its ends are the means at which a count this high, or this low, has a chance of 2.5 %.
    """
    if count < 0:
        raise ValueError(f"a count is 0 or more, not {count}")
    most = count + 10 * np.sqrt(count + 1) + 10
    upper = _falling_to(lambda mean: _poisson_at_most(count, mean), _TAIL, most)
    if count == 0:
        return 0.0, upper
    return _falling_to(lambda mean: _poisson_at_most(count - 1, mean), 1 - _TAIL, most), upper


def share_interval(hits: int, trials: int) -> Interval:
    """Clopper and Pearson's exact interval for a share."""
    if not 0 <= hits <= trials or trials < 1:
        raise ValueError(f"a share needs 0 ≤ hits ≤ trials and a trial, not {hits} of {trials}")
    lower = upper = None
    if hits > 0:
        lower = _falling_to(lambda p: _binomial_at_most(hits - 1, trials, p), 1 - _TAIL, 1.0)
    if hits < trials:
        upper = _falling_to(lambda p: _binomial_at_most(hits, trials, p), _TAIL, 1.0)
    return lower or 0.0, 1.0 if upper is None else upper


def resamples(units: int, seed: int, times: int = 1000) -> NDArray[np.int64]:
    """(times, units): how often each unit is drawn when as many are drawn with replacement."""
    chances = np.full(units, 1 / units)
    return np.random.default_rng(seed).multinomial(units, chances, size=times)


def percentile_interval(values: NDArray[np.float64]) -> Interval | None:
    """The middle 95 % of bootstrapped values; None unless half of them are numbers."""
    known = values[np.isfinite(values)]
    if 2 * len(known) < len(values) or not len(known):
        return None
    low, high = np.quantile(known, (_TAIL, 1 - _TAIL))
    return float(low), float(high)


def _falling_to(chance: Callable[[float], float], level: float, high: float) -> float:
    """Where a falling function of 0..high comes down to `level`."""
    low = 0.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if chance(middle) > level:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _poisson_at_most(count: int, mean: float) -> float:
    if mean <= 0:
        return 1.0
    n = np.arange(count + 1)
    return float(np.exp(n * np.log(mean) - mean - _log_factorials(count)).sum())


def _binomial_at_most(hits: int, trials: int, share: float) -> float:
    if share <= 0:
        return 1.0
    if share >= 1:
        return float(hits >= trials)
    n, logs = np.arange(hits + 1), _log_factorials(trials)
    ways = logs[-1] - logs[n] - logs[trials - n]
    return float(np.exp(ways + n * np.log(share) + (trials - n) * np.log1p(-share)).sum())


def _log_factorials(count: int) -> NDArray[np.float64]:
    """Of 0..count."""
    return np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, count + 1)))))
