"""How the reasons of decisions name what was measured."""

from typing import NamedTuple

from xunhe.water.indicators import INDICATORS


class Words(NamedTuple):
    """One sentence or name in both languages."""

    zh: str
    en: str


class Measured(NamedTuple):
    """A property's names and unit."""

    zh: str
    en: str
    unit: str

    def number(self, value: float) -> str:
        """With as many decimals as say something: 0.39, 17.2 of °C, 0.0012."""
        if self.unit == "°C":
            return f"{value:.1f}"
        return f"{value:.2f}" if abs(value) >= 0.1 or value == 0 else f"{value:.2g}"

    def shown(self, value: float) -> str:
        """Such as `0.39 mg/L`."""
        return f"{self.number(value)} {self.unit}".rstrip()


_OF_THE_BUOY = {"battery_v": Measured("电池电压", "battery voltage", "V")}


def name_of(prop: str) -> Measured:
    """The words of a property; one without words is shown by its code."""
    indicator = INDICATORS.get(prop)
    if indicator is not None:
        return Measured(indicator.name_zh, indicator.name_en, indicator.unit)
    return _OF_THE_BUOY.get(prop, Measured(prop, prop, ""))
