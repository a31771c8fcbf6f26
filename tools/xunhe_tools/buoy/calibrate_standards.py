"""What the probe is put into, and what that is worth: buffers, air and zero, ammonium. Pure.

oxygen     air-saturated water and, better, a zero solution (sodium sulphite); the saturation by
           Benson and Krause at the water's temperature and the air's pressure (chemistry.py)
ammonium   standards in mg/L as N; as the ion, mg/L NH4+ × 14.007 / 18.039
"""

from dataclasses import dataclass

from xunhe_buoy.chemistry import ATM_KPA, do_saturation_mg_l
from xunhe_tools.buoy.calibrate_buffers import buffer_value

AIR, ZERO = "air", "zero"
_N_OF_NH4 = 14.007 / 18.039


class StandardError(ValueError):
    """A standard that does not fit the probe."""


@dataclass(frozen=True, slots=True)
class Standard:
    """One vessel: `word` as the technician names it, `lot` of its bottle."""

    word: str
    lot: str = ""


@dataclass(frozen=True, slots=True)
class Worth:
    """What a standard is at one temperature, in the calibrated quantity."""

    reference: float
    source: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the equations need and no probe measures."""

    pressure_kpa: float = ATM_KPA
    salinity_psu: float = 0.0


def worth(quantity: str, word: str, temp_c: float, around: Surroundings) -> Worth:
    """The reference value of a standard; BufferError or StandardError where it has none."""
    if quantity in ("ph_mv", "ph"):
        value = buffer_value(word, temp_c)
        return Worth(value.ph, value.source, value.is_confirmed)
    if quantity in ("do_fraction", "do_mg_l"):
        return _oxygen(quantity, word, temp_c, around)
    return Worth(_number(word), "标签 label", is_confirmed=True)


def _oxygen(quantity: str, word: str, temp_c: float, around: Surroundings) -> Worth:
    if word == ZERO:
        return Worth(0.0, "无氧水 oxygen-free water", is_confirmed=True)
    if word != AIR:
        raise StandardError(f"oxygen is calibrated in {AIR} or {ZERO}, not in {word}")
    if quantity == "do_fraction":
        return Worth(1.0, "饱和 saturation", is_confirmed=True)
    mg_l = do_saturation_mg_l(temp_c, around.salinity_psu, around.pressure_kpa)
    # The equation's pressure term is marked in chemistry.py.
    return Worth(round(mg_l, 4), "Benson & Krause", is_confirmed=around.pressure_kpa == ATM_KPA)


def _number(word: str) -> float:
    """`1.0` mg/L as N, or `1.29nh4` mg/L as the ion."""
    digits = word.lower().removesuffix("nh4")
    try:
        value = float(digits)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1000:
        raise StandardError(f"{word}: write the standard's mg/L as N, such as 1.0, or 1.29nh4")
    return value if digits == word.lower() else round(value * _N_OF_NH4, 6)


def usual(quantity: str) -> tuple[str, ...]:
    """The standards to suggest for a raw quantity."""
    return {
        "ph_mv": ("6.865", "4.008", "9.180"),
        "ph": ("6.865", "9.180"),
        "do_fraction": (AIR, ZERO),
        "do_mg_l": (AIR, ZERO),
        "nh4_mv": ("1.0", "10.0"),
        "nh4_n_mg_l": ("1.0", "10.0"),
    }.get(quantity, ())


def label(quantity: str, word: str) -> str:
    """What to put the probe into, in words."""
    if word == AIR:
        return "空气饱和水 air-saturated water"
    if word == ZERO:
        return "无氧水（亚硫酸钠）oxygen-free water (sodium sulphite)"
    if quantity in ("ph_mv", "ph"):
        return f"pH {word} 缓冲液 buffer"
    return f"{word} mg/L 标准液 standard"
