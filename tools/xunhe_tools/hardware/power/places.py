"""Months of three cities, or of a file: light on a level plane and air temperature."""

import csv
from dataclasses import dataclass
from pathlib import Path

MONTHS = 12


class ClimateError(ValueError):
    """What is wrong with a climate file."""


@dataclass(frozen=True, slots=True)
class Climate:
    """`light_kwh_m2`: a mean day of each month; `air_c`: its mean temperature."""

    name: str
    latitude_deg: float
    light_kwh_m2: tuple[float, ...]
    air_c: tuple[float, ...]
    source: str


_SHAPE = (
    "各月为按公布的年总量凑整的近似值，约 ±15 %；用 --climate 换成 NASA POWER 的数"
    " / months rounded to fit the published year, about ±15 %: replace them by NASA POWER's"
)
CITIES = {
    "hangzhou": Climate(
        "杭州 Hangzhou",
        30.25,
        (1.95, 2.35, 2.85, 3.75, 4.20, 3.90, 4.75, 4.40, 3.30, 2.85, 2.15, 2.00),
        (4.9, 6.9, 11.0, 16.9, 21.9, 25.1, 29.3, 28.7, 24.4, 19.1, 13.2, 7.3),
        f"年 year: 4196 MJ/m² (1981–2010，《科技通报》2012 (5) 59–64)。{_SHAPE}",
    ),
    "chongqing": Climate(
        "重庆 Chongqing",
        29.58,
        (0.90, 1.25, 2.10, 2.95, 3.35, 3.40, 4.40, 4.35, 2.55, 1.60, 1.15, 0.80),
        (8.0, 10.4, 14.6, 19.2, 22.8, 25.7, 29.0, 29.0, 24.7, 19.1, 14.4, 9.3),
        f"年 year: 8669 kJ/m² 每日 a day（光伏设计手册通用表，凭记忆 a common design table,"
        f" from memory）。{_SHAPE}",
    ),
    "harbin": Climate(
        "哈尔滨 Harbin",
        45.75,
        (1.75, 2.75, 3.95, 4.65, 5.30, 5.50, 5.05, 4.45, 3.90, 2.65, 1.65, 1.35),
        (-17.6, -12.4, -2.9, 7.9, 15.4, 21.0, 23.5, 21.7, 15.1, 6.1, -5.6, -15.1),
        f"年 year: 12703 kJ/m² 每日 a day（光伏设计手册通用表，凭记忆 a common design table,"
        f" from memory）。{_SHAPE}",
    ),
}


def read(path: Path) -> Climate:
    """A CSV: `latitude_deg,<degrees>` first, then month,light_kwh_m2,air_c for months 1 to 12.

    Raises ClimateError.
    """
    try:
        rows = list(csv.reader(path.read_text("utf-8").splitlines()))
        latitude_deg = float(dict(rows[:1])["latitude_deg"])
        months = [(int(n), float(light), float(air)) for n, light, air in rows[1:]]
    except (OSError, UnicodeDecodeError) as error:
        raise ClimateError(f"{path}: {error}") from error
    except (ValueError, KeyError) as error:
        raise ClimateError(
            f"{path}: not a climate: {error}; write latitude_deg,30.25 and then"
            " month,light_kwh_m2,air_c twelve times"
        ) from error
    if [n for n, _, _ in months] != list(range(1, MONTHS + 1)):
        raise ClimateError(f"{path}: give months 1 to 12 once each, in order")
    if not -66 < latitude_deg < 66 or any(not 0 < light < 12 for _, light, _ in months):
        raise ClimateError(f"{path}: latitude within ±66°, light from 0 to 12 kWh/m² a day")
    return Climate(
        path.stem,
        latitude_deg,
        tuple(light for _, light, _ in months),
        tuple(air for _, _, air in months),
        str(path),
    )
