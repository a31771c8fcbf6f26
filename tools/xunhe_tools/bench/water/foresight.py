"""What the forecast is worth where it is shown, on the same water."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from xunhe.water.forecast import Forecast, forecast
from xunhe.water.series import HOUR_S, Hourly, hourly
from xunhe.water.warning.indicators import INDICATORS, Indicator
from xunhe_tools.bench.water.chance import Floats
from xunhe_tools.bench.water.methods import checked, past_of, series_of
from xunhe_tools.bench.water.nature import DAY_S, UTC_OFFSET_S
from xunhe_tools.bench.water.scenario import StationMonth

_EVERY_S = DAY_S + 5 * HOUR_S  # every hour of the day comes in turn
_LEADS = 24


def measure(months: Sequence[StationMonth]) -> dict[str, Any]:
    """Per indicator, over leads of 1 to 24 h: how many are shown, how wrong they are in terms of
    persistence's error, and how often the 80 % interval holds the truth.
    """
    return {one.prop: _figures(one, months) for one in INDICATORS}


def _figures(indicator: Indicator, months: Sequence[StationMonth]) -> dict[str, float]:
    issued, ours, theirs, inside = 0, [], [], []
    for month in months:
        hours = hourly(checked(series_of(month, indicator.prop), indicator.prop), UTC_OFFSET_S)
        for past in _pasts(month, hours):
            issued += 1
            shown = forecast(past, indicator)
            if shown is None:
                continue
            truth = _medians(hours, shown.issued_s + HOUR_S * (shown.leads_h - 1))
            ours += np.abs(shown.values - truth).tolist()
            theirs += np.abs(past.medians[-1] - truth).tolist()
            inside += _inside(shown, truth)
    return {
        "shown_share": round(len(ours) / (issued * _LEADS), 3),
        "error_to_persistence": round(float(np.nanmean(ours) / np.nanmean(theirs)), 3),
        "interval_cover": round(float(np.mean(inside)), 3),
    }


def _pasts(month: StationMonth, hours: Hourly) -> Iterator[Hourly]:
    for now_s in np.arange(month.judged_from_s, month.times_s[-1] - DAY_S, _EVERY_S):
        past = past_of(hours, float(now_s))
        if len(past) and not np.isnan(past.medians[-1]):
            yield past


def _medians(hours: Hourly, starts_s: Floats) -> Floats:
    at = np.searchsorted(hours.starts_s, starts_s)
    at = np.minimum(at, len(hours) - 1)
    return np.where(hours.starts_s[at] == starts_s, hours.medians[at], np.nan)


def _inside(shown: Forecast, truth: Floats) -> list[bool]:
    is_known = ~np.isnan(truth)
    is_inside = (shown.low <= truth) & (truth <= shown.high)
    return [bool(one) for one in is_inside[is_known]]
