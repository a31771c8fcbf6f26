"""Windows of maintenance: what was read while somebody worked stays out of judgement.

The record keeps it: these functions choose what is judged, they change nothing.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.maintenance import Maintenance
from xunhe.water.qc.checks import Floats
from xunhe.water.series import Series

SETTLE_S = 900.0  # probes back in the water: temperature and film settle


def is_maintained(times_s: Floats, windows: Iterable[Maintenance], prop: str) -> NDArray[np.bool_]:
    """True where a sample of a property falls into a window or the quarter of an hour after it.

    Shape (n,). The windows are those of the sample's station; both ends are inside.
    """
    inside = np.zeros(times_s.shape, np.bool_)
    for window in windows:
        if window.concerns(prop):
            end = window.ended_at
            end_s = np.inf if end is None else end.timestamp() + SETTLE_S
            inside |= (times_s >= window.started_at.timestamp()) & (times_s <= end_s)
    return inside


def outside(series: Series, windows: Iterable[Maintenance], prop: str) -> Series:
    """What is left to judge."""
    kept = ~is_maintained(series.times_s, windows, prop)
    return Series(series.times_s[kept], series.values[kept], series.flags[kept])
