"""The truth: water at (place, time) as a pure function of seed, script and time.

A clean autumn baseline with its daily curves, plus the plumes of the scripted discharges.
The coefficients of the oxygen demand are assumptions of this bench, not of any standard.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from xunhe_tools.virtual_river.chemistry import Water, oxygen_saturation_mg_l
from xunhe_tools.virtual_river.network import Network, Place, Way
from xunhe_tools.virtual_river.noise import slow
from xunhe_tools.virtual_river.script import Discharge, Script
from xunhe_tools.virtual_river.transport import pulse_response

DAY_S = 86400.0
LOCAL_OFFSET_H = 8  # the river lies in China: its sun keeps UTC+8

# Of the ultimate demand, some acts at once (sulphide, no oxygen in the sewage itself), the rest
# as in Streeter and Phelps 1925, with fast rates of fresh sewage in a shallow river.
PROMPT_DEMAND_SHARE = 0.10
BOD_DECAY_PER_S = 0.6 / DAY_S
REAERATION_PER_S = 1.5 / DAY_S

OUTFALL_M = 100.0  # an outfall and its meter are at one place


def daily(t_s: float, low_h: float, high_h: float) -> float:
    """A daily curve: -1 at local hour `low_h`, +1 at `high_h`, half cosines between."""
    since_low_h = (t_s / 3600 + LOCAL_OFFSET_H - low_h) % 24
    rise_h = (high_h - low_h) % 24
    if since_low_h < rise_h:
        return -math.cos(math.pi * since_low_h / rise_h)
    return math.cos(math.pi * (since_low_h - rise_h) / (24 - rise_h))


def baseline(seed: int, t_s: float, parcel_s: float) -> Water:
    """The river without any discharge.

    `parcel_s` names the parcel of water (when it will reach the mouth): slow variations travel
    with it, while sun and air act on the whole river by the hour.
    """
    temp_c = 17.0 + 0.8 * daily(t_s, 6.5, 16) + 0.15 * slow(seed, "temp", parcel_s)
    sunlight = daily(t_s, 5, 15.5)  # photosynthesis by day, respiration alone by night
    return Water(
        water_temp_c=temp_c,
        ph=7.65 + 0.2 * sunlight + 0.03 * slow(seed, "ph", parcel_s),
        do_mg_l=0.72 * oxygen_saturation_mg_l(temp_c)
        + 1.2 * sunlight
        + 0.1 * slow(seed, "do", parcel_s),
        nh3n_mg_l=0.35 + 0.05 * slow(seed, "nh3n", parcel_s),
    )


@dataclass(frozen=True, slots=True)
class Plume:
    """What the discharges add at one place and instant, mg/L."""

    nh3n_mg_l: float
    oxygen_demand_mg_l: float


def demand_share(travel_s: float) -> float:
    """Oxygen missing after `travel_s`, per unit of ultimate demand."""
    sag = (BOD_DECAY_PER_S / (REAERATION_PER_S - BOD_DECAY_PER_S)) * (
        math.exp(-BOD_DECAY_PER_S * travel_s) - math.exp(-REAERATION_PER_S * travel_s)
    )
    return (
        PROMPT_DEMAND_SHARE * math.exp(-REAERATION_PER_S * travel_s)
        + (1 - PROMPT_DEMAND_SHARE) * sag
    )


def mix(water: Water, plume: Plume) -> Water:
    """Baseline water with a plume in it. Sewage is a little alkaline: pH up to +0.2."""
    return Water(
        water_temp_c=water.water_temp_c,
        ph=water.ph + 0.2 * (1 - math.exp(-plume.nh3n_mg_l / 2)),
        do_mg_l=max(0.1, water.do_mg_l - plume.oxygen_demand_mg_l),
        nh3n_mg_l=water.nh3n_mg_l + plume.nh3n_mg_l,
    )


def _first(reached: Callable[[float], bool], before_s: float, after_s: float) -> float:
    """The instant between the two at which `reached` turns true, to 10 ms."""
    while after_s - before_s > 0.01:
        middle_s = (before_s + after_s) / 2
        before_s, after_s = (before_s, middle_s) if reached(middle_s) else (middle_s, after_s)
    return after_s


@dataclass(frozen=True, slots=True)
class River:
    """The whole river of one run."""

    network: Network
    script: Script
    seed: int

    def __post_init__(self) -> None:
        for i, discharge in enumerate(self.script.discharges):
            self.network.check(discharge.place, f"script: discharge {i}")

    def water(self, place: Place, t_s: float) -> Water:
        """The noiseless truth at a place, river time t."""
        parcel_s = t_s + self.network.travel_to_mouth_s(place)
        return mix(baseline(self.seed, t_s, parcel_s), self.plume(place, t_s))

    def outfall_m3_s(self, place: Place, t_s: float) -> float:
        """What the outfalls within OUTFALL_M of a place let out, river time t."""
        return sum(
            discharge.flow_m3_s
            for discharge in self.script.discharges
            if discharge.reach == place.reach
            and abs(discharge.position_m - place.position_m) <= OUTFALL_M
            and 0 <= t_s - discharge.start_s < discharge.duration_s
        )

    def plume(self, place: Place, t_s: float) -> Plume:
        """The sum of all discharges upstream of a place."""
        nh3n = demand = 0.0
        for discharge, way in self._upstream(place):
            share = self._mixing(discharge)
            since_s = t_s - discharge.start_s
            decay = discharge.nh3n_decay_per_day / DAY_S
            plain = pulse_response(way, since_s, discharge.duration_s)
            faded = pulse_response(way, since_s, discharge.duration_s, decay) if decay else plain
            nh3n += share * discharge.nh3n_mg_l * faded
            demand += share * discharge.bod_mg_l * plain * demand_share(way.travel_s)
        return Plume(nh3n, demand)

    def arrival_s(self, place: Place, threshold_mg_l: float = 0.3) -> float | None:
        """When the noiseless ammonia first stands `threshold_mg_l` above baseline; None if never.

        This is the truth against which the delay of a ticket is measured.
        """

        def reached(t_s: float) -> bool:
            return self.plume(place, t_s).nh3n_mg_l >= threshold_mg_l

        for before_s, after_s in pairwise(self._scan(place)):
            if reached(after_s):
                return _first(reached, before_s, after_s)
        return None

    def _scan(self, place: Place) -> Iterator[float]:
        """Instants, 20 s apart, from the first discharge until the last plume has passed."""
        met = list(self._upstream(place))
        if not met:
            return
        t_s = min(discharge.start_s for discharge, _ in met) - 20
        end_s = max(
            d.start_s + d.duration_s + way.travel_s + 8 * math.sqrt(way.spread_s2) for d, way in met
        )
        while t_s <= end_s:
            yield t_s
            t_s += 20

    def _upstream(self, place: Place) -> Iterator[tuple[Discharge, Way]]:
        for discharge in self.script.discharges:
            way = self.network.way(discharge.place, place)
            if way is not None:
                yield discharge, way

    def _mixing(self, discharge: Discharge) -> float:
        """Share of waste water in the fully mixed reach."""
        river_m3_s = self.network.reach(discharge.reach).discharge_m3_s
        return discharge.flow_m3_s / (river_m3_s + discharge.flow_m3_s)
