"""The truth of a discharge: parcels of water, each with a passage time of its own.

Shares no code with the tracer. The time that a parcel takes over a stretch is the first passage of
a Brownian motion with drift: inverse Gaussian (Wald) with mean L/v and shape L²/(2·D).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.registry import Reach, Registry
from xunhe.domain.riverside import Source, SourceKind

Array = NDArray[np.float64]

_PARCELS = 4000
_FRONT_BIN_S = 300.0

# Ammonia and ultimate oxygen demand (mg/L) of waste water, and the pH that it pulls towards.
_WASTE = {
    SourceKind.LIVESTOCK: (350.0, 2500.0, 0.15),
    SourceKind.AQUACULTURE: (8.0, 60.0, 0.05),
    SourceKind.SEWAGE_PLANT: (28.0, 180.0, 0.0),
    SourceKind.SEWER_OVERFLOW: (30.0, 220.0, 0.05),
    SourceKind.HOUSEHOLDS: (38.0, 240.0, 0.05),
    SourceKind.FOOD: (45.0, 1800.0, -0.4),
    SourceKind.CHEMICAL: (90.0, 500.0, -0.8),
    SourceKind.METAL: (15.0, 60.0, -1.2),
    SourceKind.STORM_DRAIN: (4.0, 40.0, 0.0),
    SourceKind.CONSTRUCTION: (2.0, 10.0, 0.4),
}
_OXYGEN_AT_ONCE = 0.08  # of the ultimate demand that shows within hours
_PH_HALF_SHARE = 0.01  # of waste water in the river: by then pH has gone most of its way


@dataclass(frozen=True, slots=True)
class Stretch:
    """A reach as it truly is on that day."""

    length_m: float
    downstream: str | None
    velocity_m_s: float
    discharge_m3_s: float
    dispersion_m2_s: float


@dataclass(frozen=True, slots=True)
class Discharge:
    """What a source truly let go: `times_s` of its parcels (n,), m³ of each, its composition."""

    source: str
    reach: str
    position_m: float
    times_s: Array
    parcel_m3: float
    nh3n_mg_l: float
    demand_mg_l: float
    ph_shift: float


def true_stretches(rng: np.random.Generator, registry: Registry) -> dict[str, Stretch]:
    """The reaches as they are: the stage moves all of them, each has an error of its own."""
    spread = float(rng.uniform(0.1, 0.2))  # some desks know their river better than others
    stage = float(rng.normal(0, spread))
    return {code: _stretch(rng, reach, stage, spread) for code, reach in registry.reaches.items()}


def _stretch(rng: np.random.Generator, reach: Reach, stage: float, spread: float) -> Stretch:
    return Stretch(
        reach.length_m,
        reach.downstream,
        reach.velocity_m_s * float(np.exp(stage + rng.normal(0, spread))),
        reach.discharge_m3_s * float(np.exp(stage + rng.normal(0, spread))),
        reach.dispersion_m2_s * float(np.exp(rng.normal(0, 0.5))),
    )


def discharge_of(rng: np.random.Generator, source: Source, start_s: float) -> Discharge:
    """A discharge of 1 to 6 h at up to eight times the usual flow."""
    nh3n_mg_l, demand_mg_l, ph_shift = _WASTE[source.kind]
    hours = float(rng.uniform(1, 6))
    m3 = (source.flow_m3_d or 0.0) / 24 * hours * float(rng.uniform(1, 8))
    return Discharge(
        source=source.code,
        reach=source.reach,
        position_m=source.position_m,
        times_s=start_s + rng.uniform(0, hours * 3600, _PARCELS),
        parcel_m3=m3 / _PARCELS,
        nh3n_mg_l=nh3n_mg_l * float(np.exp(rng.normal(0, 0.5))),
        demand_mg_l=demand_mg_l * float(np.exp(rng.normal(0, 0.5))),
        ph_shift=ph_shift,
    )


def passages(
    rng: np.random.Generator,
    stretches: dict[str, Stretch],
    places: dict[str, tuple[str, float]],
    discharge: Discharge,
) -> dict[str, Array]:
    """By place below the discharge, when each parcel passes it; `places` are (reach, metres)."""
    found: dict[str, Array] = {}
    code: str | None = discharge.reach
    at_m, times_s = discharge.position_m, discharge.times_s
    while code is not None:
        stretch = stretches[code]
        here = sorted((m, name) for name, (reach, m) in places.items() if reach == code)
        for metres, name in [*here, (stretch.length_m, "")]:
            if metres < at_m:
                continue
            times_s = _passed(rng, stretch, metres - at_m, times_s)
            at_m = metres
            found[name] = times_s
        code, at_m = stretch.downstream, 0.0
    found.pop("")  # the ends of the reaches
    return found


def _passed(rng: np.random.Generator, stretch: Stretch, metres: float, times_s: Array) -> Array:
    if metres <= 0:
        return times_s
    mean_s = metres / stretch.velocity_m_s
    shape_s = metres**2 / (2 * stretch.dispersion_m2_s)
    return times_s + rng.wald(mean_s, shape_s, len(times_s))


def waste_share(passing_s: Array, discharge: Discharge, river_m3_s: float, times_s: Array) -> Array:
    """Share of waste water in the river around each of evenly spaced instants, shape (n,)."""
    interval_s = float(times_s[1] - times_s[0])
    edges_s = np.append(times_s - interval_s / 2, times_s[-1] + interval_s / 2)
    counts, _ = np.histogram(passing_s, edges_s)
    share: Array = counts * discharge.parcel_m3 / (river_m3_s * interval_s)
    return share


def changes(share: Array, discharge: Discharge) -> dict[str, Array]:
    """What waste water adds to each property at some shares of it."""
    return {
        "nh3n_mg_l": share * discharge.nh3n_mg_l,
        "do_mg_l": -share * discharge.demand_mg_l * _OXYGEN_AT_ONCE,
        "ph": discharge.ph_shift * (1 - np.exp(-share / _PH_HALF_SHARE)),
    }


def front_s(passing_s: Array) -> float:
    """When the flow of parcels first reaches half of its peak."""
    begin_s, end_s = float(passing_s.min()), float(passing_s.max())
    bins = max(int((end_s - begin_s) / _FRONT_BIN_S), 1)
    counts, edges_s = np.histogram(passing_s, bins)
    return float(edges_s[int(np.argmax(counts >= counts.max() / 2))])
