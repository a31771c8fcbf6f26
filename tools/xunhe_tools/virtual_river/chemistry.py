"""Chemistry of the bench, written apart from the firmware's so that neither can hide the other.

t is in °C, T = t + 273.15 in K; N means nitrogen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


def oxygen_saturation_mg_l(water_temp_c: float) -> float:
    """Fresh water at 1 atm: Benson and Krause in the form of APHA 1985 (20 °C: 9.092)."""
    inverse = 1.0 / (water_temp_c + 273.15)
    logarithm = 0.0
    for factor in (-8.621949e11, 1.243800e10, -6.642308e7, 1.575701e5, -139.34411):
        logarithm = logarithm * inverse + factor
    return math.exp(logarithm)


def free_ammonia_share(ph: float, water_temp_c: float) -> float:
    """Share of NH3 in total ammonia, 0..1: Emerson 1975 (25 °C, pH 8: 5.3662 %)."""
    pka = 0.09018 + 2729.92 / (water_temp_c + 273.15)
    return 1.0 / (1.0 + math.pow(10.0, pka - ph))


def nernst_mv(water_temp_c: float) -> float:
    """Electrode slope for a single charge, mV per decade (25 °C: 59.159)."""
    return 1000.0 * math.log(10) * 8.314462618 * (water_temp_c + 273.15) / 96485.33212


@dataclass(frozen=True, slots=True)
class Water:
    """What is in the river at one place and instant."""

    water_temp_c: float
    ph: float
    do_mg_l: float
    nh3n_mg_l: float  # total ammonia, NH4+ and NH3, as N: the NH3-N of GB 3838-2002
    outfall_m3_s: float = 0.0  # what runs out of the outfalls right here

    @property
    def do_saturation_fraction(self) -> float:
        """1.0 = saturated (fresh water, 1 atm)."""
        return self.do_mg_l / oxygen_saturation_mg_l(self.water_temp_c)

    @property
    def nh4n_mg_l(self) -> float:
        """Ammonium alone, as N: what an ion-selective electrode feels."""
        return self.nh3n_mg_l * (1.0 - free_ammonia_share(self.ph, self.water_temp_c))
