"""A thin layer over SKiDL: a sheet places parts by symbol and names the net of every pin.

A pin without a net is an error, so that nothing is forgotten; `None` says "left open on purpose".
"""

from collections.abc import Mapping

from skidl import POWER, SKIDL, TEMPLATE, Net, Part, Pin
from skidl.pin import pin_types

from hardware.controller.symbols import SYMBOLS, Symbol

GROUND = "GND"


class Sheet:
    """One function of the board. References count from number x 100 + 1, by prefix."""

    def __init__(self, number: int, title: str) -> None:
        self.number = number
        self.title = title
        self._counts: dict[str, int] = {}

    def part(
        self,
        symbol: str,
        item: str,
        nets: Mapping[str, str | None],
        value: str = "",
        fitted: bool = True,
    ) -> None:
        """Place a part. `item`: its row of the bill of materials; `nets`: {pin name: net}."""
        drawn = SYMBOLS[symbol]
        part = _template(symbol, drawn)(
            ref=self._reference(drawn.prefix),
            value=value or item,
            tag=f"{item}-{self.number}-{drawn.prefix}{self._counts[drawn.prefix]}",
            footprint=drawn.footprint,
        )
        part.fields.update(
            {"Item": item, "Sheet": self.title, "Symbol": symbol, "Fitted": str(fitted)}
        )
        missing = {name for _, name, _ in drawn.pins} ^ set(nets)
        if missing:
            raise ValueError(f"{part.ref} ({item}): pins {sorted(missing)} are not as the symbol's")
        for number, name, _ in drawn.pins:
            _connect(part[number], nets[name])

    def two(
        self,
        symbol: str,
        item: str,
        first: str,
        second: str,
        value: str = "",
        fitted: bool = True,
    ) -> None:
        """A part of two pins between two nets."""
        names = [name for _, name, _ in SYMBOLS[symbol].pins]
        self.part(symbol, item, dict(zip(names, (first, second), strict=True)), value, fitted)

    def resistor(self, value: str, first: str, second: str, fitted: bool = True) -> None:
        self.two("R", f"R-{value}", first, second, value, fitted)

    def capacitor(self, value: str, first: str, second: str = GROUND, fitted: bool = True) -> None:
        """Ceramic, between a net and ground unless told."""
        symbol = "C_LARGE" if value.startswith("22u") else "C"
        self.two(symbol, f"C-{value}", first, second, value, fitted)

    def test_points(self, *nets: str) -> None:
        for net in nets:
            self.part("TP", "TP", {"1": net}, net)

    def _reference(self, prefix: str) -> str:
        self._counts[prefix] = self._counts.get(prefix, 0) + 1
        return f"{prefix}{100 * self.number + self._counts[prefix]}"


def supply(*nets: str) -> None:
    """Nets that are fed from outside the board or through a passive part."""
    for name in nets:
        Net.fetch(name).drive = POWER


def _connect(pin: Pin, net: str | None) -> None:
    if net is not None:
        pin += Net.fetch(net)
    elif pin.func != pin_types.NOCONNECT:
        pin.do_erc = False  # left open on purpose


def _template(name: str, symbol: Symbol) -> Part:
    pins = [
        Pin(num=number, name=pin, func=getattr(pin_types, kind))
        for number, pin, kind in symbol.pins
    ]
    return Part(tool=SKIDL, name=name, ref_prefix=symbol.prefix, dest=TEMPLATE, pins=pins)
