"""Sunlight on a level plane: above the air by geometry, below it by month and by chance of cloud.

Equations: Duffie & Beckman, Solar Engineering of Thermal Processes, 4th ed., 1.6.1, 1.6.10, 1.10.3.
"""

import math
from random import Random

SOLAR_CONSTANT_W_M2 = 1367.0
CLEAR, OVERCAST = 0.68, 0.10  # share of the light above the air that a day lets through
PERSISTENCE = 0.5  # correlation of one day's sky with the next one's: grey days come in spells
MIDDLE_DAYS = (17, 47, 75, 105, 135, 162, 198, 228, 258, 288, 318, 344)  # Klein's mean days
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def declination_rad(day: int) -> float:
    return math.radians(23.45) * math.sin(math.tau * (284 + day) / 365)


def sunset_rad(latitude_deg: float, day: int) -> float:
    """Hour angle of sunset, 0 to pi."""
    cosine = -math.tan(math.radians(latitude_deg)) * math.tan(declination_rad(day))
    return math.acos(max(-1.0, min(1.0, cosine)))


def above_air_kwh_m2(latitude_deg: float, day: int) -> float:
    """A day's light on a level plane above the atmosphere, kWh/m2."""
    latitude, declination = math.radians(latitude_deg), declination_rad(day)
    sunset = sunset_rad(latitude_deg, day)
    distance = 1 + 0.033 * math.cos(math.tau * day / 365)
    height = math.cos(latitude) * math.cos(declination) * math.sin(sunset)
    height += sunset * math.sin(latitude) * math.sin(declination)
    return 24 / math.pi * SOLAR_CONSTANT_W_M2 / 1000 * distance * height


def days_of_month(
    latitude_deg: float, month: int, mean_kwh_m2: float, chance: Random
) -> list[float]:
    """A month's days, kWh/m2, of a sky that is clear or overcast in spells; month 0 to 11.

    The share of overcast days is what the month's mean asks for, so that long runs keep the mean.
    """
    above = above_air_kwh_m2(latitude_deg, MIDDLE_DAYS[month])
    index = mean_kwh_m2 / above
    share = min(1.0, max(0.0, (CLEAR - index) / (CLEAR - OVERCAST)))
    # Beyond either sky's own index the whole month is a little brighter or darker than that sky.
    scale = index / (share * OVERCAST + (1 - share) * CLEAR)
    days, is_overcast = [], chance.random() < share
    for _ in range(MONTH_DAYS[month]):
        days.append(above * scale * (OVERCAST if is_overcast else CLEAR))
        stay = share + PERSISTENCE * (1 - share) if is_overcast else share - PERSISTENCE * share
        is_overcast = chance.random() < stay
    return days
