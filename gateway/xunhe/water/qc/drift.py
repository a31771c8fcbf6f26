"""Drift against the dates of calibration: how wrong the probe had become, found at the next one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xunhe.domain.observation import FAIL, GOOD, MISSING, SUSPECT, UNKNOWN
from xunhe.water.qc.checks import Flags, Floats
from xunhe.water.qc.limits import DriftLimits


@dataclass(frozen=True, slots=True)
class Calibration:
    """A calibration; `found_error` is reading minus standard before it, None where not noted."""

    at_s: float
    found_error: float | None = None


def drift(
    times_s: Floats, values: Floats, calibrations: Sequence[Calibration], limits: DriftLimits
) -> Flags:
    """Flags by the error that a sample had, growing evenly from one calibration to the next.

    UNKNOWN before the first calibration and once the next one is overdue: a probe that nobody has
    looked at is not known to be right, but it must not fall silent either.
    """
    known = sorted(calibrations, key=lambda calibration: calibration.at_s)
    flags = np.full(times_s.shape, UNKNOWN, np.int8)
    for i, since in enumerate(known):
        until = known[i + 1] if i + 1 < len(known) else None
        is_since = times_s >= since.at_s
        if until is None:
            flags[is_since & (times_s - since.at_s <= limits.due_s)] = GOOD
        else:
            is_between = is_since & (times_s < until.at_s)
            flags[is_between] = _between(times_s[is_between], since.at_s, until, limits)
    flags[~np.isfinite(values)] = MISSING
    return flags


def _between(times_s: Floats, since_s: float, until: Calibration, limits: DriftLimits) -> Flags:
    share = (times_s - since_s) / (until.at_s - since_s)
    error = share * abs(until.found_error or 0.0)
    return np.select([error > limits.fail, error > limits.suspect], [FAIL, SUSPECT], GOOD).astype(
        np.int8
    )
