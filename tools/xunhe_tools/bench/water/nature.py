"""The river without discharges: season, daily cycle, weather and storms.

The figures are this bench's assumptions, chosen from what rivers of the plain in eastern China
show; only the daily amplitude of oxygen, 2 to 4 mg/L, is required.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from xunhe_tools.bench.water.chance import Floats, Span, occasions, wander

DAY_S, HOUR_S = 86400.0, 3600.0
UTC_OFFSET_S = 8 * HOUR_S


@dataclass(slots=True)
class Water:
    """Water at one place through time: four arrays of one shape (n,)."""

    temp_c: Floats
    do_mg_l: Floats
    nh3n_mg_l: Floats
    ph: Floats


@dataclass(frozen=True, slots=True)
class Storm:
    """Rain over the catchment and how hard the river takes it (0.3 … 1)."""

    rain: Span
    force: float
    is_noticed: bool  # a local storm may miss the gauge


@dataclass(frozen=True, slots=True)
class Habit:
    """What is usual at a station, drawn once."""

    nh3n_mg_l: float
    nh3n_daily: float  # share of its value that the towns' daily rhythm moves
    ph: float
    ph_daily: float
    do_share: float  # of saturation, daily mean
    do_daily_mg_l: float  # amplitude: half of what lies between morning and afternoon
    temp_c: float
    temp_daily_c: float
    peak_h: float  # local hour of the oxygen's peak


def habit(rng: Generator, month: int) -> Habit:
    """A station's habit in a month 1 … 12."""
    season = -math.cos(2 * math.pi * (month - 1) / 12)  # -1 in January, +1 in July
    return Habit(
        nh3n_mg_l=float(np.exp(rng.uniform(np.log(0.12), np.log(1.2)))),
        nh3n_daily=rng.uniform(0.05, 0.15),
        ph=rng.uniform(7.3, 8.0),
        ph_daily=rng.uniform(0.1, 0.35),
        do_share=rng.uniform(0.8, 1.0),
        do_daily_mg_l=rng.uniform(2.2, 3.6),
        temp_c=17 + 10 * season + rng.normal(0, 1),
        temp_daily_c=rng.uniform(0.5, 1.5),
        peak_h=rng.uniform(14.5, 16.5),
    )


def storms(rng: Generator, times_s: Floats, month: int) -> list[Storm]:
    """Storms of the period: one in ten days in January, one in four in July."""
    season = -math.cos(2 * math.pi * (month - 1) / 12)
    every_s = DAY_S * (7 - 3 * season)
    return [
        Storm(
            (at_s, at_s + rng.uniform(2, 10) * HOUR_S),
            rng.uniform(0.3, 1.0),
            bool(rng.random() < 0.9),
        )
        for at_s in occasions(rng, float(times_s[0]), float(times_s[-1]), every_s)
    ]


def water(
    rng: Generator, times_s: Floats, usual: Habit, weather: list[Storm], step_s: float
) -> Water:
    """The truth without discharges."""
    n = len(times_s)

    def drift(memory_h: float, sigma: float) -> Floats:
        return wander(rng, n, step_s, memory_h * HOUR_S, sigma)

    sun = _sun(times_s, usual.peak_h)
    clouds = _clouds(rng, times_s, weather)
    amplitude = np.clip(usual.do_daily_mg_l * clouds, 2.0, 4.0)
    temp = usual.temp_c + usual.temp_daily_c * sun + drift(60, 1.0)
    do = usual.do_share * _saturation(temp) + amplitude * sun + drift(24, 0.25) + drift(2, 0.08)
    rhythm = np.sin(2 * np.pi * ((times_s + UTC_OFFSET_S) / DAY_S - 0.3))
    log_nh3n = math.log(usual.nh3n_mg_l) + usual.nh3n_daily * rhythm + drift(40, 0.15)
    log_nh3n += drift(2, 0.05)
    ph = usual.ph + usual.ph_daily * amplitude / usual.do_daily_mg_l * sun
    ph += drift(24, 0.05) + drift(2, 0.02)
    clean = Water(temp, do, np.exp(log_nh3n), ph)
    for storm in weather:
        _flush(clean, times_s, storm, rng)
    clean.do_mg_l = np.clip(clean.do_mg_l, 0.3, 20.0)
    return clean


def _sun(times_s: Floats, peak_h: float) -> Floats:
    """-1 before sunrise, +1 in the afternoon: it rises faster than it falls."""
    hours = ((times_s + UTC_OFFSET_S) / HOUR_S - (peak_h - 10)) % 24
    rising = -np.cos(np.pi * hours / 10)
    return np.where(hours < 10, rising, np.cos(np.pi * (hours - 10) / 14))


def _clouds(rng: Generator, times_s: Floats, weather: list[Storm]) -> Floats:
    """What the light of each day does to the daily amplitude; rainy days are dark."""
    days = np.floor((times_s + UTC_OFFSET_S) / DAY_S).astype(int)
    light = np.clip(1 + 0.12 * rng.standard_normal(np.ptp(days) + 2), 0.7, 1.3)
    for storm in weather:
        light[int((storm.rain[0] + UTC_OFFSET_S) // DAY_S) - days[0]] *= 1 - 0.25 * storm.force
    noon = days[0] + np.arange(len(light)) + 0.5  # the change from day to day is gradual
    return np.asarray(np.interp((times_s + UTC_OFFSET_S) / DAY_S, noon, light), np.float64)


def _flush(clean: Water, times_s: Floats, storm: Storm, rng: Generator) -> None:
    """First flush, then dilution: sewers and streets bring ammonia and demand, rain thins them."""
    since_h = (times_s - storm.rain[0]) / HOUR_S - rng.uniform(0.5, 2)
    wet = np.clip(since_h, 0, None)
    flush = (wet / 1.5) * np.exp(1 - wet / 1.5) * storm.force
    thinned = (1 - np.exp(-wet / 4)) * np.exp(-wet / rng.uniform(15, 40)) * storm.force
    clean.nh3n_mg_l *= (1 + rng.uniform(0.3, 1.0) * flush) * (1 - 0.4 * thinned)
    clean.do_mg_l -= rng.uniform(0.3, 1.2) * flush
    clean.ph -= 0.15 * flush + 0.1 * thinned
    clean.temp_c -= 1.5 * thinned


def _saturation(temp_c: Floats) -> Floats:
    """Oxygen at saturation, mg/L; good to 0.05 between 0 and 35 °C."""
    return 468 / (31.6 + temp_c)
