"""A forecast of one indicator for the next hours, shown only where it has been worth showing.

The daily curve of the past fortnight, plus what the water now differs from it, fading hour by hour.
How far that was wrong in the past days gives the interval, and whether persistence (it stays as it
is now) would have been better decides what is shown.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xunhe.water.series import HOUR_S, Hourly
from xunhe.water.warning.indicators import Floats, Indicator
from xunhe.water.warning.robust import median

DAY_H = 24
LEADS_H = tuple(range(1, DAY_H + 1))
_TRAIN_H = 5 * DAY_H  # a profile of fewer days is not worth a forecast
_LEAST_ORIGINS = 2 * DAY_H
_LEAST_COMPARED = DAY_H  # of them with a known truth, for each lead
_NOW_H = 3  # hours whose median is "now"
_FADES_H = 6.0  # in which the present difference loses two thirds


@dataclass(frozen=True, slots=True)
class Forecast:
    """Medians of coming hours: arrays of one shape (n,), only leads that beat persistence.

    `leads_h` are hours from `issued_s`, the end of the last whole hour; `low` to `high` is where
    the errors of the past days say that four in five will lie. `skill` is one less the error over
    persistence's error.
    """

    issued_s: float
    leads_h: Floats
    values: Floats
    low: Floats
    high: Floats
    skill: Floats


def forecast(hourly: Hourly, indicator: Indicator, *, coverage: float = 0.8) -> Forecast | None:
    """The forecast from hourly medians (a fortnight); None where no lead beats persistence.

    None, too, where the last hours or too many of the past are missing.
    """
    values, issued_s = _even(hourly)
    values = indicator.scaled(values)
    origins = np.arange(_TRAIN_H, len(values) - 1)
    if len(origins) < _LEAST_ORIGINS:
        return None
    ours, theirs = _errors(values, origins)
    count = np.count_nonzero(~np.isnan(ours), axis=0)
    sum_ours, sum_theirs = (np.nansum(errors, axis=0) for errors in (ours, theirs))
    coming = _predict(values)
    shown = (sum_ours < sum_theirs) & (count >= _LEAST_COMPARED) & ~np.isnan(coming)
    if not shown.any():
        return None
    reach, middle = _reach(ours[:, shown], count[shown], coverage), coming[shown]
    low, values, high = (
        np.maximum(0.0, indicator.unscaled(one)) for one in (middle - reach, middle, middle + reach)
    )
    skill = 1 - sum_ours[shown] / sum_theirs[shown]
    return Forecast(issued_s, np.array(LEADS_H, np.float64)[shown], values, low, high, skill)


def _reach(errors: Floats, count: NDArray[np.intp], coverage: float) -> Floats:
    """How far errors (origins, leads) reach: conformal, with the step up for a finite sample."""
    levels = np.minimum(1.0, coverage * (1 + 1 / count))
    return np.array(
        [np.nanquantile(one, level) for one, level in zip(errors.T, levels, strict=True)]
    )


def _even(hourly: Hourly) -> tuple[Floats, float]:
    """Medians on every hour, NaN where none is, and the end of the last."""
    issued_s = float(hourly.starts_s[-1]) + HOUR_S if len(hourly) else 0.0
    back = np.round((issued_s - hourly.starts_s) / HOUR_S).astype(np.int64)
    values = np.full(int(back[0]) if len(back) else 0, np.nan)
    values[len(values) - back] = hourly.medians
    return values, issued_s


def _errors(values: Floats, origins: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Errors of the forecast and of persistence, each (origins, leads), from the past of each
    origin; NaN in both where either is unknown."""
    truth = np.append(values, np.full(DAY_H, np.nan))[origins[:, None] + np.array(LEADS_H) - 1]
    ours = np.abs(np.array([_predict(values[:origin]) for origin in origins]) - truth)
    theirs = np.abs(values[origins - 1][:, None] - truth)
    is_unknown = np.isnan(ours) | np.isnan(theirs)
    return np.where(is_unknown, np.nan, ours), np.where(is_unknown, np.nan, theirs)


def _predict(past: Floats) -> Floats:
    """The next 24 hours (24,) from those before."""
    days = len(past) // DAY_H
    table = past[len(past) - days * DAY_H :].reshape(days, DAY_H)
    curve = median(table.T)  # hour 0 is the next one
    recent = past[-DAY_H:] - curve
    level, now = median(recent), median(recent[-_NOW_H:])
    fade = np.exp(-np.array(LEADS_H) / _FADES_H)
    return np.asarray(curve + level + (now - level) * fade, np.float64)
