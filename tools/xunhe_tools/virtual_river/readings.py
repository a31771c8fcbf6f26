"""What each probe model shows: register blocks and their values. Registers: `probes.md`.

Yosemitech (section 1), Renke (2) and Seeed (3); OUTFALL is a meter of level and flow whose map the
bench invented, since makers agree on none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from xunhe_tools.virtual_river.chemistry import Water, nernst_mv, oxygen_saturation_mg_l
from xunhe_tools.virtual_river.registers import (
    READ_HOLDING,
    READ_INPUT,
    WRITE_ONE,
    Blocks,
    Calibration,
    ProbeModel,
)

# A weir of the bench: flow in L/s = 1400 · level^1.5, level in m.
_WEIR_L_S = 1400.0
_WEIR_POWER = 1.5


def y504(water: Water, calibration: Calibration) -> Blocks:
    """Dissolved oxygen: temperature °C, saturation as a fraction, DO mg/L."""
    k, b = calibration
    do_mg_l = k * water.do_mg_l + b
    fraction = do_mg_l / oxygen_saturation_mg_l(water.water_temp_c)
    return {0x2600: (water.water_temp_c, fraction, do_mg_l)}


def y532(water: Water, _calibration: Calibration) -> Blocks:
    """pH; temperature °C; potential mV, zero at pH 7.

    The maker does not publish how K1…K6 act, so they are kept but change nothing.
    """
    return {
        0x2800: (water.ph,),
        0x2400: (water.water_temp_c,),
        0x1200: (nernst_mv(water.water_temp_c) * (7 - water.ph),),
    }


def y560(water: Water, calibration: Calibration) -> Blocks:
    """Ammonium: potential mV and pH; temperature °C; NH4-N mg/L (ammonium alone, not the total)."""
    k, b = calibration
    nh4n_mg_l = k * water.nh4n_mg_l + b
    # 250 mV at 1 mg/L is an assumption of the bench: the maker gives no standard potential.
    decades = math.log10(max(water.nh4n_mg_l, 1e-4))
    potential_mv = 250 + nernst_mv(water.water_temp_c) * decades
    return {
        0x2600: (potential_mv, water.ph),
        0x2400: (water.water_temp_c,),
        0x2800: (nh4n_mg_l,),
    }


def rs_ldo(water: Water, _calibration: Calibration) -> Blocks:
    """Dissolved oxygen: saturation as a fraction, DO mg/L, temperature °C."""
    return {0x0000: (water.do_saturation_fraction, water.do_mg_l, water.water_temp_c)}


def rs_ph(water: Water, _calibration: Calibration) -> Blocks:
    """PH × 100, temperature × 10."""
    return {0x0000: (100 * water.ph, 10 * water.water_temp_c)}


def s_ph_01(water: Water, _calibration: Calibration) -> Blocks:
    """Temperature × 100, pH × 100."""
    return {0x0000: (100 * water.water_temp_c, 100 * water.ph)}


def outfall(water: Water, _calibration: Calibration) -> Blocks:
    """Level m; flow L/s; temperature × 10."""
    flow_l_s = 1000 * water.outfall_m3_s
    level_m = (flow_l_s / _WEIR_L_S) ** (1 / _WEIR_POWER)
    return {0x0000: (level_m,), 0x0004: (flow_l_s,), 0x0010: (10 * water.water_temp_c,)}


_RENKE_BAUD = 4800

MODELS: Mapping[str, ProbeModel] = {
    "Y504": ProbeModel(
        y504, {0x2600: "fff"}, calibration_at=0x1100, calibration=(1.0, 0.0), needs_start=True
    ),
    "Y532": ProbeModel(
        y532,
        {0x2800: "f", 0x2400: "f", 0x1200: "f"},
        calibration_at=0x2900,
        calibration=(6.86, -6.72, 0.04, 6.86, -6.56, -1.04),  # K1…K6 as delivered
    ),
    "Y560": ProbeModel(
        y560,
        {0x2600: "ff", 0x2400: "f", 0x2800: "f"},
        calibration_at=0x1100,
        calibration=(1.0, 0.0),
    ),
    "RS-LDO": ProbeModel(
        rs_ldo,
        {0x0000: "fff"},
        ">",
        _RENKE_BAUD,
        frozenset({READ_HOLDING, READ_INPUT, WRITE_ONE}),
        command_at=0x1010,
    ),
    "RS-PH": ProbeModel(
        rs_ph, {0x0000: "Hh"}, ">", _RENKE_BAUD, frozenset({READ_HOLDING, READ_INPUT})
    ),
    "S-pH-01": ProbeModel(s_ph_01, {0x0000: "hH"}, ">", functions=frozenset({READ_HOLDING})),
    "OUTFALL": ProbeModel(
        outfall,
        {0x0000: "f", 0x0004: "f", 0x0010: "h"},
        ">",
        19200,
        frozenset({READ_HOLDING, READ_INPUT}),
    ),
}
