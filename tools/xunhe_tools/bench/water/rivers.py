"""Random rivers with one discharge each: what is true, and what the desk is told of it.

The station that is met first has at least 15 sources above it, on at least three tributaries. A
third of the stations is silent; a few outfalls have a camera, which errs; the files of the
sources are partly empty, out of date or say the wrong kind.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from xunhe.domain.registry import Registry
from xunhe.domain.riverside import Source, SourceKind
from xunhe_tools.bench.water import parcels
from xunhe_tools.bench.water.landscape import INTERVAL_S, random_registry
from xunhe_tools.bench.water.parcels import Array, Discharge

_BEGIN_S = 1_790_000_000.0
_LEAD_S, _SPAN_S = 30 * 3600.0, 60 * 3600.0
_TIMES_S = np.arange(_BEGIN_S, _BEGIN_S + _SPAN_S, INTERVAL_S)
_SILENT = 1 / 3
_LEAST_RISE_MG_L = 0.6  # less of a plume nobody would have noticed: no incident, nothing to trace
_LEAST_SOURCES, _LEAST_TRIBUTARIES = 15, 3  # above the station that is met first
_CAMERAS, _CAMERA_SEES, _CAMERA_ERRS = 0.15, 0.8, 0.02


@dataclass(frozen=True, slots=True)
class Seen:
    """What one working station recorded: `times_s` (n,), values by property (n,)."""

    station: str
    times_s: Array
    values: dict[str, Array]


@dataclass(frozen=True, slots=True)
class Filmed:
    """What the camera at an outfall said about the hours of the discharge."""

    outfall: str
    is_flowing: bool
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class VirtualRiver:
    """`registry`, `seen` and `filmed` are what the desk has; `culprit` and `arrival_s` the truth.

    `arrival_s` is, by place below the culprit, when half of the plume's peak came there.
    """

    registry: Registry
    seen: tuple[Seen, ...]
    filmed: tuple[Filmed, ...]
    culprit: str
    arrival_s: dict[str, float]


def random_river(seed: int) -> VirtualRiver:
    """The river of a seed: drawn again until a plume is worth noticing and hard to trace."""
    rng = np.random.default_rng(seed)
    while True:
        river = _draw(rng)
        if river is not None:
            return river


def _draw(rng: np.random.Generator) -> VirtualRiver | None:
    registry = random_registry(rng)
    stretches = parcels.true_stretches(rng, registry)
    culprit = _culprit(rng, registry)
    discharge = parcels.discharge_of(rng, culprit, _BEGIN_S + _LEAD_S)
    passing = parcels.passages(rng, stretches, _places(registry), discharge)
    stations = sorted(registry.stations)
    working = sorted(rng.permutation(stations)[: round(len(stations) * (1 - _SILENT))])
    shares = {code: _share(registry, stretches, passing, discharge, code) for code in working}
    met = [code for code in working if _is_noticed(shares[code], discharge)]
    if not met or not _is_hard(registry, min(met, key=lambda code: float(passing[code].min()))):
        return None
    return VirtualRiver(
        registry=replace(registry, sources=_filed(rng, registry)),
        seen=tuple(_record(rng, code, share, discharge) for code, share in shares.items()),
        filmed=tuple(_films(rng, registry, discharge)),
        culprit=culprit.code,
        arrival_s={place: parcels.front_s(times_s) for place, times_s in passing.items()},
    )


def _culprit(rng: np.random.Generator, registry: Registry) -> Source:
    """Anybody may; who has done it before or never asked for a permit a little more likely."""
    sources = list(registry.sources.values())
    weights = np.array([(1 + s.findings) * (1.5 if s.permit is None else 1.0) for s in sources])
    return sources[int(rng.choice(len(sources), p=weights / weights.sum()))]


def _places(registry: Registry) -> dict[str, tuple[str, float]]:
    tables = (registry.stations, registry.sections, registry.intakes)
    return {
        code: (place.reach, place.position_m) for table in tables for code, place in table.items()
    }


def _share(
    registry: Registry,
    stretches: dict[str, parcels.Stretch],
    passing: dict[str, Array],
    discharge: Discharge,
    station: str,
) -> Array:
    """Share of waste water at a station at each of `_TIMES_S`."""
    river_m3_s = stretches[registry.stations[station].reach].discharge_m3_s
    met_s = passing.get(station, np.empty(0))
    return parcels.waste_share(met_s, discharge, river_m3_s, _TIMES_S)


def _is_noticed(share: Array, discharge: Discharge) -> bool:
    return float(share.max()) * discharge.nh3n_mg_l >= _LEAST_RISE_MG_L


def _is_hard(registry: Registry, station: str) -> bool:
    """Whether enough sources on enough tributaries lie above a station."""
    at = registry.stations[station]
    above = {at.reach}
    while grown := {r.code for r in registry.reaches.values() if r.downstream in above} - above:
        above |= grown
    sources = [
        source
        for source in registry.sources.values()
        if source.reach in above and (source.reach != at.reach or source.position_m < at.position_m)
    ]
    tributaries = {source.reach for source in sources if source.reach.startswith("T")}
    return len(sources) >= _LEAST_SOURCES and len(tributaries) >= _LEAST_TRIBUTARIES


def _record(rng: np.random.Generator, code: str, share: Array, discharge: Discharge) -> Seen:
    added = parcels.changes(share, discharge)
    water = _clean_water(rng, _TIMES_S)
    truth = {name: water[name] + added[name] for name in water}
    return Seen(code, _TIMES_S, _noisy(rng, truth))


def _clean_water(rng: np.random.Generator, times_s: Array) -> dict[str, Array]:
    """Daily cycles: oxygen by 2 to 4 mg/L, pH by 0.2; ammonia drifts."""
    day = np.sin(2 * np.pi * times_s / 86_400 + rng.uniform(0, 2 * np.pi))
    drift = np.sin(2 * np.pi * times_s / rng.uniform(2e4, 9e4) + rng.uniform(0, 2 * np.pi))
    return {
        "nh3n_mg_l": float(rng.uniform(0.2, 0.6)) * (1 + 0.15 * drift),
        "do_mg_l": 7.5 + float(rng.uniform(1, 2)) * day,
        "ph": 7.7 + 0.1 * day,
    }


def _noisy(rng: np.random.Generator, truth: dict[str, Array]) -> dict[str, Array]:
    nh3n, oxygen, ph = truth["nh3n_mg_l"], truth["do_mg_l"], truth["ph"]
    size = len(nh3n)
    return {
        "nh3n_mg_l": nh3n * (1 + 0.1 * rng.standard_normal(size)),
        "do_mg_l": np.maximum(oxygen, 0.0) + 0.1 * rng.standard_normal(size),
        "ph": ph + 0.03 * rng.standard_normal(size),
    }


def _filed(rng: np.random.Generator, registry: Registry) -> dict[str, Source]:
    """The sources as their files have them."""
    return {
        code: replace(
            source,
            kind=source.kind if rng.random() < 0.9 else SourceKind.OTHER,
            pollutants=tuple(p for p in source.pollutants if rng.random() < 0.8)
            if rng.random() < 0.8
            else (),
            flow_m3_d=(source.flow_m3_d or 0.0) * float(np.exp(rng.normal(0, 0.4)))
            if rng.random() < 0.8
            else None,
        )
        for code, source in registry.sources.items()
    }


def _films(rng: np.random.Generator, registry: Registry, discharge: Discharge) -> Iterator[Filmed]:
    from_s, to_s = float(discharge.times_s.min()), float(discharge.times_s.max())
    for source in registry.sources.values():
        if rng.random() < _CAMERAS and source.outfall is not None:
            chance = _CAMERA_SEES if source.code == discharge.source else _CAMERA_ERRS
            yield Filmed(source.outfall, rng.random() < chance, from_s, to_s)
