"""Quality on the device: a QARTOD flag beside each value. Pure; never changes a value.

Gross range and rate of change as ioos_qc 3.0 behaves: limits are inclusive, NaN is MISSING. Two
tests differ, because a buoy neither has the next sample nor keeps many; the gateway runs the full
tests. The spike test compares with the median of the last values. The flat line counts from the
first value of a run that stays within the tolerance: what it flags ioos_qc flags too, but a drift
slower than the tolerance starts new runs and passes.
What concerns a whole measurement (stuck probe, out of water, low supply) is in inspection.py.
"""

import math

from xunhe_buoy.record import FAIL, GOOD, MISSING, SUSPECT, UNKNOWN

SPIKE_WINDOW = 5  # values the median is taken of
_SPIKE_NEEDS = 3  # a median of fewer is no witness


class Limits:
    """Limits of a channel in its own unit; a test whose limit is None is not done.

    `flat` is (tolerance, SUSPECT after s, FAIL after s). A plain tuple, and whole numbers where
    they will do: the table below stays on a small heap.
    """

    def __init__(
        self,
        fail: tuple[float, float],
        suspect: tuple[float, float],
        spike: float | None = None,
        rate_per_s: float | None = None,
        flat: tuple[float, int, int] | None = None,
    ) -> None:
        self.fail = fail
        self.suspect = suspect
        self.spike = spike
        self.rate_per_s = rate_per_s
        self.flat = flat


# One row a channel. `fail` is what the probe or nature cannot do, `suspect` what a Chinese river
# hardly does. `spike` and `rate_per_s` are meant for electrical glitches, not for pollution: a
# spill steps ammonia by a few mg/L between two samples and must stay GOOD. `flat` lies below the
# probes' own noise. All to be tuned for the site.
RIVER_LIMITS = {
    # Y532: 0 to 50 °C. Ice water reads slightly below 0; 38 °C is a cooling-water outfall.
    "water_temp_c": Limits((-2, 50), (-0.5, 38), 8, 0.1, (0.005, 21600, 43200)),
    # pH scale. 3 to 11 is what acid and lye make of a river, and must be judged.
    "ph": Limits((0, 14), (2, 12), 2.5, 0.05, (0.002, 10800, 21600)),
    # Y504: 0 to 20 mg/L; above 18 is bloom or a wiper in the light path.
    "do_mg_l": Limits((0, 20), (0, 18), 8, 0.15, (0.005, 10800, 21600)),
    # Y560: 0 to 100 mg/L NH4-N; above 50 exceeds raw sewage.
    "nh3n_mg_l": Limits((0, 130), (0, 50), 25, 0.5, (0.001, 10800, 21600)),
    # One LiFePO4 cell: 2.5 V cut-off, 3.65 V full; a 12 V battery stays below 15 V.
    "battery_v": Limits((2, 16), (2.5, 15)),
    # An outfall: pipes and channels, not rivers. Dry is the usual state: no flat line.
    "level_m": Limits((-0.2, 20), (-0.05, 10)),
    "flow_l_s": Limits((-1000, 100000), (-10, 20000)),
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


def rate(change: float, elapsed_s: float, per_s: float) -> int:
    """SUSPECT where a value moved faster than `per_s`; equal passes; UNKNOWN without time."""
    if elapsed_s <= 0:
        return UNKNOWN
    return SUSPECT if abs(change) > per_s * elapsed_s else GOOD


def shortly(values: list[float] | tuple[float, ...] | None) -> list[float] | None:
    """Values or seconds with three decimals: few letters where they are kept over a deep sleep."""
    return None if values is None else [round(value, 3) for value in values]


class FlatLine:
    """How long a channel has stayed within the tolerance.

    A value at or below `floor` is clipped there (no oxygen, no ammonia), not stuck.
    """

    def __init__(self, limits: tuple[float, int, int], floor: float) -> None:
        self._tolerance, self._suspect_s, self._fail_s = limits
        self._floor = floor
        self._since_s = math.inf  # the first value is earlier: it begins a run
        self._low = math.inf
        self._high = -math.inf

    def memory(self) -> list[float] | None:
        """The run as short JSON values; None before the first value."""
        if self._since_s == math.inf:
            return None
        return [round(self._since_s), round(self._low, 4), round(self._high, 4)]

    def remember(self, kept: list[float]) -> None:
        """Go on from what `memory` gave."""
        self._since_s, self._low, self._high = kept

    def flag(self, value: float, time_s: float) -> int:
        """GOOD, SUSPECT or FAIL; equal to a time is flagged, a range equal to the tolerance not."""
        low, high = min(self._low, value), max(self._high, value)
        is_new = high - low >= self._tolerance or value <= self._floor
        if is_new or time_s < self._since_s:
            low = high = value
            self._since_s = time_s
        self._low, self._high = low, high
        flat_s = time_s - self._since_s
        if flat_s >= self._fail_s:
            return FAIL
        return SUSPECT if flat_s >= self._suspect_s else GOOD


class Qualifier:
    """Flags the values of one channel, remembering the last few."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._recent: list[float] = []
        self._before: tuple[float, float] | None = None  # (value, time) of the last one
        self._flat = FlatLine(limits.flat, limits.fail[0]) if limits.flat is not None else None

    def flag(self, value: float | None, time_s: float | None = None) -> int:
        """The worst of all tests; an impossible value is not remembered.

        Without `time_s` (seconds on any clock) rate and flat line are not tested.
        """
        flag = gross_range(value, self._limits)
        if value is None or flag in (MISSING, FAIL):
            return flag
        flags = [flag, self._spike(value)]
        if time_s is not None:
            flags += [self._rate(value, time_s), self._flatness(value, time_s)]
        return worst(flags)

    def memory(self) -> list[object]:
        """What must outlive a deep sleep, as short JSON values."""
        flat = None if self._flat is None else self._flat.memory()
        return [shortly(self._recent), shortly(self._before), flat]

    def remember(self, kept: tuple[list[float], tuple[float, float] | None, list[float]]) -> None:
        """Go on from what `memory` gave."""
        self._recent, self._before = list(kept[0]), kept[1]
        if self._flat is not None and kept[2] is not None:
            self._flat.remember(kept[2])

    def _spike(self, value: float) -> int:
        threshold = self._limits.spike
        flag = UNKNOWN if threshold is None else spike(value, self._recent, threshold)
        # Remembered even where suspect: a step that lasts becomes the new median.
        self._recent.append(value)
        self._recent = self._recent[-SPIKE_WINDOW:]
        return flag

    def _rate(self, value: float, time_s: float) -> int:
        before, self._before = self._before, (value, time_s)
        if before is None or self._limits.rate_per_s is None:
            return UNKNOWN
        return rate(value - before[0], time_s - before[1], self._limits.rate_per_s)

    def _flatness(self, value: float, time_s: float) -> int:
        return UNKNOWN if self._flat is None else self._flat.flag(value, time_s)


def worst(flags: list[int]) -> int:
    """The gravest flag; a test that could not be done takes nothing from one that passed."""
    for flag in (MISSING, FAIL, SUSPECT, GOOD):
        if flag in flags:
            return flag
    return UNKNOWN
