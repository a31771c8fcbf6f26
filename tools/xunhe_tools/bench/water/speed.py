"""How many stations one core evaluates while each sends a reading a minute."""

import time
from collections.abc import Mapping

import numpy as np

from xunhe.water.series import HOUR_S, Hourly, Series, hourly
from xunhe.water.warning import Context, WarningSettings, habits, judge
from xunhe_tools.bench.water.methods import checked, past_of, recent_of, series_of
from xunhe_tools.bench.water.nature import UTC_OFFSET_S
from xunhe_tools.bench.water.scenario import station_month

_INTERVAL_S = 60.0
_HOURS = 8  # spread over the month, in and out of plumes


def stations_per_core(seed: int) -> int:
    """60 s over the CPU time that one new reading costs, as the gateway judges it.

    At each reading the last 12 h of one-minute readings are checked and the last 36 h gone through;
    once an hour the habits are learnt from 14 days of hours.
    """
    month = station_month(np.random.default_rng([seed, 99]), 7, [1.0] * 17, _INTERVAL_S)
    raw = {prop: series_of(month, prop) for prop in month.measured}
    history = {prop: hourly(checked(one, prop), UTC_OFFSET_S) for prop, one in raw.items()}
    begins_s = np.linspace(month.judged_from_s, month.times_s[-1] - HOUR_S, _HOURS)
    begins_s = np.floor(begins_s / HOUR_S) * HOUR_S
    spent_s = sum(_hour(float(begin_s), raw, history) for begin_s in begins_s)
    return int(_INTERVAL_S / (spent_s / (_HOURS * HOUR_S / _INTERVAL_S)))


def _hour(begin_s: float, raw: Mapping[str, Series], history: Mapping[str, Hourly]) -> float:
    """CPU seconds for an hour of readings."""
    context, settings = Context(UTC_OFFSET_S, (), is_maintained=False), WarningSettings()
    begun_s = time.process_time()
    known = habits({prop: past_of(one, begin_s) for prop, one in history.items()}, settings)
    for now_s in np.arange(begin_s, begin_s + HOUR_S, _INTERVAL_S):
        recent = {prop: recent_of(one, prop, now_s) for prop, one in raw.items()}
        judge(recent, known, context, settings)
    return time.process_time() - begun_s
