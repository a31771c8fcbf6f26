"""Quality control at the gateway: QARTOD's checks, combined, with the word of each kept.

The flags stand beside the values; nothing here changes a value. The device's own flags come in
with the series, and the worst of all counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from xunhe.domain.observation import FAIL, SUSPECT, UNKNOWN
from xunhe.water.qc import neighbours as beside
from xunhe.water.qc.checks import (
    Flags,
    Floats,
    climatology,
    flat_line,
    gross_range,
    interval_of,
    months_of,
    rate_of_change,
    spike,
)
from xunhe.water.qc.drift import Calibration, drift
from xunhe.water.qc.limits import FlatLine, QcLimits
from xunhe.water.series import Hourly, Series, worst

NAMES = {
    "device": ("设备自检", "device"),
    "gross_range": ("量程", "gross range"),
    "spike": ("尖峰", "spike"),
    "rate_of_change": ("变化率", "rate of change"),
    "flat_line": ("数值不变", "flat line"),
    "climatology": ("当月常见范围", "climatology"),
    "neighbours": ("邻站比对", "neighbours"),
    "drift": ("校准漂移", "drift"),
}

_FLAT_NEEDS = 2  # intervals: a line through fewer points is always flat


@dataclass(frozen=True, slots=True)
class Qualified:
    """The combined flags, shape (n,), and those of every check that was made."""

    flags: Flags
    by_check: Mapping[str, Flags]

    def said(self, i: int) -> tuple[str, ...]:
        """Names of the checks that called sample `i` SUSPECT or FAIL, as its flag says."""
        flag = self.flags[i]
        if flag not in (SUSPECT, FAIL):
            return ()
        return tuple(name for name, flags in self.by_check.items() if flags[i] == flag)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What some checks need beside the series: all of it may be left out, and they are not made.

    `hourly` is the station's own and `neighbours` those of stations nearby, of the same property
    over the same two weeks; the climatology's months go by the river's clock.
    """

    hourly: Hourly | None = None
    neighbours: Sequence[Hourly] = ()
    calibrations: Sequence[Calibration] = ()
    utc_offset_s: float = 0.0


_ALONE = Surroundings()


def qualify(series: Series, limits: QcLimits, around: Surroundings = _ALONE) -> Qualified:
    """All the checks that have limits, and their combination with the device's flags."""
    by_check = dict(_checks(series, limits, around))
    return Qualified(reduce(worst, by_check.values()), by_check)


def _checks(series: Series, limits: QcLimits, around: Surroundings) -> Iterator[tuple[str, Flags]]:
    times_s, values = series.times_s, series.values
    yield "device", series.flags
    yield "gross_range", gross_range(values, limits.gross)
    if limits.spike:
        yield "spike", spike(values, limits.spike)
    if limits.rate:
        yield "rate_of_change", rate_of_change(times_s, values, limits.rate)
    if limits.flat_line:
        yield "flat_line", _flat_line(times_s, values, limits.flat_line)
    if limits.climatology:
        months = months_of(times_s, around.utc_offset_s)
        yield "climatology", climatology(months, values, limits.climatology)
    if limits.neighbours and around.hourly and around.neighbours:
        hours = beside.compare(around.hourly, around.neighbours, limits.neighbours)
        yield "neighbours", beside.of_samples(times_s, values, around.hourly, hours)
    if limits.drift and around.calibrations:
        yield "drift", drift(times_s, values, around.calibrations, limits.drift)


def _flat_line(times_s: Floats, values: Floats, limits: FlatLine) -> Flags:
    """UNKNOWN for a station that speaks too seldom for its values to look flat."""
    if len(values) > 1 and interval_of(times_s) * _FLAT_NEEDS > limits.suspect_s:
        return np.full(values.shape, UNKNOWN, np.int8)
    return flat_line(times_s, values, limits)
