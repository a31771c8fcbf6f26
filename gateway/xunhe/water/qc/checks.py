"""QARTOD checks on one series, flag by flag as ioos_qc 3.0.0 makes them. Pure.

Every check takes arrays of shape (n,) and gives flags of shape (n,), int8. A missing value (not
finite) is 9 in every check; there ioos_qc differs in three places, which the tests name: fewer than
three values in its flat line, missing values in its climatology, no value at all in its spikes.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.observation import FAIL, GOOD, MISSING, SUSPECT, UNKNOWN
from xunhe.water.qc.limits import FlatLine, GrossRange, MonthSpan, Rate, Span, Spike, SpikeMethod

Floats = NDArray[np.float64]
Flags = NDArray[np.int8]
Mask = NDArray[np.bool_]

_FEWEST = 3  # values that a flat line or a spike can be seen in


def gross_range(values: Floats, limits: GrossRange) -> Flags:
    """GOOD, SUSPECT or FAIL; a value on a limit is inside it. Infinity is FAIL, not MISSING."""
    flags = passing(values)
    if limits.suspect is not None:
        flags[_outside(values, limits.suspect)] = SUSPECT
    flags[_outside(values, limits.fail)] = FAIL
    return flags


def spike(values: Floats, limits: Spike) -> Flags:
    """A value apart from those before and after it; the first and the last one are UNKNOWN.

    UNKNOWN beside a missing value, too. On-line, a sample is judged when the next one is there.
    """
    jumps = _jumps(_finite(values), limits.method)
    flags = np.where(np.isnan(jumps), UNKNOWN, GOOD).astype(np.int8)
    for threshold, flag in ((limits.suspect, SUSPECT), (limits.fail, FAIL)):
        if threshold is not None:
            flags[jumps > threshold] = flag
    flags[~np.isfinite(values)] = MISSING
    return flags


def rate_of_change(times_s: Floats, values: Floats, limits: Rate) -> Flags:
    """Change since the sample before; the way back from a spike is flagged as well.

    GOOD where there is no value before.
    """
    flags = passing(values)
    rates = np.abs(np.diff(_finite(values)) / np.diff(times_s))
    flags[1:][rates > limits.suspect_per_s] = SUSPECT
    if limits.fail_per_s is not None:
        flags[1:][rates > limits.fail_per_s] = FAIL
    return flags


def flat_line(times_s: Floats, values: Floats, limits: FlatLine) -> Flags:
    """Values that stay within less than the tolerance for longer than they should.

    The windows are counted in samples of the median interval, in whole seconds; missing values
    inside one are passed over.
    """
    flags = passing(values)
    if len(values) < _FEWEST:
        return flags
    interval_s = interval_of(times_s)
    for span_s, flag in ((limits.suspect_s, SUSPECT), (limits.fail_s, FAIL)):
        steps = int(int(span_s) / interval_s)
        if steps < len(values):
            finite = _finite(values)
            ranges = _running(finite, steps + 1, np.fmax) - _running(finite, steps + 1, np.fmin)
            flags[steps:][ranges < limits.tolerance] = flag
    flags[~np.isfinite(values)] = MISSING
    return flags


def climatology(months: NDArray[np.int64], values: Floats, spans: Mapping[int, MonthSpan]) -> Flags:
    """What the month of the year brings here; UNKNOWN in a month without spans.

    `months` are 1 to 12, shape (n,).
    """
    flags = np.full(values.shape, UNKNOWN, np.int8)
    for month, span in spans.items():
        is_then = months == month
        gross = GrossRange(span.fail or Span(-np.inf, np.inf), span.suspect)
        flags[is_then] = gross_range(values[is_then], gross)
    flags[~np.isfinite(values)] = MISSING
    return flags


def months_of(times_s: Floats, utc_offset_s: float) -> NDArray[np.int64]:
    """Month of the year, 1 to 12, by the river's clock; shape (n,)."""
    months = (times_s + utc_offset_s).astype("datetime64[s]").astype("datetime64[M]")
    return months.astype(np.int64) % 12 + 1


def interval_of(times_s: Floats) -> float:
    """Median interval in whole seconds, at least one; `times_s` has two values or more."""
    return max(1.0, float(np.trunc(np.median(np.diff(times_s)))))


def passing(values: Floats) -> Flags:
    """GOOD everywhere, MISSING where no value is."""
    return np.where(np.isfinite(values), GOOD, MISSING).astype(np.int8)


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def _running(values: Floats, length: int, extreme: np.ufunc) -> Floats:
    """The extreme of every `length` values in a row, by doubling: log₂(length) passes."""
    size = 1
    while 2 * size <= length:
        values = extreme(values[:-size], values[size:])
        size *= 2
    rest = length - size  # two windows of `size` overlap into one of `length`
    return np.asarray(extreme(values[: len(values) - rest], values[rest:]), np.float64)


def _outside(values: Floats, span: Span) -> Mask:
    return (values < span.low) | (values > span.high)


def _jumps(values: Floats, method: SpikeMethod) -> Floats:
    """How far a value stands out; NaN at both ends and beside missing values."""
    jumps = np.full(values.shape, np.nan)
    if len(values) < _FEWEST:
        return jumps
    if method is SpikeMethod.AVERAGE:
        jumps[1:-1] = np.abs(values[1:-1] - (values[:-2] + values[2:]) / 2)
        return jumps
    there, back = np.diff(values)[:-1], np.diff(values)[1:]
    returns = ~(there * back >= 0)  # true for NaN as well, which stays NaN
    jumps[1:-1] = np.where(returns, np.minimum(np.abs(there), np.abs(back)), 0.0)
    return jumps
