"""Discharges: when, of what, how large, and how they pass a station."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from xunhe_tools.bench.water import scale
from xunhe_tools.bench.water.chance import Floats
from xunhe_tools.bench.water.nature import HOUR_S, Water

HALF_SIZES = (0.5,)
FULL_SIZES = (1.0, 1.5, 2.0, 3.0)
EDGE = 0.1  # of its peak: a plume arrives and has passed there (USGS TWRI 3-A9 on dye clouds)
_GRID_S = 60.0
_KINDS = ("sewage", "livestock", "organic", "chemical")
_KIND_SHARES = (0.45, 0.25, 0.15, 0.15)


@dataclass(frozen=True, slots=True)
class Discharge:
    """One discharge as a station sees it.

    `size` is what it moves the leading indicator by at its peak, in classes (see `scale`).
    """

    kind: str
    size: float
    arrival_s: float
    end_s: float
    class_before: int
    class_at_peak: int

    @property
    def is_full(self) -> bool:
        """Whether it moves a whole class or more."""
        return self.size >= 1


@dataclass(frozen=True, slots=True)
class _Plume:
    """Shape in time at the station: 1 at its peak, on a grid of its own."""

    times_s: Floats
    shape: Floats

    def at(self, times_s: Floats) -> Floats:
        """The shape at any instants, 0 outside."""
        return np.interp(times_s, self.times_s, self.shape, left=0.0, right=0.0)

    @property
    def edges_s(self) -> tuple[float, float]:
        inside = self.times_s[self.shape >= EDGE]
        return float(inside[0]), float(inside[-1])

    @property
    def peak_s(self) -> float:
        return float(self.times_s[np.argmax(self.shape)])


def starts(rng: Generator, from_s: float, until_s: float, count: int) -> list[float]:
    """`count` instants at random, each in its own slot, far enough from the next."""
    slot_s = (until_s - from_s) / count
    spare_s = slot_s - 16 * HOUR_S
    return [from_s + i * slot_s + rng.uniform(0, spare_s) for i in range(count)]


def release(
    rng: Generator, at_s: float, size: float, times_s: Floats, clean: Water, river: Water
) -> Discharge:
    """Let one discharge pass the station: adds to `river` in place; `clean` is without any."""
    plume = _plume(rng, at_s)
    kind = str(rng.choice(_KINDS, p=_KIND_SHARES))
    peak = int(np.searchsorted(times_s, plume.peak_s))
    nh3n, do, ph = (float(a[peak]) for a in (clean.nh3n_mg_l, clean.do_mg_l, clean.ph))
    d_nh3n, d_do, d_ph = _signature(rng, kind, size, nh3n, do, ph)
    shape = plume.at(times_s)
    river.nh3n_mg_l += d_nh3n * shape
    river.do_mg_l = np.maximum(0.05, river.do_mg_l + d_do * shape)
    river.ph += d_ph * shape
    arrival_s, end_s = plume.edges_s
    before = scale.water_class(nh3n, do, ph)
    at_peak = scale.water_class(nh3n + d_nh3n, do + d_do, ph + d_ph)
    return Discharge(kind, size, arrival_s, end_s, before, at_peak)


def _signature(
    rng: Generator, kind: str, size: float, nh3n: float, do: float, ph: float
) -> tuple[float, float, float]:
    """What the peak adds: ammonia mg/L, oxygen mg/L (negative), pH.

    The leading indicator moves by `size` classes; the others follow in the proportions of the
    waste, by weight.
    """
    if kind == "organic":  # breweries, food, starch
        d_do = scale.do_at(scale.do_position(do) + size) - do
        return -d_do * rng.uniform(0.03, 0.12), d_do, 0.05 * d_do * rng.uniform(0, 1)
    if kind == "chemical":
        d_ph = scale.ph_at(ph, size, acid=bool(rng.random() < 0.5)) - ph
        return rng.uniform(0, 0.1), -rng.uniform(0, 0.2), d_ph
    d_nh3n = scale.nh3n_at(scale.nh3n_position(nh3n) + size) - nh3n
    demand = rng.uniform(0.4, 1.2) if kind == "sewage" else rng.uniform(0.2, 0.6)
    return d_nh3n, -demand * d_nh3n, rng.uniform(0, 0.15) * d_nh3n


def _plume(rng: Generator, at_s: float) -> _Plume:
    """Advection and dispersion of a release of 1 to 6 h over 0.3 to 5 km (Ogata and Banks 1961).

    The second term of their solution is left out: it matters only beside the outfall.
    """
    length_m, velocity_m_s = rng.uniform(300, 5000), rng.uniform(0.25, 0.7)
    dispersion_m2_s, duration_s = rng.uniform(3, 25), rng.uniform(1, 6) * HOUR_S
    since_s = np.arange(_GRID_S, 14 * HOUR_S, _GRID_S)

    def step(t_s: Floats) -> Floats:
        t_s = np.maximum(t_s, 1e-3)
        width_m = 2 * np.sqrt(dispersion_m2_s * t_s)
        ahead = (length_m - velocity_m_s * t_s) / width_m
        return np.array([0.5 * math.erfc(a) for a in np.clip(ahead, -9, 9)])

    shape = step(since_s) - step(since_s - duration_s)
    return _Plume(at_s + since_s, np.maximum(0.0, shape / shape.max()))
