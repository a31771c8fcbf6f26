"""What waste water of each kind of source does to a river.

The compositions are assumptions of this project, the middle of what is usual for such waste water;
they order suspects and accuse nobody. A real one may be off by a factor (`_FACTOR`). Whoever knows
a source better writes its pollutants and its flow into the registry.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import exp, log

import numpy as np

from xunhe.domain.riverside import Source, SourceKind

# The least change of a property that counts as one: ammonia up, oxygen down (mg/L), pH either way.
LEAST_CHANGE = {"nh3n_mg_l": 0.35, "do_mg_l": 1.0, "ph": 0.3}

_NOISE = {"nh3n_mg_l": 0.1, "do_mg_l": 0.5, "ph": 0.12}  # of a measured change, one sigma
_FACTOR = 0.7  # one sigma of the relative error of a composition
_SHARES = np.geomspace(1e-4, 0.5, 80)  # of waste water in the river that are tried
_PH_SHARE = 0.01  # at this share pH has gone 1 - 1/e of its way
_PROMPT = 0.1  # of the ultimate oxygen demand that shows within hours
_UNLIKELY = -3.0  # no composition says more against a source: its file may name the wrong kind


@dataclass(frozen=True, slots=True)
class Composition:
    """Waste water: ammonia N, ultimate oxygen demand (mg/L), how far it pulls the pH, m³ a day."""

    nh3n_mg_l: float
    demand_mg_l: float
    ph_shift: float
    flow_m3_d: float


COMPOSITIONS = {
    SourceKind.LIVESTOCK: Composition(400.0, 3000.0, 0.2, 100.0),
    SourceKind.AQUACULTURE: Composition(5.0, 40.0, 0.1, 3000.0),
    SourceKind.SEWAGE_PLANT: Composition(30.0, 200.0, 0.0, 10_000.0),
    SourceKind.SEWER_OVERFLOW: Composition(35.0, 250.0, 0.1, 1000.0),
    SourceKind.HOUSEHOLDS: Composition(40.0, 250.0, 0.1, 200.0),
    SourceKind.FOOD: Composition(30.0, 1500.0, -0.5, 500.0),
    SourceKind.CHEMICAL: Composition(60.0, 500.0, -1.0, 500.0),
    SourceKind.METAL: Composition(10.0, 50.0, -1.5, 200.0),
    SourceKind.STORM_DRAIN: Composition(5.0, 60.0, 0.0, 1000.0),
    SourceKind.CONSTRUCTION: Composition(1.0, 10.0, 0.8, 300.0),
    SourceKind.FARMLAND: Composition(4.0, 20.0, 0.0, 2000.0),
}


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a kind's waste water explains what changed.

    `weight` (nats) is against waste water of an unknown kind; `share` the share of it in the river,
    0..1, that explains the changes best.
    """

    weight: float
    share: float


def is_changed(prop: str, change: float) -> bool:
    """Whether a change of this property counts."""
    signed = {"nh3n_mg_l": change, "do_mg_l": -change, "ph": abs(change)}
    return prop in signed and signed[prop] >= LEAST_CHANGE[prop]


def fit(kind: SourceKind, changes: Mapping[str, float]) -> Fit:
    """The fit of a kind to changes by property; properties without a composition are left out."""
    seen = tuple(sorted((prop, c) for prop, c in changes.items() if prop in LEAST_CHANGE))
    fits = _fits(seen)
    unknown = log(sum(exp(likelihood) for likelihood, _ in fits.values()) / len(fits))
    if kind not in fits:
        return Fit(0.0, float(np.median([share for _, share in fits.values()])))
    likelihood, share = fits[kind]
    return Fit(max(likelihood - unknown, _UNLIKELY), share)


def usual_flow_m3_d(source: Source) -> float | None:
    """Its waste water of a usual day by its file, else by its kind; None where neither says."""
    if source.flow_m3_d is not None:
        return source.flow_m3_d
    composition = COMPOSITIONS.get(source.kind)
    return None if composition is None else composition.flow_m3_d


@cache
def _fits(seen: tuple[tuple[str, float], ...]) -> dict[SourceKind, tuple[float, float]]:
    return {kind: _best(composition, seen) for kind, composition in COMPOSITIONS.items()}


def _best(composition: Composition, seen: tuple[tuple[str, float], ...]) -> tuple[float, float]:
    """Greatest log likelihood over the shares of waste water, and the share that has it."""
    likelihoods = np.zeros(len(_SHARES))
    for prop, change in seen:
        expected = _expected(composition, prop)
        sigma = np.hypot(_NOISE[prop], _FACTOR * expected)
        likelihoods -= 0.5 * ((change - expected) / sigma) ** 2 + np.log(sigma)
    best = int(np.argmax(likelihoods))
    return float(likelihoods[best]), float(_SHARES[best])


def _expected(composition: Composition, prop: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    if prop == "nh3n_mg_l":
        return composition.nh3n_mg_l * _SHARES
    if prop == "do_mg_l":
        return -_PROMPT * composition.demand_mg_l * _SHARES
    return composition.ph_shift * (1 - np.exp(-_SHARES / _PH_SHARE))
