"""Quality on the device: a QARTOD flag beside each value. Pure; never changes a value.

Gross range as ioos_qc 3.0 behaves: limits are inclusive, NaN is MISSING. The spike test compares
with the median of the last values, because the differential test of the manuals needs the next
sample, which a buoy does not have yet; the gateway runs the full tests.
"""

import math

from xunhe_buoy.record import FAIL, GOOD, MISSING, SUSPECT, UNKNOWN

SPIKE_WINDOW = 5  # values the median is taken of
_SPIKE_NEEDS = 3  # a median of fewer is no witness


class Limits:
    """Limits of a channel in its own unit; `spike` None: no spike test."""

    def __init__(
        self, fail: tuple[float, float], suspect: tuple[float, float], spike: float | None
    ) -> None:
        self.fail = fail
        self.suspect = suspect
        self.spike = spike


# One row a channel of record.RIVER. `fail` is what the probe or nature cannot do, `suspect` what a
# Chinese river hardly does. `spike` is meant for electrical glitches, not for pollution: a spill
# steps ammonia by a few mg/L between two samples and must stay GOOD.
RIVER_LIMITS = {
    # Y532: 0 to 50 °C. Ice water reads slightly below 0; 38 °C is a cooling-water outfall.
    "water_temp_c": Limits((-2.0, 50.0), (-0.5, 38.0), 8.0),
    # pH scale; GB 3838-2002 classes all ask for 6 to 9, algae and acid bring 5 to 10.
    "ph": Limits((0.0, 14.0), (5.0, 10.0), 2.5),
    # Y504: 0 to 20 mg/L; above 18 is bloom or a wiper in the light path.
    "do_mg_l": Limits((0.0, 20.0), (0.0, 18.0), 8.0),
    # Y560: 0 to 100 mg/L NH4-N; above 50 exceeds raw sewage.
    "nh3n_mg_l": Limits((0.0, 130.0), (0.0, 50.0), 25.0),
    # One Li-ion cell as cell voltage: 2.5 V cut-off, 4.2 V full; a 12 V battery stays below 15 V.
    "battery_v": Limits((2.0, 16.0), (3.0, 15.0), None),
}


def gross_range(value: float | None, limits: Limits) -> int:
    """GOOD, SUSPECT, FAIL or MISSING; a value on a limit is inside it."""
    if value is None or math.isnan(value):
        return MISSING
    if not limits.fail[0] <= value <= limits.fail[1]:
        return FAIL
    if not limits.suspect[0] <= value <= limits.suspect[1]:
        return SUSPECT
    return GOOD


def spike(value: float, recent: list[float], threshold: float) -> int:
    """SUSPECT where the value lies further than the threshold from the median of `recent`.

    Equal to the threshold passes. UNKNOWN where `recent` is too short.
    """
    if len(recent) < _SPIKE_NEEDS:
        return UNKNOWN
    return SUSPECT if abs(value - median(recent)) > threshold else GOOD


def median(values: list[float]) -> float:
    """The middle value; the mean of the middle two for an even number."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


class Qualifier:
    """Flags the values of one channel, remembering the last few."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._recent: list[float] = []

    def flag(self, value: float | None) -> int:
        """The worse of gross range and spike; an impossible value is not remembered."""
        flag = gross_range(value, self._limits)
        if value is None or flag in (MISSING, FAIL):
            return flag
        threshold = self._limits.spike
        if threshold is not None and spike(value, self._recent, threshold) == SUSPECT:
            flag = SUSPECT
        # Remembered even where suspect: a step that lasts becomes the new median.
        self._recent.append(value)
        self._recent = self._recent[-SPIKE_WINDOW:]
        return flag
