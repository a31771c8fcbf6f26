"""What the probes make of the water: noise, fouling, drift, spikes, stuck values, gaps."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from xunhe_tools.bench.water.chance import Floats, Span, occasions, wander, within
from xunhe_tools.bench.water.nature import DAY_S, HOUR_S, Water

DO_NOISE_MG_L = 0.1
NH3N_NOISE, NH3N_FLOOR_MG_L = 0.10, 0.01
PH_NOISE = 0.03
FOULING_PER_WEEK = 0.03
SPIKE_SHARE, SPIKE_PAIR_SHARE = 0.004, 0.05
_WEEK_S = 7 * DAY_S


@dataclass(frozen=True, slots=True)
class Measured:
    """What a station sent: three arrays of one shape (n,), NaN where nothing came."""

    do_mg_l: Floats
    nh3n_mg_l: Floats
    ph: Floats


def measure(
    rng: Generator, times_s: Floats, water: Water, cleanings: list[Span], step_s: float
) -> Measured:
    """Readings of the three probes, rounded as they send them (0.01)."""
    weeks = _since_cleaning_s(times_s, cleanings) / _WEEK_S
    fouled = 1 - FOULING_PER_WEEK * weeks
    n = len(times_s)
    gain = 1 + wander(rng, n, step_s, _WEEK_S, 0.03)
    do = water.do_mg_l * fouled + rng.normal(0, DO_NOISE_MG_L, n)
    nh3n = water.nh3n_mg_l * fouled * gain
    nh3n = nh3n * (1 + rng.normal(0, NH3N_NOISE, n)) + rng.normal(0, NH3N_FLOOR_MG_L, n)
    ph = water.ph + wander(rng, n, step_s, _WEEK_S, 0.04) + rng.normal(0, PH_NOISE, n)
    values = [np.maximum(do, 0.0), np.maximum(nh3n, 0.0), ph]
    for column, (spike, in_air) in zip(values, ((2.0, 9.0), (0.0, 0.05), (0.8, 7.0)), strict=True):
        _spikes(rng, column, spike)
        _stuck(rng, times_s, column)
        for cleaning in cleanings:
            column[within(times_s, cleaning)] = in_air
    gone = _gaps(rng, times_s)
    sent = (np.where(gone, np.nan, np.round(column, 2)) for column in values)
    return Measured(*sent)


def cleanings(rng: Generator, times_s: Floats) -> list[Span]:
    """Visits every two to four weeks, an hour each."""
    at_s, last_s = float(times_s[0]) - rng.uniform(0, 14) * DAY_S, float(times_s[-1])
    visits = []
    while at_s < last_s:
        visits.append((at_s, at_s + HOUR_S))
        at_s += rng.uniform(14, 28) * DAY_S
    return visits


def _since_cleaning_s(times_s: Floats, visits: list[Span]) -> Floats:
    ends_s = np.array([until_s for _, until_s in visits])
    last = np.clip(np.searchsorted(ends_s, times_s, side="right") - 1, 0, None)
    return np.asarray(np.maximum(0.0, times_s - ends_s[last]), np.float64)


def _spikes(rng: Generator, column: Floats, absolute: float) -> None:
    """Single wrong values, up or down; one in twenty comes as a pair. Ammonia's are factors."""
    for i in np.flatnonzero(rng.random(len(column)) < SPIKE_SHARE):
        width = 2 if rng.random() < SPIKE_PAIR_SHARE else 1
        sign = 1 if rng.random() < 0.5 else -1
        size = rng.uniform(0.5, 2.0)
        if absolute:
            column[i : i + width] = np.maximum(0.0, column[i : i + width] + sign * size * absolute)
        else:
            column[i : i + width] *= (1 + size) ** sign


def _stuck(rng: Generator, times_s: Floats, column: Floats) -> None:
    """Once in 15 days a probe repeats itself for 1 to 4 h."""
    for at_s in occasions(rng, float(times_s[0]), float(times_s[-1]), 15 * DAY_S):
        held = within(times_s, (at_s, at_s + rng.uniform(1, 4) * HOUR_S))
        column[held] = column[int(np.argmax(held))]


def _gaps(rng: Generator, times_s: Floats) -> NDArray[np.bool_]:
    """One reading in a hundred is lost, and once in 8 days all of half an hour to 6 h."""
    gone = rng.random(len(times_s)) < 0.01
    for at_s in occasions(rng, float(times_s[0]), float(times_s[-1]), 8 * DAY_S):
        gone |= within(times_s, (at_s, at_s + rng.uniform(0.5, 6) * HOUR_S))
    return gone
