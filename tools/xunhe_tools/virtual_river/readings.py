"""What each probe model shows: register blocks as floats. Registers: `probes.md` section 1.

Every block starts at a register address and holds 32-bit floats, two registers each, little-endian
in words and in bytes (YosemitechModbus, EnviroDIY): the four bytes of `struct.pack("<f", …)` go
over the wire in that order.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from xunhe_tools.virtual_river.chemistry import Water, nernst_mv, oxygen_saturation_mg_l

Blocks = dict[int, tuple[float, ...]]
Calibration = Sequence[float]

_LARGEST = 3.4028234663852886e38  # of IEEE 754 single precision


def _single(value: float) -> float:
    """A value that fits 32 bits; beyond them infinity, as a probe's processor has it."""
    return math.copysign(math.inf, value) if abs(value) > _LARGEST else value


def to_registers(values: Sequence[float]) -> list[int]:
    """Floats as 16-bit registers; pymodbus sends each register high byte first."""
    raw = struct.pack(f"<{len(values)}f", *map(_single, values))
    return list(struct.unpack(f">{len(raw) // 2}H", raw))


def from_registers(registers: Sequence[int]) -> tuple[float, ...]:
    """The inverse of `to_registers`."""
    raw = struct.pack(f">{len(registers)}H", *registers)
    return struct.unpack(f"<{len(raw) // 4}f", raw)


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


@dataclass(frozen=True, slots=True)
class ProbeModel:
    """The register map of one model: `sizes` gives the number of floats per block address."""

    show: Callable[[Water, Calibration], Blocks]
    sizes: Mapping[int, int]
    calibration_at: int
    calibration: tuple[float, ...]
    needs_start: bool = False


MODELS: Mapping[str, ProbeModel] = {
    "Y504": ProbeModel(y504, {0x2600: 3}, 0x1100, (1.0, 0.0), needs_start=True),
    "Y532": ProbeModel(
        y532,
        {0x2800: 1, 0x2400: 1, 0x1200: 1},
        0x2900,
        (6.86, -6.72, 0.04, 6.86, -6.56, -1.04),  # K1…K6 as delivered
    ),
    "Y560": ProbeModel(y560, {0x2600: 2, 0x2400: 1, 0x2800: 1}, 0x1100, (1.0, 0.0)),
}
