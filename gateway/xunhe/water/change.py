"""How far the water of a station departs from what it was before a plume came."""

from datetime import timedelta

import numpy as np

from xunhe.water.series import Series

DAY = timedelta(days=1)
REACH_BACK = timedelta(hours=3)  # how far before the alarm the water is looked at

_GUARD_S = 1200.0  # before the alarm: the front may already be there
_LEAST = 3  # usable samples on each side


def change(series: Series, since_s: float, until_s: float) -> float | None:
    """Median from `since_s` to `until_s` less the median of three hours before; None if unknown.

    What the day before did at the same hours is taken off, where it is known: oxygen and pH go up
    and down with the sun.
    """
    today = _step(series, since_s, until_s)
    day_s = DAY.total_seconds()
    yesterday = _step(series, since_s - day_s, until_s - day_s)
    return today if today is None or yesterday is None else today - yesterday


def _step(series: Series, since_s: float, until_s: float) -> float | None:
    before = _median(series, since_s - REACH_BACK.total_seconds(), since_s - _GUARD_S)
    after = _median(series, since_s, until_s)
    return None if before is None or after is None else after - before


def _median(series: Series, from_s: float, to_s: float) -> float | None:
    values = series.between(from_s, to_s).usable_values
    kept = values[np.isfinite(values)]
    return float(np.median(kept)) if len(kept) >= _LEAST else None
