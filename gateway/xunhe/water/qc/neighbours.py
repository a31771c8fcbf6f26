"""Comparison with neighbouring stations: does the probe go its own way for days?

Two places on a river lawfully differ, by an outfall or a tributary between them. So the difference
is held against its own usual value, the median of what `own` and `others` cover (two weeks).
The daily cycle is common to both; running medians over a day leave short discharges out.
"""

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from xunhe.domain.observation import FAIL, GOOD, MISSING, SUSPECT, UNKNOWN
from xunhe.water.qc.checks import Flags, Floats
from xunhe.water.qc.limits import NeighbourLimits
from xunhe.water.series import HOUR_S, Hourly

_LEAST_H = 72  # of differences, before any of them can be called usual


def compare(own: Hourly, others: Sequence[Hourly], limits: NeighbourLimits) -> Flags:
    """Flags of the hours of `own`, shape (len(own),).

    UNKNOWN where fewer than three days can be compared, or half of a window is missing.
    """
    flags = np.full(len(own), UNKNOWN, np.int8)
    if not len(own) or not others:
        return flags
    first_s = float(own.starts_s[0])
    hours = _hour(own, first_s)[-1] + 1
    around = np.array([_on_grid(other, first_s, hours) for other in others])
    difference = _running(_on_grid(own, first_s, hours) - _median(around), limits.window_h)
    known = difference[np.isfinite(difference)]
    if len(known) < _LEAST_H:
        return flags
    apart = np.abs(difference - np.median(known))
    return _flags(apart[_hour(own, first_s)], limits)


def of_samples(times_s: Floats, values: Floats, own: Hourly, flags: Flags) -> Flags:
    """The flags of the hours that samples fall into; UNKNOWN outside of them."""
    if not len(own):
        found = np.full(times_s.shape, UNKNOWN, np.int8)
    else:
        hour = np.searchsorted(own.starts_s, times_s, side="right") - 1
        is_inside = (hour >= 0) & (times_s - own.starts_s[hour] < HOUR_S)
        found = np.where(is_inside, flags[hour], UNKNOWN).astype(np.int8)
    found[~np.isfinite(values)] = MISSING
    return found


def _hour(hourly: Hourly, first_s: float) -> NDArray[np.int64]:
    """Which hour after the first each one is, shape (len(hourly),)."""
    return np.round((hourly.starts_s - first_s) / HOUR_S).astype(np.int64)


def _on_grid(hourly: Hourly, first_s: float, hours: int) -> Floats:
    """Medians of every hour from the first one, NaN where there is none; shape (hours,)."""
    grid = np.full(hours, np.nan)
    at = _hour(hourly, first_s)
    is_inside = (at >= 0) & (at < hours)
    grid[at[is_inside]] = hourly.medians[is_inside]
    return grid


def _running(values: Floats, window_h: int) -> Floats:
    """Medians over the `window_h` hours up to each one, NaN where half of them are missing."""
    padded = np.concatenate((np.full(window_h - 1, np.nan), values))
    windows = sliding_window_view(padded, window_h)
    is_enough = np.isfinite(windows).sum(axis=1) * 2 >= window_h
    medians = np.full(values.shape, np.nan)
    medians[is_enough] = np.nanmedian(windows[is_enough], axis=1)
    return medians


def _median(rows: NDArray[np.float64]) -> Floats:
    """Median over the stations, shape (hours,), NaN where none has a value."""
    medians = np.full(rows.shape[1], np.nan)
    is_there = np.isfinite(rows).any(axis=0)
    medians[is_there] = np.nanmedian(rows[:, is_there], axis=0)
    return medians


def _flags(apart: Floats, limits: NeighbourLimits) -> Flags:
    flags = np.where(np.isfinite(apart), GOOD, UNKNOWN).astype(np.int8)
    flags[apart > limits.suspect] = SUSPECT
    if limits.fail is not None:
        flags[apart > limits.fail] = FAIL
    return flags
