"""The cell's charge, day by day over years of chance weather; the lowest of each month."""

import math
from dataclasses import dataclass, replace
from random import Random

from xunhe_tools.hardware.power import duty, sun
from xunhe_tools.hardware.power.loads import CELL_V, Link, mean_w
from xunhe_tools.hardware.power.places import MONTHS, Climate

LOWEST_CHARGE = 0.30
FROZEN_C = 0.0  # months colder than this: the river is ice, the charger stops, the buoy is ashore
_SOIL, _PANEL_TO_CELL = 0.80, 0.85  # birds and dust; charger, cables, mismatch
_CHARGE_W = 2.0 * 3.4  # LT3652's 2 A at the cell
_SLICES = 24
_FADED = 0.9  # of the nominal capacity, after some years
_SELF_DISCHARGE_A_DAY = 0.001
_ALARM_INTERVAL_S = 60.0


@dataclass(frozen=True, slots=True)
class Buoy:
    """What is built and how it is used. `alarm_h`: hours of alarm a month, in one stretch."""

    panel_w: float = 20.0
    cell_ah: float = 36.0
    interval_s: float = 900.0
    alarm_h: float = 24.0
    awake_beyond_s: float | None = None


@dataclass(frozen=True, slots=True)
class Month:
    """Means of a day, and the lowest charge (0 to 1) of all years; None while ashore."""

    light_kwh_m2: float
    income_wh: float
    load_wh: float
    lowest: float | None


@dataclass(frozen=True, slots=True)
class Budget:
    months: tuple[Month, ...]
    days_without_sun: float

    @property
    def lowest(self) -> float:
        """Of all months in the water."""
        return min(month.lowest for month in self.months if month.lowest is not None)

    @property
    def holds(self) -> bool:
        return self.lowest >= LOWEST_CHARGE


def normal_wh(buoy: Buoy, link: Link) -> float:
    """A day without alarm."""
    cycle = duty.of_interval(buoy.interval_s, link.seconds, buoy.awake_beyond_s)
    return 24 * mean_w(cycle, link)


def alarm_wh(buoy: Buoy, link: Link) -> float:
    """What an hour of alarm takes more than an hour without."""
    interval_s = min(buoy.interval_s, _ALARM_INTERVAL_S)
    cycle = duty.of_interval(interval_s, link.seconds, buoy.awake_beyond_s)
    return mean_w(cycle, link) - normal_wh(buoy, link) / 24


def usable_wh(buoy: Buoy, air_c: float) -> float:
    """Of an aged cell: whole from 15 °C up, 85 % at 0 °C, falling in a straight line."""
    cold = min(1.0, 0.85 + 0.01 * air_c)
    return buoy.cell_ah * CELL_V * _FADED * max(0.5, cold)


def income_wh(buoy: Buoy, latitude_deg: float, day: int, light_kwh_m2: float) -> float:
    """A day's charge of a level panel; at noon the charger takes no more than its 2 A."""
    half = sun.sunset_rad(latitude_deg, day)
    day_h = 24 * half / math.pi
    heights = [math.sin(math.pi * (n + 0.5) / _SLICES) for n in range(_SLICES)]
    whole_wh = light_kwh_m2 * buoy.panel_w * _SOIL * _PANEL_TO_CELL
    slice_h = day_h / _SLICES
    peak_w = whole_wh / (slice_h * sum(heights))
    return sum(min(_CHARGE_W, peak_w * height) * slice_h for height in heights)


def simulate(buoy: Buoy, link: Link, climate: Climate, seed: int = 1, years: int = 20) -> Budget:
    """`years` of weather by chance, from a full cell; a frozen month ends with a full cell too."""
    chance = Random(f"{seed} {climate.latitude_deg}")  # noqa: S311 (weather, no secret)
    lowest: list[list[float]] = [[] for _ in range(MONTHS)]
    incomes: list[list[float]] = [[] for _ in range(MONTHS)]
    charge = 1.0
    for _ in range(years):
        for month in range(MONTHS):
            lows, charge = _month(buoy, link, climate, month, charge, chance, incomes[month])
            lowest[month].append(lows)
    day_wh = normal_wh(buoy, link)
    months = tuple(
        Month(
            climate.light_kwh_m2[n],
            sum(incomes[n]) / len(incomes[n]),
            day_wh + buoy.alarm_h * alarm_wh(buoy, link) / sun.MONTH_DAYS[n],
            None if climate.air_c[n] < FROZEN_C else min(lowest[n]),
        )
        for n in range(MONTHS)
    )
    coldest = min(each for each in climate.air_c if each >= FROZEN_C)
    days = (1 - LOWEST_CHARGE) * usable_wh(buoy, coldest) / day_wh
    return Budget(months, days)


def _month(
    buoy: Buoy,
    link: Link,
    climate: Climate,
    month: int,
    charge: float,
    chance: Random,
    incomes: list[float],
) -> tuple[float, float]:
    """(lowest, last) charge of one month that begins with `charge`; `incomes` grows by its days."""
    light = sun.days_of_month(climate.latitude_deg, month, climate.light_kwh_m2[month], chance)
    alarm = chance.randrange(len(light))
    usable, day_wh = usable_wh(buoy, climate.air_c[month]), normal_wh(buoy, link)
    low = charge
    for n, kwh in enumerate(light):
        extra = buoy.alarm_h * alarm_wh(buoy, link) if n == alarm else 0.0
        gain = income_wh(buoy, climate.latitude_deg, sun.MIDDLE_DAYS[month], kwh)
        incomes.append(gain)
        # The night and the alarm come before the sun: the evening's charge is not the lowest.
        before = charge - (day_wh + extra) / usable - _SELF_DISCHARGE_A_DAY
        low = min(low, before)
        charge = min(1.0, max(0.0, before) + gain / usable)
    return (1.0, 1.0) if climate.air_c[month] < FROZEN_C else (max(0.0, low), charge)


def remedy(buoy: Buoy, link: Link, climate: Climate, seed: int = 1, years: int = 20) -> Buoy | None:
    """The least change that holds: a larger panel first, then a larger cell, then fewer readings.

    None where none of them does.
    """
    trials = [
        replace(buoy, panel_w=panel, cell_ah=cell, interval_s=interval)
        for interval in (buoy.interval_s, 2 * buoy.interval_s, 4 * buoy.interval_s)
        for cell in (buoy.cell_ah, 2 * buoy.cell_ah)
        for panel in (buoy.panel_w, 1.5 * buoy.panel_w, 2 * buoy.panel_w)
    ]
    return next((one for one in trials if simulate(one, link, climate, seed, years).holds), None)
