"""A station's recent course in slots, as moves: an indicator in one harmful direction each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xunhe.water.series import Series
from xunhe.water.warning.grid import Grid, slot_medians
from xunhe.water.warning.habit import SPANS_H, Habit
from xunhe.water.warning.indicators import Floats, Indicator
from xunhe.water.warning.robust import MAD_TO_SIGMA, median
from xunhe.water.warning.settings import WarningSettings


@dataclass(frozen=True, slots=True)
class Move:
    """An indicator in one direction: +1 up, -1 down."""

    indicator: Indicator
    direction: int
    habit: Habit


@dataclass(frozen=True, slots=True)
class Tracks:
    """All moves on one grid.

    `residuals` (moves, n): without the daily curve, positive where the move goes; NaN where nothing
    usable came. `sizes` (3, moves, n): see `Habit.sizes`. `noise` (moves, 1): one slot's standard
    deviation. `weights` (moves, 1).
    """

    grid: Grid
    moves: tuple[Move, ...]
    residuals: Floats
    sizes: Floats
    noise: Floats
    weights: Floats

    def size(self, span_h: float) -> Floats:
        """Natural size (moves, n) of a departure over about `span_h`."""
        return np.asarray(self.sizes[np.searchsorted(SPANS_H[:-1], span_h)], np.float64)


def make_tracks(
    recent: Mapping[str, Series],
    known: Mapping[str, Habit],
    judged: Sequence[Indicator],
    grid: Grid,
    settings: WarningSettings,
) -> Tracks:
    """The tracks of the `judged` indicators; before `recent` begins, by their hourly medians."""
    moves, residuals, noises = [], [], []
    for one in judged:
        course, noise = _course(recent[one.prop], known[one.prop], one, grid)
        for direction in one.directions:
            moves.append(Move(one, direction, known[one.prop]))
            residuals.append(direction * course)
            noises.append(noise)
    sizes = {one.prop: known[one.prop].sizes_at(grid.times_s) for one in judged}
    return Tracks(
        grid,
        tuple(moves),
        np.array(residuals),
        np.stack([sizes[move.indicator.prop] for move in moves], axis=1),
        np.array(noises)[:, None],
        np.array([_weight(move.indicator, settings) for move in moves])[:, None],
    )


def _course(series: Series, habit: Habit, one: Indicator, grid: Grid) -> tuple[Floats, float]:
    """Residuals (n,) and the noise of one slot."""
    values = one.scaled(one.judged(series)) - habit.usual(series.times_s)
    slots = slot_medians(grid, series.times_s, values)
    early = grid.times_s < series.times_s[0]
    slots[early] = habit.before(grid.times_s[early])
    steps = median(np.abs(np.diff(slots[~early]))) if np.count_nonzero(~early) > 1 else np.nan
    return slots, float(np.fmax(MAD_TO_SIGMA * steps / np.sqrt(2), one.least_noise))


def _weight(indicator: Indicator, settings: WarningSettings) -> float:
    return {
        "nh3n_mg_l": settings.ammonia_weight,
        "do_mg_l": settings.oxygen_weight,
        "ph": settings.ph_weight,
    }[indicator.prop]
