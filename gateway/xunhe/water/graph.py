"""The river graph with what is known of its velocities: how long water takes, from when to when.

A reach's velocity is measured, follows from its level, or is assumed; each comes with a range that
holds the true one nine times in ten. A way's range is made from its legs': the stage of the day
moves all reaches together, the rest of each reach's error is its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import sqrt

import numpy as np

from xunhe.domain.network import Leg, Network
from xunhe.domain.registry import Reach, Registry, VelocityBasis

# Share of the variance that all reaches have in common; an assumption, between none and all.
_COMMON = 0.5

# Low and high velocity over the likely one, where nobody has given a range. Assumptions: a float
# measurement, a rating curve, and a guess from the look of the river.
_RANGES = {
    VelocityBasis.MEASURED: (0.85, 1.15),
    VelocityBasis.LEVEL: (0.75, 1.3),
    VelocityBasis.ASSUMED: (0.6, 1.6),
}


@dataclass(frozen=True, slots=True)
class Velocity:
    """Of one reach, m/s; the true one lies between low and high nine times in ten."""

    low_m_s: float
    likely_m_s: float
    high_m_s: float
    basis: VelocityBasis


@dataclass(frozen=True, slots=True)
class Travel:
    """The way of the water between two places.

    `early_s` to `late_s` holds the true travel time nine times in ten. `dilution` is the share of
    a concentration that confluences leave, 0..1; `basis` that of the least sure of its velocities.
    """

    metres: float
    early_s: float
    likely_s: float
    late_s: float
    dilution: float
    basis: VelocityBasis
    legs: tuple[Leg, ...]


@dataclass(frozen=True, slots=True)
class RiverGraph:
    """Ways with their uncertainty. `levels_m` are the present levels of reaches, by code."""

    registry: Registry
    levels_m: Mapping[str, float] = field(default_factory=dict)

    def velocity(self, reach: Reach) -> Velocity:
        """By its level where that and a curve are known, else as registered."""
        level_m = self.levels_m.get(reach.code)
        if level_m is not None and reach.velocity_at_level:
            levels, velocities = zip(*reach.velocity_at_level, strict=True)
            return _ranged(float(np.interp(level_m, levels, velocities)), VelocityBasis.LEVEL)
        if reach.velocity_range_m_s is None:
            return _ranged(reach.velocity_m_s, reach.velocity_basis)
        low_m_s, high_m_s = reach.velocity_range_m_s
        return Velocity(low_m_s, reach.velocity_m_s, high_m_s, reach.velocity_basis)

    def travel(self, upstream: str, downstream: str) -> Travel | None:
        """From one registered place to another; None where no water flows that way."""
        legs = Network(self.registry).way(upstream, downstream)
        return None if legs is None else self._travel(legs)

    def travel_to_reach(self, upstream: str, reach: str) -> Travel | None:
        """From a registered place to the head of a reach; None where no water flows that way."""
        legs = Network(self.registry).way_to_reach(upstream, reach)
        return None if legs is None else self._travel(legs)

    def _travel(self, legs: tuple[Leg, ...]) -> Travel:
        velocities = [self.velocity(leg.reach) for leg in legs]
        pairs = [(leg.metres, velocity) for leg, velocity in zip(legs, velocities, strict=True)]
        likely_s = sum(metres / v.likely_m_s for metres, v in pairs)
        ahead_s = _joined(metres / v.likely_m_s - metres / v.high_m_s for metres, v in pairs)
        behind_s = _joined(metres / v.low_m_s - metres / v.likely_m_s for metres, v in pairs)
        return Travel(
            metres=sum(leg.metres for leg in legs),
            early_s=likely_s - ahead_s,
            likely_s=likely_s,
            late_s=likely_s + behind_s,
            dilution=_dilution(legs),
            basis=max((v.basis for v in velocities), key=list(VelocityBasis).index),
            legs=legs,
        )


def _ranged(likely_m_s: float, basis: VelocityBasis) -> Velocity:
    low, high = _RANGES[basis]
    return Velocity(low * likely_m_s, likely_m_s, high * likely_m_s, basis)


def _joined(errors_s: Iterable[float]) -> float:
    """The error of a sum: one part of each is common to all, the other its own."""
    errors = list(errors_s)
    return sqrt(_COMMON * sum(errors) ** 2 + (1 - _COMMON) * sum(e * e for e in errors))


def _dilution(legs: tuple[Leg, ...]) -> float:
    """A reach that loses water does not concentrate what it carries."""
    share = 1.0
    for above, below in pairwise(legs):
        share *= min(1.0, above.reach.discharge_m3_s / below.reach.discharge_m3_s)
    return share
