"""Random river systems as a desk knows them: reaches, stations, sources with their files.

At least 15 sources on three to five tributaries and the main stem; two stations on each tributary
and one on each reach of the main stem. Files of sources are partly wrong or empty.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from xunhe.domain.classes import WaterClass
from xunhe.domain.offices import Level
from xunhe.domain.registry import Outfall, Post, Reach, Registry, Station
from xunhe.domain.riverside import (
    Intake,
    IntakeUse,
    Section,
    SectionKind,
    Source,
    SourceKind,
)

INTERVAL_S = 600

_TRIBUTARIES = (3, 5)
_SOURCES = (15, 24)
_POINT = (119.0, 30.0)  # nobody draws these rivers

# How common a kind is, the waste water of its usual day (m³), what a careful file of it lists.
_KINDS: dict[SourceKind, tuple[float, float, tuple[str, ...]]] = {
    SourceKind.LIVESTOCK: (0.18, 120.0, ("nh3n_mg_l", "cod_mg_l", "tp_river_mg_l")),
    SourceKind.AQUACULTURE: (0.08, 2500.0, ("nh3n_mg_l", "tn_mg_l")),
    SourceKind.SEWAGE_PLANT: (0.06, 9000.0, ("nh3n_mg_l", "cod_mg_l", "tp_river_mg_l")),
    SourceKind.SEWER_OVERFLOW: (0.12, 1500.0, ("nh3n_mg_l", "cod_mg_l")),
    SourceKind.HOUSEHOLDS: (0.14, 300.0, ("nh3n_mg_l", "cod_mg_l")),
    SourceKind.FOOD: (0.08, 600.0, ("cod_mg_l", "bod5_mg_l", "ph")),
    SourceKind.CHEMICAL: (0.08, 700.0, ("nh3n_mg_l", "cod_mg_l", "ph")),
    SourceKind.METAL: (0.07, 300.0, ("ph", "copper_mg_l")),
    SourceKind.STORM_DRAIN: (0.12, 2000.0, ("cod_mg_l",)),
    SourceKind.CONSTRUCTION: (0.07, 400.0, ("ph",)),
}


def random_registry(rng: np.random.Generator) -> Registry:
    """A river system with everything that stands along it."""
    reaches = {reach.code: reach for reach in _reaches(rng)}
    count = int(rng.integers(_SOURCES[0], _SOURCES[1] + 1))
    sources = [_source(rng, f"P{i}", reaches) for i in range(count)]
    main = [reach for reach in reaches.values() if reach.code.startswith("M")]
    sections = [_section(reach) for reach in main]
    intakes = [_intake(rng, reach) for reach in main[1:]]
    return Registry(
        reaches=reaches,
        stations={station.code: station for station in _stations(rng, reaches)},
        outfalls={
            f"{s.code}-o": Outfall(**_at(f"{s.code}-o", s.reach, s.position_m)) for s in sources
        },
        posts={level.name: _post(level, reaches) for level in Level},
        persons={},
        tenures=(),
        sources={source.code: source for source in sources},
        sections={section.code: section for section in sections},
        intakes={intake.code: intake for intake in intakes},
    )


def _reaches(rng: np.random.Generator) -> Iterator[Reach]:
    """A main stem M0, M1 …; each of its reaches but the first begins where a tributary joins."""
    tributaries = int(rng.integers(_TRIBUTARIES[0], _TRIBUTARIES[1] + 1))
    discharge_m3_s = float(rng.uniform(3, 6))
    for i in range(tributaries):
        inflow_m3_s = float(rng.uniform(0.8, 2.5))
        yield _reach(rng, f"M{i}", f"M{i + 1}", discharge_m3_s)
        yield _reach(rng, f"T{i}", f"M{i + 1}", inflow_m3_s)
        discharge_m3_s += inflow_m3_s
    yield _reach(rng, f"M{tributaries}", None, discharge_m3_s)


def _reach(rng: np.random.Generator, code: str, below: str | None, discharge_m3_s: float) -> Reach:
    velocity_m_s = float(rng.uniform(0.25, 0.7))
    # Of half of the reaches somebody has told a range; for the others the desk assumes one.
    is_told = rng.random() < 0.5
    return Reach(
        code=code,
        name=code,
        name_en=code,
        river=code[0],
        downstream=below,
        length_m=float(rng.uniform(2500, 8000)),
        velocity_m_s=velocity_m_s,
        discharge_m3_s=discharge_m3_s,
        dispersion_m2_s=float(rng.uniform(2, 12)),
        target=WaterClass.III,
        line=(_POINT, (119.1, 30.0)),
        velocity_range_m_s=(0.7 * velocity_m_s, 1.4 * velocity_m_s) if is_told else None,
    )


def _stations(rng: np.random.Generator, reaches: dict[str, Reach]) -> Iterator[Station]:
    for reach in reaches.values():
        spans = [(0.35, 0.6), (0.85, 0.98)] if reach.code.startswith("T") else [(0.1, 0.6)]
        for i, (low, high) in enumerate(spans):
            position_m = reach.length_m * float(rng.uniform(low, high))
            yield Station(**_at(f"S{reach.code}{i}", reach.code, position_m), interval_s=INTERVAL_S)


def _source(rng: np.random.Generator, code: str, reaches: dict[str, Reach]) -> Source:
    reach = reaches[str(rng.choice(list(reaches)))]
    commonness = np.array([common for common, _, _ in _KINDS.values()])
    kind = list(_KINDS)[int(rng.choice(len(_KINDS), p=commonness / commonness.sum()))]
    _, flow_m3_d, listed = _KINDS[kind]
    return Source(
        **_at(code, reach.code, reach.length_m * float(rng.uniform(0.02, 0.98))),
        kind=kind,
        permit=f"X{code}" if rng.random() < 0.6 else None,
        pollutants=listed,
        flow_m3_d=flow_m3_d * float(np.exp(rng.normal(0, 0.8))),
        findings=int(rng.poisson(0.4)),
        outfall=f"{code}-o",
    )


def _section(reach: Reach) -> Section:
    at = _at(f"D{reach.code}", reach.code, reach.length_m)
    return Section(**at, kind=SectionKind.BOUNDARY, target=reach.target)


def _intake(rng: np.random.Generator, reach: Reach) -> Intake:
    position_m = reach.length_m * float(rng.uniform(0.3, 0.9))
    return Intake(**_at(f"W{reach.code}", reach.code, position_m), use=IntakeUse.DRINKING)


def _at(code: str, reach: str, position_m: float) -> dict[str, Any]:
    return {
        "code": code,
        "name": code,
        "name_en": code,
        "reach": reach,
        "position_m": position_m,
        "lon_lat": _POINT,
    }


def _post(level: Level, reaches: dict[str, Reach]) -> Post:
    return Post(level.name, level.name, level.name, level, tuple(reaches))
