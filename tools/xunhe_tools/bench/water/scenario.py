"""The labelled set: twelve stations, each watched for one month of a year, 365 station-days.

Before its month each station has a fortnight that is not judged but just as troubled. A set follows
from its seed alone; nothing here knows how anything is detected.
"""

from calendar import monthrange
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from xunhe_tools.bench.water import discharges, nature, sensors
from xunhe_tools.bench.water.chance import Floats, Span, within
from xunhe_tools.bench.water.discharges import FULL_SIZES, HALF_SIZES, Discharge
from xunhe_tools.bench.water.nature import DAY_S, UTC_OFFSET_S, Water

FIRST_JUDGING_SEED = 1000  # lower seeds tune, and never judge
YEAR = 2025
DISCHARGES = 200
RUN_IN_DAYS = 14
INTERVAL_S = 900.0


@dataclass(frozen=True, slots=True)
class StationMonth:
    """What one station sent, and the truth about it.

    `measured`: property → values (n,) at `times_s`, NaN where nothing came. `rain` is what the
    gauge noticed. Only what happens from `judged_from_s` on counts; so `discharges` are those.
    """

    month: int
    times_s: Floats
    measured: dict[str, Floats]
    truth: Water
    clean: Water
    rain: tuple[Span, ...]
    cleanings: tuple[Span, ...]
    discharges: tuple[Discharge, ...]
    judged_from_s: float
    interval_s: float

    @property
    def judged_days(self) -> float:
        """Station-days that count."""
        return (float(self.times_s[-1]) + self.interval_s - self.judged_from_s) / DAY_S

    @property
    def is_serviced(self) -> NDArray[np.bool_]:
        """Where somebody was at the probes, shape (n,)."""
        visited = [within(self.times_s, visit) for visit in self.cleanings]
        return np.asarray(np.any(visited, axis=0), np.bool_)


def year(seed: int) -> list[StationMonth]:
    """The twelve station-months of a seed: 365 station-days with 200 discharges."""
    sizes = _sizes(np.random.default_rng([seed, 0]))
    return [
        station_month(np.random.default_rng([seed, month]), month, sizes[month - 1])
        for month in range(1, 13)
    ]


def station_month(
    rng: Generator, month: int, sizes: list[float], interval_s: float = INTERVAL_S
) -> StationMonth:
    """A station through the fortnight before a month and the month, with discharges of `sizes`."""
    days = monthrange(YEAR, month)[1]
    judged_from_s = datetime(YEAR, month, 1, tzinfo=UTC).timestamp() - UTC_OFFSET_S
    end_s = judged_from_s + days * DAY_S
    times_s = np.arange(judged_from_s - RUN_IN_DAYS * DAY_S, end_s, interval_s)
    weather = nature.storms(rng, times_s, month)
    clean = nature.water(rng, times_s, nature.habit(rng, month), weather, interval_s)
    river = deepcopy(clean)
    early = rng.choice((*HALF_SIZES, *FULL_SIZES), size=7).tolist()
    _released(rng, early, times_s, (float(times_s[0]), judged_from_s), clean, river)
    judged = _released(rng, sizes, times_s, (judged_from_s, end_s), clean, river)
    visits = sensors.cleanings(rng, times_s)
    measured = sensors.measure(rng, times_s, river, visits, interval_s)
    return StationMonth(
        month,
        times_s,
        {"do_mg_l": measured.do_mg_l, "nh3n_mg_l": measured.nh3n_mg_l, "ph": measured.ph},
        river,
        clean,
        tuple(storm.rain for storm in weather if storm.is_noticed),
        tuple(visits),
        tuple(judged),
        judged_from_s,
        interval_s,
    )


def _released(
    rng: Generator, sizes: list[float], times_s: Floats, span: Span, clean: Water, river: Water
) -> list[Discharge]:
    starts = discharges.starts(rng, *span, len(sizes))
    return [
        discharges.release(rng, at_s, size, times_s, clean, river)
        for at_s, size in zip(starts, sizes, strict=True)
    ]


def _sizes(rng: Generator) -> list[list[float]]:
    """Half of the discharges move half a class, the others one to three; dealt to the months."""
    half = DISCHARGES // 2
    sizes = np.concatenate([np.resize(HALF_SIZES, half), np.resize(FULL_SIZES, DISCHARGES - half)])
    rng.shuffle(sizes)
    ends = np.cumsum([monthrange(YEAR, month)[1] for month in range(1, 13)])
    cuts = np.round(ends / ends[-1] * DISCHARGES).astype(int)[:-1]
    return [part.tolist() for part in np.split(sizes, cuts)]
