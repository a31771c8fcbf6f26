"""The data of an early warning's chart."""

from typing import Any

import numpy as np

from xunhe.water.series import HOUR_S
from xunhe.water.warning.alarm import Alarm
from xunhe.water.warning.indicators import Floats
from xunhe.water.warning.tracks import Tracks

_SHOWN_S = 12 * HOUR_S
_BAND_SIGMA = 2.0


def chart(alarm: Alarm, tracks: Tracks, row: int) -> dict[str, Any]:
    """Lists of one length for the last 12 h: `times_s`, `values`, `usual`, `low`, `high`.

    `usual` is the daily curve through the level before the alarm; `low` to `high` two standard
    deviations of an hour about it. None stands where no value is usable.
    """
    move, times_s = tracks.moves[row], tracks.grid.times_s
    shown = times_s >= times_s[-1] - _SHOWN_S
    curve = move.habit.usual(times_s[shown])
    usual = curve + move.direction * alarm.references[row]
    band = _BAND_SIGMA * tracks.size(1)[row, shown]
    unscaled = move.indicator.unscaled
    return {
        "property": move.indicator.prop,
        "times_s": times_s[shown].tolist(),
        "values": _plain(unscaled(curve + move.direction * tracks.residuals[row, shown])),
        "usual": _plain(unscaled(usual)),
        "low": _plain(unscaled(usual - band)),
        "high": _plain(unscaled(usual + band)),
    }


def _plain(values: Floats) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 3) for value in values]
