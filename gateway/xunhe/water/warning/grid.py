"""An even grid in time: one slot a sample, or the median of several dense ones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xunhe.water.warning.indicators import Floats
from xunhe.water.warning.robust import median


@dataclass(frozen=True, slots=True)
class Grid:
    """Even slots [start, start + slot_s), aligned to the epoch; `times_s` (n,) are their starts."""

    times_s: Floats
    slot_s: float

    def slots(self, span_s: float) -> int:
        """How many slots a span takes, at least one."""
        return max(1, round(span_s / self.slot_s))


def make_grid(times_s: Floats, least_slot_s: float, span_s: float) -> Grid:
    """Slots up to the newest of `times_s` (not empty) and back by `span_s`."""
    interval_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else least_slot_s
    slot_s = max(least_slot_s, 60.0 * round(interval_s / 60))
    last_s = float(np.floor(times_s[-1] / slot_s)) * slot_s
    count = int(span_s // slot_s) + 1
    times_s = last_s + slot_s * np.arange(1.0 - count, 1.0)
    return Grid(times_s, slot_s)


def slot_medians(grid: Grid, times_s: Floats, values: Floats) -> Floats:
    """Medians (n,) of the values that fall into each slot; NaN where none is usable."""
    index = np.floor((times_s - grid.times_s[0]) / grid.slot_s).astype(np.int64)
    inside = (index >= 0) & (index < len(grid.times_s))
    index, values = index[inside], values[inside]
    slots = np.full(len(grid.times_s), np.nan)
    if len(index):
        filled, table = _by_slot(index, values)
        slots[filled] = median(table)
    return slots


def _by_slot(index: NDArray[np.int64], values: Floats) -> tuple[NDArray[np.int64], Floats]:
    """The slots that have values, ascending, and a row for each with its values, then NaN."""
    filled, first, widths = np.unique(index, return_index=True, return_counts=True)
    table = np.full((len(filled), int(widths.max())), np.nan)
    row = np.repeat(np.arange(len(filled)), widths)
    table[row, np.arange(len(index)) - np.repeat(first, widths)] = values
    return filled, table
