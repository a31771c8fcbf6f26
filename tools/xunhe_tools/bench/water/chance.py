"""Random processes of the bench."""

import math

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Span = tuple[float, float]  # from_s, until_s


def wander(rng: Generator, n: int, step_s: float, memory_s: float, sigma: float) -> Floats:
    """AR(1): n values `step_s` apart, standard deviation `sigma`, correlation e^(-t/memory_s)."""
    keep = math.exp(-step_s / memory_s)
    shocks = rng.normal(0.0, sigma * math.sqrt(1 - keep * keep), n)
    shocks[0] = rng.normal(0.0, sigma)
    values = np.empty(n)
    last = 0.0
    for i, shock in enumerate(shocks):
        last = keep * last + shock
        values[i] = last
    return values


def occasions(rng: Generator, from_s: float, until_s: float, every_s: float) -> list[float]:
    """Instants of a Poisson process with one event in `every_s` on average."""
    count = rng.poisson((until_s - from_s) / every_s)
    return sorted(rng.uniform(from_s, until_s, count).tolist())


def within(times_s: Floats, span: Span) -> NDArray[np.bool_]:
    """Which instants lie in from ≤ t < until."""
    return (span[0] <= times_s) & (times_s < span[1])
