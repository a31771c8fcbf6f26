"""What is usual at a station: the daily curve of each indicator and how far it strays from it.

Learnt from the hourly medians of a fortnight by medians only, so that the discharges and storms of
that fortnight hardly matter.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from xunhe.water.series import HOUR_S, Hourly
from xunhe.water.warning.indicators import Floats, Indicator
from xunhe.water.warning.robust import MAD_TO_SIGMA, later, median, trailing

DAY_H = 24
SPANS_H = (1, 2, 4)  # lengths of the departures whose natural size is learnt
_BESIDE_H = 2  # hours of the day that lend each other their size
_HARMONICS = 3  # of the day: how fine a daily curve is
_APART = 2.5  # standard deviations


@dataclass(frozen=True, slots=True)
class Habit:
    """An indicator's usual course on its judging scale.

    `profile` (24,) is the departure from the daily mean in each hour of the day, hour 0 beginning
    at a multiple of 24 h from `ends_s`. `residuals` (n,) are the hourly medians without the
    profile, the last ending at `ends_s`. `sizes` (3, 24): for spans of 1, 2 and 4 h and each hour
    of the day, the standard deviation of a mean over the span from the median of the hours before.
    """

    ends_s: float
    profile: Floats
    residuals: Floats
    sizes: Floats

    def usual(self, times_s: Floats) -> Floats:
        """The profile at any instants, linear between the middles of the hours."""
        hours = (times_s - self.ends_s) / HOUR_S - 0.5
        around = np.append(self.profile, self.profile[0])
        return np.asarray(np.interp(hours % DAY_H, np.arange(DAY_H + 1), around), np.float64)

    def sizes_at(self, times_s: Floats) -> Floats:
        """The sizes (3, n) of departures that end at each instant."""
        hours = np.floor((times_s - self.ends_s) / HOUR_S).astype(int) % DAY_H
        return np.asarray(self.sizes[:, hours], np.float64)

    def before(self, starts_s: Floats) -> Floats:
        """Residual of the hour in which each instant lies; NaN outside what was learnt."""
        back = np.floor((starts_s - self.ends_s) / HOUR_S).astype(int) + len(self.residuals)
        inside = (back >= 0) & (back < len(self.residuals))
        return np.where(inside, self.residuals[np.where(inside, back, 0)], np.nan)


def learn(
    hourly: Hourly, indicator: Indicator, *, reference_h: int, least_hours: int
) -> Habit | None:
    """The habit in some days of hourly medians; None where fewer than `least_hours` are usable."""
    if np.count_nonzero(~np.isnan(hourly.medians)) < least_hours:
        return None
    values, ends_s = _whole_days(hourly)
    values = indicator.scaled(values)
    departures = (values - _daily_mean(values)).reshape(-1, DAY_H)
    raw = np.nan_to_num(median(departures.T))
    profile = _smooth(raw)
    residuals = values - np.tile(profile, len(departures))
    sizes = _sizes(_without_plumes(residuals), reference_h)
    return Habit(ends_s, profile, residuals, np.maximum(sizes, indicator.least_scale))


def _smooth(curve: Floats) -> Floats:
    """The first harmonics of a daily curve (24,): a median of 14 days is noisy, the sun is not."""
    waves = np.fft.rfft(curve)
    waves[_HARMONICS + 1 :] = 0
    return np.asarray(np.fft.irfft(waves, DAY_H), np.float64)


def _whole_days(hourly: Hourly) -> tuple[Floats, float]:
    """Medians of whole days (n · 24,), missing hours NaN, and the end of the last hour."""
    ends_s = float(hourly.starts_s[-1]) + HOUR_S
    back = np.round((ends_s - hourly.starts_s) / HOUR_S).astype(int)  # 1 = the last hour
    days = -(-int(back[0]) // DAY_H)
    values = np.full(days * DAY_H, np.nan)
    values[len(values) - back] = hourly.medians
    return values, ends_s


def _daily_mean(values: Floats) -> Floats:
    """Mean of the day around each hour, of what is there; shape kept."""
    there = ~np.isnan(values)
    ones = np.ones(DAY_H + 1)
    total = np.convolve(np.where(there, values, 0.0), ones, "same")
    count = np.convolve(there.astype(np.float64), ones, "same")
    return total / np.where(count, count, np.nan)


def _without_plumes(residuals: Floats) -> Floats:
    """The residuals with NaN where an hour stands apart from the day around it.

    Else a station with many discharges would look restless, and its next one usual.
    """
    ahead = np.concatenate([residuals, np.full(DAY_H // 2, np.nan)])
    around = median(trailing(ahead, DAY_H + 1))[DAY_H // 2 :]
    apart = np.abs(residuals - around)
    limit = _APART * MAD_TO_SIGMA * median(apart)
    return np.where(apart > limit, np.nan, residuals)


def _sizes(residuals: Floats, reference_h: int) -> Floats:
    """Standard deviations (3, 24) of the means of a span about the median before it.

    Half from the hours beside each in all days, half from the whole: the one knows that noon is
    restless, the other rests on enough hours.
    """
    before = median(trailing(residuals, reference_h))
    departures = np.abs(
        [trailing(residuals, span).mean(axis=-1) - later(before, span) for span in SPANS_H]
    )
    days = departures.reshape(len(SPANS_H), -1, DAY_H).swapaxes(1, 2)
    hours = np.arange(-_BESIDE_H, DAY_H + _BESIDE_H) % DAY_H
    beside = sliding_window_view(days[:, hours], 2 * _BESIDE_H + 1, axis=1)
    of_hour = median(beside.reshape(len(SPANS_H), DAY_H, -1))
    return MAD_TO_SIGMA * np.sqrt((of_hour**2 + median(departures)[:, None] ** 2) / 2)
