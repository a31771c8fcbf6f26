"""When a reading has settled: it stays within a band for a while, and so does the water. Pure."""

from dataclasses import dataclass, field
from enum import Enum


class Settling(Enum):
    """Why a point may be taken, or not yet; the words are for the technician."""

    FEW = ("读数还不够", "too few readings yet")
    SHORT = ("时间还不够", "not long enough yet")
    MOVING = ("读数还在变", "the reading still moves")
    WARMING = ("水温还在变", "the temperature still moves")
    STABLE = ("已稳定", "stable")

    @property
    def words(self) -> str:
        """Chinese first, English beside."""
        return f"{self.value[0]} {self.value[1]}"


@dataclass(frozen=True, slots=True)
class StabilityLimits:
    """`spread`: greatest minus least raw value of the window, in the raw value's unit."""

    spread: float
    temp_spread_c: float = 0.3
    readings: int = 5
    window_s: float = 20.0


# Raw quantity → spread. pH: 0.5 mV is 0.008 pH. Oxygen: half a percent of saturation. By practice;
# no standard names a figure for an immersed probe: to be confirmed on the bench.
SPREADS = {
    "ph_mv": 0.5,
    "ph": 0.01,
    "nh4_mv": 0.5,
    "nh4_n_mg_l": 0.05,
    "do_fraction": 0.005,
    "do_mg_l": 0.05,
    "temp_c": 0.1,
}
_OTHER = 0.05


def limits_of(quantity: str, readings: int = 5, window_s: float = 20.0) -> StabilityLimits:
    """The limits for a raw quantity."""
    spread = SPREADS.get(quantity, _OTHER)
    return StabilityLimits(spread, readings=readings, window_s=window_s)


@dataclass(frozen=True, slots=True)
class Sample:
    """One live reading: seconds of any steady clock, raw value, °C."""

    time_s: float
    raw: float
    temp_c: float


@dataclass(slots=True)
class Stability:
    """Looks at the last `window_s`; older readings are forgotten."""

    limits: StabilityLimits
    samples: list[Sample] = field(default_factory=list)

    def take(self, sample: Sample) -> Settling:
        """Add a reading; STABLE where all of the window lies within the limits, both included."""
        self.samples.append(sample)
        self._forget(sample.time_s - self.limits.window_s)
        if len(self.samples) < self.limits.readings:
            return Settling.FEW
        if sample.time_s - self.samples[0].time_s < self.limits.window_s:
            return Settling.SHORT
        if self.spread > self.limits.spread * _ROUNDING:
            return Settling.MOVING
        if self.temp_spread_c > self.limits.temp_spread_c * _ROUNDING:
            return Settling.WARMING
        return Settling.STABLE

    def _forget(self, before_s: float) -> None:
        """Keep one reading at or before the window's start, so that the window is covered."""
        while len(self.samples) > self.limits.readings and self.samples[1].time_s <= before_s:
            del self.samples[0]

    @property
    def spread(self) -> float:
        """Greatest minus least raw value of the window."""
        raws = [sample.raw for sample in self.samples]
        return max(raws) - min(raws)

    @property
    def temp_spread_c(self) -> float:
        """The same of the temperature, °C."""
        temps_c = [sample.temp_c for sample in self.samples]
        return max(temps_c) - min(temps_c)

    def mean(self) -> tuple[float, float]:
        """(raw, °C), the means of the window."""
        count = len(self.samples)
        raw = sum(sample.raw for sample in self.samples) / count
        return raw, sum(sample.temp_c for sample in self.samples) / count


_ROUNDING = 1 + 1e-9  # a spread equal to the limit passes, whatever the last bit of a float says
