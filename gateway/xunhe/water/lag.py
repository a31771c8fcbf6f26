"""How a station's water follows an outfall's: the lag at which the two go together best.

Both series are put on one grid, freed of their daily course (which is common to the whole river and
would go together at any lag) and of what is slower than `_SLOW_S`, and correlated at every lag.
"""

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from xunhe.water.series import Series

Array = NDArray[np.float64]

_SLOW_S = 12 * 3600.0
_DAY_S = 86_400.0
_LEAST_PAIRS = 30
_CLEAR = 4.0  # sigmas of unrelated series; three would be passed by one lag in a hundred


@dataclass(frozen=True, slots=True)
class Lag:
    """The best lag and how far it may be trusted.

    `correlations` are those of all lags from 0 on, one a step; NaN where too few pairs are left.
    """

    lag_s: float
    correlation: float
    pairs: int
    is_clear: bool
    correlations: Array


def lagged_correlation(
    outfall: Series, station: Series, *, step_s: float, longest_s: float
) -> Lag | None:
    """The lag of the station behind the outfall, 0 to `longest_s`; None with too few pairs.

    `step_s` is the grid's; the slower of the two series should fill it.
    """
    above, below = _gridded(outfall, station, step_s)
    steps = range(min(ceil(longest_s / step_s) + 1, len(above)))
    found = [_correlation(above[: len(above) - n], below[n:]) for n in steps]
    correlations = np.array([correlation for correlation, _ in found], np.float64)
    if not np.isfinite(correlations).any():
        return None
    best = int(np.nanargmax(correlations))
    correlation, pairs = found[best]
    sigma = _sigma(above, below, pairs)
    return Lag(best * step_s, correlation, pairs, correlation > _CLEAR * sigma, correlations)


def _gridded(one: Series, other: Series, step_s: float) -> tuple[Array, Array]:
    """Both as means over the same steps, without their slow parts; NaN where nothing usable is."""
    if not len(one) or not len(other):
        return np.empty(0), np.empty(0)
    begin_s = min(one.times_s[0], other.times_s[0])
    end_s = max(one.times_s[-1], other.times_s[-1])
    edges_s = begin_s + np.arange(ceil((end_s - begin_s) / step_s) + 2) * step_s
    return _fast(_means(one, edges_s), step_s), _fast(_means(other, edges_s), step_s)


def _means(series: Series, edges_s: Array) -> Array:
    kept = series.is_usable
    at = np.searchsorted(edges_s, series.times_s[kept], side="right") - 1
    counts = np.bincount(at, minlength=len(edges_s) - 1)
    sums = np.bincount(at, series.values[kept], minlength=len(edges_s) - 1)
    means: Array = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return means


def _fast(values: Array, step_s: float) -> Array:
    """What is left without the course of the day and the running median of `_SLOW_S`."""
    left = _without_day(values, max(round(_DAY_S / step_s), 1))
    half = max(round(_SLOW_S / step_s), 3) // 2
    views = np.lib.stride_tricks.sliding_window_view(
        np.pad(left, half, constant_values=np.nan), 2 * half + 1
    )
    is_empty = np.isnan(views).all(axis=1)
    slow = np.full(len(left), np.nan)
    slow[~is_empty] = np.nanmedian(views[~is_empty], axis=1)
    fast: Array = left - slow
    return fast


def _without_day(values: Array, steps: int) -> Array:
    """Less the median of each moment of the day, `steps` of them, over the days."""
    left = values.copy()
    for moment in range(min(steps, len(values))):
        same = left[moment::steps]
        if np.isfinite(same).any():
            same -= np.nanmedian(same)  # a view: `left` changes
    return left


def _correlation(above: Array, below: Array) -> tuple[float, int]:
    """Pearson's, over the pairs in which both are known."""
    both = np.isfinite(above) & np.isfinite(below)
    pairs = int(both.sum())
    x, y = above[both], below[both]
    if pairs < _LEAST_PAIRS or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan"), pairs
    return float(np.corrcoef(x, y)[0, 1]), pairs


def _sigma(above: Array, below: Array, pairs: int) -> float:
    """Of the correlation of unrelated series: persistence leaves fewer independent pairs.

    Bartlett (1946) for first-order autoregressive series.
    """
    product = max(_persistence(above) * _persistence(below), 0.0)
    independent = pairs * (1 - product) / (1 + product)
    return 1 / sqrt(max(independent, 1.0))


def _persistence(values: Array) -> float:
    correlation, _ = _correlation(values[:-1], values[1:])
    return 0.0 if np.isnan(correlation) else correlation
