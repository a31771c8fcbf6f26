"""Units of the properties as standards of others write them, and what each property is called."""

from xunhe.water.indicators import INDICATORS

# Unit of a property → its code in UCUM (https://ucum.org). NTU has none: an annotation.
_UCUM = {
    "mg/L": "mg/L",
    "°C": "Cel",
    "": "1",
    "/L": "/L",
    "cm": "cm",
    "m": "m",
    "mV": "mV",
    "V": "V",
    "µS/cm": "uS/cm",
    "NTU": "{NTU}",
    "m³/s": "m3/s",
    "m/s": "m/s",
    "mm": "mm",
}
_PH = "[pH]"
# What a station says of itself beside the water's own properties.
_OWN = {"battery_v": ("电池电压", "battery voltage", "V")}


def named(prop: str) -> tuple[str, str, str]:
    """(Chinese, English, unit) of a property; one that nobody knows is its own name."""
    indicator = INDICATORS.get(prop)
    if indicator is not None:
        return indicator.name_zh, indicator.name_en, indicator.unit
    return _OWN.get(prop, (prop, prop, ""))


def ucum(prop: str) -> str:
    """The code of a property's unit in UCUM; `1` where it has none."""
    return _PH if prop == "ph" else _UCUM[named(prop)[2]]
