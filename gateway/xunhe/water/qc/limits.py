"""What the checks hold a property against, and the values for rivers.

Thresholds are in the property's unit. A discharge steps ammonia and oxygen between two samples and
must stay usable: spike and rate are wide, they are meant for electrical glitches.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from xunhe_buoy.quality import RIVER_LIMITS

_HOUR_S = 3600.0
_DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Span:
    """A closed interval: both ends are inside. ValueError where it is upside down."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"a span goes up: {self.low} to {self.high} does not")

    def holds(self, other: "Span") -> bool:
        """Does the other one lie inside this one?"""
        return self.low <= other.low and other.high <= self.high


@dataclass(frozen=True, slots=True)
class GrossRange:
    """Outside `fail` no probe can measure, outside `suspect` hardly any river is."""

    fail: Span
    suspect: Span | None = None

    def __post_init__(self) -> None:
        if self.suspect is not None and not self.fail.holds(self.suspect):
            raise ValueError(f"the suspect span {self.suspect} must lie inside {self.fail}")


class SpikeMethod(StrEnum):
    """What a value is compared with; both need the sample after it.

    AVERAGE flags the neighbours of a spike as well, and both sides of a step. DIFFERENTIAL flags
    only a value that leaves and comes back, so that a step, which may be pollution, passes.
    """

    AVERAGE = "average"
    DIFFERENTIAL = "differential"


@dataclass(frozen=True, slots=True)
class Spike:
    """Thresholds; a difference equal to one passes it, None is no threshold."""

    suspect: float | None
    fail: float | None
    method: SpikeMethod = SpikeMethod.DIFFERENTIAL


@dataclass(frozen=True, slots=True)
class Rate:
    """Greatest change per second; equal passes."""

    suspect_per_s: float
    fail_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class FlatLine:
    """How long values may stay within less than `tolerance` of one another."""

    suspect_s: float
    fail_s: float
    tolerance: float


@dataclass(frozen=True, slots=True)
class MonthSpan:
    """What a month of the year brings at this place."""

    suspect: Span
    fail: Span | None = None


@dataclass(frozen=True, slots=True)
class NeighbourLimits:
    """How far the difference to the neighbours may leave its usual value.

    It is a median over `window_h` hours, which a discharge of a few hours does not move.
    """

    suspect: float
    fail: float | None = None
    window_h: int = 24


@dataclass(frozen=True, slots=True)
class DriftLimits:
    """How wrong a probe may have become by its next calibration, and when that is due."""

    suspect: float
    fail: float
    due_s: float


@dataclass(frozen=True, slots=True)
class QcLimits:
    """All the checks of one property; a check without limits is not made."""

    gross: GrossRange
    spike: Spike | None = None
    rate: Rate | None = None
    flat_line: FlatLine | None = None
    climatology: Mapping[int, MonthSpan] = field(default_factory=dict)  # by month, 1 to 12
    neighbours: NeighbourLimits | None = None
    drift: DriftLimits | None = None

    def __post_init__(self) -> None:
        if strange := set(self.climatology) - set(range(1, 13)):
            raise ValueError(f"months are 1 to 12, not {sorted(strange)}")


def _gross(prop: str) -> GrossRange:
    """The device's own limits: both ends judge alike."""
    limits = RIVER_LIMITS[prop]
    return GrossRange(Span(*limits.fail), Span(*limits.suspect))


# Water of the temperate and subtropical rivers of China, by month: winter ends below 25 °C, only
# summer passes 36 °C. Our own wide spans: a river's own record gives better ones.
_TEMPERATURE = {
    month: MonthSpan(Span(-0.5, high))
    for month, high in enumerate((22, 22, 26, 30, 33, 36, 38, 38, 36, 32, 28, 24), start=1)
}

# Flat: a living probe moves by more than the record's scale (0.001; ammonia and temperature 0.01,
# so that clean or deep water may repeat itself for a while). Drift: our own bounds of fit for use.
RIVER: dict[str, QcLimits] = {
    "water_temp_c": QcLimits(
        _gross("water_temp_c"),
        Spike(3.0, 8.0),
        Rate(8.0 / 600, 20.0 / 600),
        FlatLine(6 * _HOUR_S, 24 * _HOUR_S, 0.005),
        _TEMPERATURE,
        NeighbourLimits(4.0, 10.0),
        DriftLimits(0.5, 2.0, 365 * _DAY_S),
    ),
    "ph": QcLimits(
        _gross("ph"),
        Spike(1.5, 4.0),
        Rate(3.0 / 600, 6.0 / 600),
        FlatLine(_HOUR_S, 3 * _HOUR_S, 0.002),
        neighbours=NeighbourLimits(1.0, 3.0),
        drift=DriftLimits(0.3, 1.0, 60 * _DAY_S),
    ),
    "do_mg_l": QcLimits(
        _gross("do_mg_l"),
        Spike(4.0, 8.0),
        Rate(8.0 / 600, 16.0 / 600),
        FlatLine(_HOUR_S, 3 * _HOUR_S, 0.002),
        neighbours=NeighbourLimits(4.0, 8.0),
        drift=DriftLimits(1.0, 2.5, 90 * _DAY_S),
    ),
    "nh3n_mg_l": QcLimits(
        _gross("nh3n_mg_l"),
        Spike(5.0, 25.0),
        Rate(25.0 / 600, 60.0 / 600),
        FlatLine(3 * _HOUR_S, 12 * _HOUR_S, 0.005),
        drift=DriftLimits(1.0, 3.0, 30 * _DAY_S),
    ),
    "battery_v": QcLimits(_gross("battery_v")),
}
