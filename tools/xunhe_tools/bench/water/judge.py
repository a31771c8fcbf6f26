"""What counts as found, as false and as late. The same for every method that is compared.

Said once more in the JSON, as `definitions`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xunhe_tools.bench.water.chance import Floats
from xunhe_tools.bench.water.discharges import Discharge
from xunhe_tools.bench.water.scenario import StationMonth

_JOIN_S = 3600.0
_GRACE_SAMPLES = 2

DEFINITIONS = {
    "full": "moves the leading indicator by 1, 1.5, 2 or 3 classes at the plume's peak",
    "half": "moves it by exactly half a class",
    "class": "position between the limits of GB 3838-2002 table 1; pH: share of the way to 6 or 9",
    "arrival": "the noiseless change first reaches 10 % of its peak here; end: it last does",
    "episode": "samples in alarm, pauses of up to an hour included",
    "found": "an episode begins between the arrival and two samples after the end",
    "false": "an episode begins anywhere else; an alarm that stands at an arrival finds nothing",
    "delay": "samples from the first one in the plume to the one that alarms: 0 = that very one",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A discharge and after how many samples it was noticed; None where it was not."""

    discharge: Discharge
    delay_samples: int | None
    delay_s: float | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One method on some station-months."""

    found: tuple[Found, ...]
    false_episodes: int
    station_days: float


def judge(month: StationMonth, alarms: NDArray[np.bool_]) -> Verdict:
    """Compare alarms, one a sample of the whole month (n,), with the truth."""
    times_s, interval_s = month.times_s, month.interval_s
    counted = np.where(times_s >= month.judged_from_s, alarms, False)
    begins_s = episode_begins(times_s, counted)
    is_true = np.zeros(len(begins_s), np.bool_)
    found = []
    for discharge in month.discharges:
        until_s = discharge.end_s + _GRACE_SAMPLES * interval_s
        hits = (begins_s >= discharge.arrival_s) & (begins_s <= until_s)
        is_true |= hits
        found.append(_found(discharge, times_s, begins_s[hits]))
    return Verdict(tuple(found), int(np.count_nonzero(~is_true)), month.judged_days)


def episode_begins(times_s: Floats, alarms: NDArray[np.bool_]) -> Floats:
    """When each episode begins; alarms at most an hour apart are one."""
    at_s = times_s[alarms]
    is_new = np.diff(at_s, prepend=-np.inf) > _JOIN_S
    return np.asarray(at_s[is_new], np.float64)


def figures(verdicts: Sequence[Verdict]) -> dict[str, float | None]:
    """The figures over several station-months."""
    found = [one for verdict in verdicts for one in verdict.found]
    days = sum(verdict.station_days for verdict in verdicts)
    noticed = [one for one in found if one.delay_samples is not None]
    return {
        "recall_full": _share(one for one in found if one.discharge.is_full),
        "recall_half": _share(one for one in found if not one.discharge.is_full),
        "false_per_30_days": round(30 * sum(v.false_episodes for v in verdicts) / days, 2),
        "median_delay_samples": _median([float(one.delay_samples or 0) for one in noticed]),
        "median_delay_full_samples": _median(
            [float(one.delay_samples or 0) for one in noticed if one.discharge.is_full]
        ),
        "median_delay_min": _median([(one.delay_s or 0.0) / 60 for one in noticed]),
        "recall_class_moved": _share(
            one for one in found if one.discharge.class_at_peak > one.discharge.class_before
        ),
    }


def recall_by(verdicts: Sequence[Verdict], key: str) -> dict[str, float]:
    """Recall per value of an attribute of the discharges."""
    found = [one for verdict in verdicts for one in verdict.found]
    values = sorted({getattr(one.discharge, key) for one in found})
    return {
        str(value): _share(one for one in found if getattr(one.discharge, key) == value)
        for value in values
    }


def _found(discharge: Discharge, times_s: Floats, hits_s: Floats) -> Found:
    if not len(hits_s):
        return Found(discharge, None, None)
    first, alarm = np.searchsorted(times_s, (discharge.arrival_s, hits_s[0]))
    return Found(discharge, int(alarm - first), float(hits_s[0] - discharge.arrival_s))


def _share(found: Iterable[Found]) -> float:
    is_noticed = [one.delay_samples is not None for one in found]
    return round(sum(is_noticed) / len(is_noticed), 3) if is_noticed else float("nan")


def _median(values: Sequence[float]) -> float | None:
    return round(float(np.median(values)), 1) if values else None
