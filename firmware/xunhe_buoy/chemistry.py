"""Water chemistry: equations and nothing else. Pure; the gateway imports this same file.

t is °C, T = t + 273.15 K. Check values stand in tests/firmware/test_chemistry.py.
"""

import math

ATM_KPA = 101.325
_KELVIN = 273.15
_GAS_CONSTANT = 8.314462618  # J/(mol K), CODATA 2018
_FARADAY = 96485.33212  # C/mol, CODATA 2018
_NITROGEN = 14.007  # g/mol
_POTASSIUM = 39.098  # g/mol
K_SELECTIVITY = 0.1  # of an ammonium electrode for K+; to be confirmed for each maker's membrane


def do_saturation_mg_l(
    temp_c: float, salinity_psu: float = 0.0, pressure_kpa: float = ATM_KPA
) -> float:
    """Dissolved oxygen of air-saturated water, mg/L.

    Benson and Krause in the form of APHA 1985. The pressure term is to be confirmed against the
    USGS memo 2011.03, which was not at hand; `pressure_kpa` is the air's, not reduced to sea level.
    """
    t = temp_c + _KELVIN
    # Horner's scheme: 1/T^4 alone would underflow the range where float32 is exact.
    fresh = -139.34411 + (1.575701e5 + (-6.642308e7 + (1.2438e10 - 8.621949e11 / t) / t) / t) / t
    salt = salinity_psu * (0.017674 + (-10.754 + 2140.7 / t) / t)
    return math.exp(fresh - salt) * _pressure_factor(temp_c, pressure_kpa / ATM_KPA)


def _pressure_factor(temp_c: float, atm: float) -> float:
    t = temp_c + _KELVIN
    vapour = math.exp(11.8571 - 3840.70 / t - 216961 / (t * t))  # atm
    theta = 9.75e-4 - 1.426e-5 * temp_c + 6.436e-8 * temp_c * temp_c
    here = (1 - vapour / atm) * (1 - theta * atm)
    return atm * here / ((1 - vapour) * (1 - theta))


def do_mg_l_from_fraction(
    fraction: float, temp_c: float, salinity_psu: float = 0.0, pressure_kpa: float = ATM_KPA
) -> float:
    """Dissolved oxygen, mg/L, of a probe that gives only its saturation (1.0 = 100 %)."""
    return fraction * do_saturation_mg_l(temp_c, salinity_psu, pressure_kpa)


def nh3_fraction(ph: float, temp_c: float) -> float:
    """Share of un-ionised NH3 in total ammonia, 0 to 1.

    Emerson et al. 1975: 2729.92. The manual of R's AmmoniaConcentration prints 2727.92, wrongly.
    """
    pka = 0.09018 + 2729.92 / (temp_c + _KELVIN)
    return 1.0 / (math.pow(10.0, pka - ph) + 1.0)


def total_ammonia_mg_l(nh4_n_mg_l: float, ph: float, temp_c: float) -> float:
    """Total ammonia as N, mg/L (NH3-N of GB 3838-2002), from what an ion-selective probe sees.

    The electrode sees NH4+ only; at pH 9 and 20 °C that is 72 % of the total.
    """
    return nh4_n_mg_l / (1.0 - nh3_fraction(ph, temp_c))


def ph_slope_mv(temp_c: float) -> float:
    """Theoretical slope of a pH electrode, mV a pH: 59.159 at 25 °C."""
    return 1000.0 * math.log(10.0) * _GAS_CONSTANT * (temp_c + _KELVIN) / _FARADAY


def ph_from_mv(
    mv: float, temp_c: float, offset_mv: float = 0.0, acid: float = 1.0, base: float = 1.0
) -> float:
    """pH of an electrode's potential, mV, whose iso-potential point is pH 7.

    `offset_mv` is its potential at pH 7, `acid` and `base` its slopes below and above pH 7 as
    shares of theory (1.0 = 59.159 mV a pH at 25 °C). Compensation corrects the slope only: the
    result is the pH at `temp_c`, not at another temperature.
    """
    above_mv = mv - offset_mv
    return 7.0 - above_mv / (ph_slope_mv(temp_c) * (acid if above_mv > 0 else base))


def nh4_n_from_mv(mv: float, temp_c: float, standard_mv: float, slope: float = 1.0) -> float:
    """NH4-N, mg/L, of an ammonium electrode's potential, mV; K+ is still in it.

    `standard_mv` is its potential at 1 mg/L, `slope` its slope as a share of theory: that of
    the pH electrode with positive sign.
    """
    return math.pow(10.0, (mv - standard_mv) / (ph_slope_mv(temp_c) * slope))


def without_potassium_mg_l(
    nh4_n_mg_l: float, potassium_mg_l: float, selectivity: float = K_SELECTIVITY
) -> float:
    """NH4-N, mg/L, less what the electrode takes for ammonium in K+, mg/L (Nikolsky).

    Both ions count by their number: 39.098 mg/L K+ weigh like 14.007 mg/L N, times `selectivity`.
    """
    return nh4_n_mg_l - selectivity * potassium_mg_l * _NITROGEN / _POTASSIUM
