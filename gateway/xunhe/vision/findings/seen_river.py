"""How much of a reach's water a flight has shown, and how much litter lies on each 100 m of it."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.flight import DENSITY_STEP_M, Coverage, Density, Stretch
from xunhe.domain.registry import Reach
from xunhe.vision.findings.ribbon import Ribbon

_SEEN = 0.5  # of the water across: the river is seen there
_LEAST_M = 5.0


def coverage(reach: Reach, ribbon: Ribbon, under_water: NDArray[np.bool_]) -> Coverage:
    """Of the reach, along its registered length."""
    wet = np.maximum(under_water.sum(axis=0), 1)
    is_seen = (ribbon.seen & under_water).sum(axis=0) / wet >= _SEEN
    edges = np.flatnonzero(np.diff(np.concatenate([[0], is_seen.astype(np.int8), [0]])))
    per_column = reach.length_m / len(is_seen)
    found = [Stretch(a * per_column, b * per_column) for a, b in edges.reshape(-1, 2).tolist()]
    parts = tuple(part for part in found if part.length_m >= min(_LEAST_M, reach.length_m))
    return Coverage(reach.code, reach.length_m, parts)


def density(
    seen: Coverage, pieces: Iterable[tuple[float, float]], step_m: float = DENSITY_STEP_M
) -> tuple[Density, ...]:
    """Of pieces (position in m, area in m²), for each step of which some was seen."""
    steps = int(np.ceil(seen.length_m / step_m))
    counts, areas = np.zeros(steps, int), np.zeros(steps)
    for position_m, area_m2 in pieces:
        i = min(int(position_m // step_m), steps - 1)
        counts[i] += 1
        areas[i] += area_m2
    parts = [Stretch(i * step_m, min((i + 1) * step_m, seen.length_m)) for i in range(steps)]
    return tuple(
        Density(part, int(counts[i]), round(float(areas[i]), 2))
        for i, part in enumerate(parts)
        if counts[i] or any(_meet(part, other) for other in seen.seen)
    )


def _meet(one: Stretch, other: Stretch) -> bool:
    return one.from_m < other.to_m and other.from_m < one.to_m
