"""When an alarm begins and when it is over, slot by slot.

It begins where the joint departure reaches the threshold. From then on the reference is frozen, so
that a long plume does not become its own baseline, and it ends where the water is back near it.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from xunhe.water.warning.departure import LEAST_SLOTS, Departures, departures, joint, parts_of
from xunhe.water.warning.indicators import Floats
from xunhe.water.warning.settings import WarningSettings
from xunhe.water.warning.tracks import Tracks

_PRESENT_SLOTS = LEAST_SLOTS + 1


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm as it began: its slot, joint score, span (slots), and per move (moves,) the part
    that it had in the score and the residual that it moved from."""

    slot: int
    score: float
    span: int
    parts: Floats
    references: Floats

    @property
    def first_slot(self) -> int:
        """The first slot of the span that raised it."""
        return max(0, self.slot - self.span + 1)


def standing_alarm(
    tracks: Tracks, is_wet: NDArray[np.bool_], from_slot: int, settings: WarningSettings
) -> Alarm | None:
    """The alarm that stands at the newest slot, having gone through all from `from_slot` on."""
    threshold = settings.alarm_score * np.where(is_wet, settings.rain_factor, 1.0)
    while True:
        found = departures(tracks, settings)
        over = np.flatnonzero(found.score[from_slot:] >= threshold[from_slot:])
        if not len(over):
            return None
        alarm = _alarm_at(found, from_slot + int(over[0]))
        end = _end(alarm, tracks, settings)
        if end is None:
            return alarm
        # What lies in the plume is no reference for what comes after it.
        tracks = _without(tracks, alarm.first_slot, end)
        from_slot = end


def _alarm_at(found: Departures, slot: int) -> Alarm:
    return Alarm(
        slot,
        float(found.score[slot]),
        int(found.spans[slot]),
        found.parts[:, slot],
        found.references[:, slot],
    )


def _end(alarm: Alarm, tracks: Tracks, settings: WarningSettings) -> int | None:
    """The first slot after the alarm; None while it stands."""
    parts = parts_of(tracks, alarm.references[:, None], _PRESENT_SLOTS, settings)
    score = joint(parts)[alarm.slot :]
    peak = np.maximum.accumulate(np.maximum(score, alarm.score))
    is_low = score < np.maximum(settings.clear_score, settings.clear_share_of_peak * peak)
    needed = tracks.grid.slots(settings.clear_s)
    over = np.flatnonzero(np.convolve(is_low, np.ones(needed))[: len(is_low)] >= needed)
    end = min([tracks.grid.slots(settings.longest_s), *over[:1].tolist()])
    return alarm.slot + end if end < len(score) else None


def _without(tracks: Tracks, begin: int, end: int) -> Tracks:
    residuals = tracks.residuals.copy()
    residuals[:, begin:end] = np.nan
    return replace(tracks, residuals=residuals)
