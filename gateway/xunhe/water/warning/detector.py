"""The early warning of one station: several indicators together against what is usual there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xunhe.water.series import HOUR_S, Hourly, Series
from xunhe.water.warning.alarm import Alarm, standing_alarm
from xunhe.water.warning.chart import chart
from xunhe.water.warning.grid import Grid, make_grid
from xunhe.water.warning.habit import Habit, learn
from xunhe.water.warning.indicators import INDICATORS, Indicator
from xunhe.water.warning.settings import WarningSettings
from xunhe.water.warning.tracks import Tracks, make_tracks
from xunhe.water.warning.wording import reason

# Longer than `recent`: the hours before it tell a plume that has just passed from its end.
_LOOK_BACK_H = 36
_NEW_S = HOUR_S
_TAKES_PART = 0.4  # of the strongest: weaker moves are not named in the reason

Span = tuple[float, float]  # from_s, until_s


@dataclass(frozen=True, slots=True)
class Context:
    """What is known beside the readings.

    `rain`: when it rained within the last 36 h; None where nobody knows. `is_maintained`: somebody
    is at the probes now, so nothing is judged.
    """

    utc_offset_s: float
    rain: Sequence[Span] | None
    is_maintained: bool


@dataclass(frozen=True, slots=True)
class EarlyWarning:
    """The water strays from what is usual, and why that is said.

    `since_s` is the sample that raised it; the same warning comes again with each sample until it
    is over. `properties` are those that moved, the strongest first. `score` is in standard
    deviations. `chart` holds lists for a drawing: see `chart.py`.
    """

    at_s: float
    since_s: float
    score: float
    properties: tuple[str, ...]
    is_wet: bool
    reason_zh: str
    reason_en: str
    chart: Mapping[str, Any]

    @property
    def is_new(self) -> bool:
        """Whether one of the newest samples raised it: an older one is hindsight, not news.

        What is usual is learnt anew each hour, and may then call hours unusual that were not.
        """
        return self.at_s - self.since_s <= _NEW_S


def warn(
    recent: Mapping[str, Series],
    hourly: Mapping[str, Hourly],
    context: Context,
    settings: WarningSettings,
) -> EarlyWarning | None:
    """Judge the newest of `recent` (12 h of samples) against `hourly` (14 days of medians).

    None where nothing is unusual, while somebody is at the probes, and where the history is too
    short to know what is usual.
    """
    if context.is_maintained:
        return None
    known = habits(hourly, settings)
    return judge(recent, known, context, settings)


def habits(hourly: Mapping[str, Hourly], settings: WarningSettings) -> dict[str, Habit]:
    """What is usual for each indicator with enough history."""
    reference_h = round(settings.reference_s / HOUR_S)
    learnt = {
        indicator.prop: learn(
            hourly[indicator.prop],
            indicator,
            reference_h=reference_h,
            least_hours=settings.least_hours,
        )
        for indicator in INDICATORS
        if indicator.prop in hourly
    }
    return {prop: habit for prop, habit in learnt.items() if habit is not None}


def judge(
    recent: Mapping[str, Series],
    known: Mapping[str, Habit],
    context: Context,
    settings: WarningSettings,
) -> EarlyWarning | None:
    """As `warn`, with the habits at hand: they change once an hour."""
    judged = [one for one in INDICATORS if one.prop in known and len(recent.get(one.prop, ()))]
    if not judged:
        return None
    grid = _grid(recent, judged, settings)
    tracks = make_tracks(recent, known, judged, grid, settings)
    is_wet = _is_wet(grid, context, settings)
    alarm = standing_alarm(tracks, is_wet, grid.slots(settings.reference_s), settings)
    return None if alarm is None else _warning(alarm, tracks, is_wet=bool(is_wet[-1]))


def _grid(
    recent: Mapping[str, Series], judged: Sequence[Indicator], settings: WarningSettings
) -> Grid:
    newest = max((recent[one.prop].times_s for one in judged), key=lambda times_s: times_s[-1])
    return make_grid(newest, settings.least_slot_s, _LOOK_BACK_H * HOUR_S)


def _is_wet(grid: Grid, context: Context, settings: WarningSettings) -> NDArray[np.bool_]:
    wet = np.zeros(len(grid.times_s), np.bool_)
    for from_s, until_s in context.rain or ():
        wet |= (grid.times_s >= from_s) & (grid.times_s < until_s + settings.rain_after_s)
    return wet


def _warning(alarm: Alarm, tracks: Tracks, *, is_wet: bool) -> EarlyWarning:
    order = np.argsort(-alarm.parts)
    moved = [int(row) for row in order if alarm.parts[row] >= _TAKES_PART * alarm.parts.max()]
    zh, en = reason(alarm, tracks, moved, is_wet=is_wet)
    times_s = tracks.grid.times_s
    return EarlyWarning(
        float(times_s[-1]),
        float(times_s[alarm.slot]),
        alarm.score,
        tuple(tracks.moves[row].indicator.prop for row in moved),
        is_wet,
        zh,
        en,
        chart(alarm, tracks, moved[0]),
    )
