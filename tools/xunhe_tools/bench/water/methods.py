"""The methods compared: xunhe's early warning, plain thresholds, `ioos_qc`. Alarms for each sample.

None of them sees a sample before it is there.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.observation import MISSING, SUSPECT, UNKNOWN
from xunhe.water.qc import qualify
from xunhe.water.qc.limits import RIVER
from xunhe.water.series import HOUR_S, Hourly, Series, hourly
from xunhe.water.warning import Context, Habit, WarningSettings, habits, judge
from xunhe_tools.bench.water.nature import DAY_S, UTC_OFFSET_S
from xunhe_tools.bench.water.scenario import StationMonth

Alarms = NDArray[np.bool_]
Method = Callable[[StationMonth], Alarms]

RECENT_S, HISTORY_S = 12 * HOUR_S, 14 * DAY_S
_RAIN_KEPT_S = 36 * HOUR_S

# Of 4, 5, 6, 8, 10, 14 and 20 the one that finds most on the tuning seeds 1 to 4; none of them has
# fewer than 11 false alarms in 30 days.
_IOOS_FACTOR = 4.0


def early_warning(month: StationMonth, settings: WarningSettings | None = None) -> Alarms:
    """As the gateway does it: at every sample check the last 12 h, then ask the detector.

    The habits are learnt once an hour, when a new hour's median is there.
    """
    settings = settings or WarningSettings()
    raw = {prop: series_of(month, prop) for prop in month.measured}
    history = {prop: hourly(checked(one, prop), UTC_OFFSET_S) for prop, one in raw.items()}
    alarms = np.zeros(len(month.times_s), np.bool_)
    is_serviced, stands = month.is_serviced, False
    known: dict[str, Habit] = {}
    for i in np.flatnonzero((month.times_s >= month.judged_from_s) & ~is_serviced):
        now_s = float(month.times_s[i])
        recent = {prop: recent_of(one, prop, now_s) for prop, one in raw.items()}
        if now_s % HOUR_S == 0:
            known = habits({prop: past_of(one, now_s) for prop, one in history.items()}, settings)
        context = Context(UTC_OFFSET_S, _rain(month, now_s), is_maintained=False)
        warning = judge(recent, known, context, settings)
        stands = alarms[i] = warning is not None and (stands or warning.is_new)
    return alarms


def held_thresholds(month: StationMonth) -> Alarms:
    """Plain thresholds that three readings in a row must break."""
    over = thresholds(month)
    held = over.copy()
    held[1:] &= over[:-1]
    held[2:] &= over[:-2]
    return held


def thresholds(month: StationMonth) -> Alarms:
    """Plain thresholds: a reading outside the limits that its station's class of water allows.

    The class is the worst that the median of the first fortnight has in ammonia and in the daily
    oxygen minimum, so that ordinary water keeps within it.
    """
    early = month.times_s < month.judged_from_s
    nh3n, do, ph = (month.measured[prop] for prop in ("nh3n_mg_l", "do_mg_l", "ph"))
    usual_nh3n = np.nanmedian(nh3n[early])
    lowest_do = np.nanmedian(_daily_minimum(do[early], month.interval_s))
    most_nh3n = min((one for one in (0.15, 0.5, 1.0, 1.5, 2.0) if one >= usual_nh3n), default=2.0)
    least_do = max((one for one in (7.5, 6.0, 5.0, 3.0, 2.0) if one <= lowest_do), default=2.0)
    return (nh3n > most_nh3n) | (do < least_do) | (ph < 6.0) | (ph > 9.0)


def ioos_qc(month: StationMonth, factor: float = _IOOS_FACTOR) -> Alarms:
    """QARTOD's spike and rate of change as `ioos_qc` makes them, taken for alarms.

    Their thresholds are `factor` times what neighbouring samples of the first fortnight differ by.
    The spike test needs the sample after: its word comes with that one.
    """
    from ioos_qc import qartod  # type: ignore[import-untyped]  # noqa: PLC0415

    early = month.times_s < month.judged_from_s
    times = month.times_s.astype("datetime64[s]")
    alarms = np.zeros(len(times), np.bool_)
    for values in month.measured.values():
        steps = np.abs(np.diff(values[early]))
        usual = 1.4826 * float(np.nanmedian(steps)) / np.sqrt(2)
        spikes = qartod.spike_test(values, suspect_threshold=factor * usual, fail_threshold=np.inf)
        rates = qartod.rate_of_change_test(
            values, times, threshold=2 * factor * usual / month.interval_s
        )
        alarms[1:] |= np.asarray(spikes)[:-1] == SUSPECT
        alarms |= np.asarray(rates) == SUSPECT
    return alarms


METHODS: Mapping[str, Method] = {
    "xunhe": early_warning,
    "thresholds": thresholds,
    "thresholds_held": held_thresholds,
    "ioos_qc": ioos_qc,
}


def recent_of(series: Series, prop: str, now_s: float) -> Series:
    """The last 12 h up to now with the gateway's flags."""
    return checked(series.between(now_s - RECENT_S, now_s + 1), prop)


def past_of(hours: Hourly, now_s: float) -> Hourly:
    """The whole hours of the last 14 days."""
    this_hour_s = now_s // HOUR_S * HOUR_S
    first, last = np.searchsorted(hours.starts_s, (this_hour_s - HISTORY_S, this_hour_s))
    return Hourly(hours.starts_s[first:last], hours.medians[first:last], hours.counts[first:last])


def series_of(month: StationMonth, prop: str) -> Series:
    """What the gateway holds: readings during a visit are known to be no water."""
    values = month.measured[prop]
    flags = np.where(month.is_serviced, SUSPECT, UNKNOWN)
    return Series(month.times_s, values, np.where(np.isnan(values), MISSING, flags).astype(np.int8))


def checked(series: Series, prop: str) -> Series:
    return series.flagged(qualify(series, RIVER[prop]).flags)


def _rain(month: StationMonth, now_s: float) -> tuple[tuple[float, float], ...]:
    """What the gauge has told so far."""
    return tuple(
        (from_s, min(until_s, now_s))
        for from_s, until_s in month.rain
        if from_s <= now_s < until_s + _RAIN_KEPT_S
    )


def _daily_minimum(values: NDArray[np.float64], interval_s: float) -> NDArray[np.float64]:
    days = values[: len(values) // int(DAY_S / interval_s) * int(DAY_S / interval_s)]
    return np.asarray(np.nanmin(days.reshape(-1, int(DAY_S / interval_s)), axis=1), np.float64)
