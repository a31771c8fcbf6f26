"""Units as laboratories write them, and exact conversion into those of the properties."""

import unicodedata
from decimal import Decimal, InvalidOperation
from math import isfinite

from xunhe.water.indicators import Indicator

# Unit of a property → how else it is written, with what a value is multiplied by.
_WRITTEN = {
    "mg/L": {"mg/L": "1", "µg/L": "0.001", "ug/L": "0.001", "ng/L": "0.000001", "g/L": "1000",
             "毫克/升": "1", "微克/升": "0.001"},
    "°C": {"°C": "1", "C": "1", "度": "1", "摄氏度": "1"},
    "": {"": "1", "无量纲": "1", "pH": "1", "-": "1"},
    "/L": {"/L": "1", "个/L": "1", "个/升": "1", "MPN/L": "1", "CFU/L": "1", "个/100mL": "10",
           "MPN/100mL": "10", "CFU/100mL": "10"},
    "cm": {"cm": "1", "厘米": "1", "m": "100", "米": "100"},
    "m": {"m": "1", "米": "1", "cm": "0.01", "厘米": "0.01"},
    "mV": {"mV": "1", "毫伏": "1"},
    "µS/cm": {"µS/cm": "1", "uS/cm": "1", "mS/cm": "1000", "mS/m": "10"},
    "NTU": {"NTU": "1", "度": "1"},
    "m³/s": {"m³/s": "1", "立方米/秒": "1", "L/s": "0.001"},
    "m/s": {"m/s": "1", "米/秒": "1", "cm/s": "0.01"},
    "mm": {"mm": "1", "毫米": "1"},
}  # fmt: skip


def plain(text: str) -> str:
    """Lower case without spaces, full-width and composed signs as plain ones (㎎ → mg, ³ → 3)."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


_FACTORS = {
    unit: {plain(name): Decimal(factor) for name, factor in written.items()}
    for unit, written in _WRITTEN.items()
}


def factor_of(unit: str, indicator: Indicator) -> Decimal | None:
    """What turns a value in `unit` into the indicator's own; None where the unit does not fit."""
    return _FACTORS[indicator.unit].get(plain(unit))


def units_of(indicator: Indicator) -> str:
    """The units that fit, for people: `mg/L、µg/L、…`."""
    return "、".join(unit for unit in _WRITTEN[indicator.unit] if unit)


def number(text: str) -> tuple[Decimal, bool] | None:
    """(number, is it a limit of detection) of a cell; None where it is no finite number.

    Limits are written `<0.025`, or `0.025L` as in laboratories' reports.
    """
    written = plain(text)
    digits = written.removeprefix("<").removesuffix("l")
    try:
        value = Decimal(digits)
    except InvalidOperation:
        return None
    return (value, digits != written) if isfinite(float(value)) else None
