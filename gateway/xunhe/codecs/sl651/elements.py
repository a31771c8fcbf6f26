"""Elements of a report: identifier, descriptor, BCD.

The descriptor's high five bits are the number of bytes, its low three the number of decimals.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Kind:
    """A confirmed element, with the descriptor of the published frames."""

    identifier: int
    name_zh: str
    name_en: str
    unit: str
    size: int  # bytes
    decimals: int


_ALL = (
    Kind(0x20, "当前降水量", "rainfall", "mm", 3, 1),
    Kind(0x26, "降水量累计值", "accumulated rainfall", "mm", 3, 1),
    Kind(0x38, "电源电压", "supply voltage", "V", 2, 2),
    Kind(0x39, "瞬时河道水位", "stage", "m", 4, 3),
)
CONFIRMED = {kind.identifier: kind for kind in _ALL}


@dataclass(frozen=True, slots=True)
class Element:
    """A value as it was sent; `value` None where its digits are no BCD, kept in `raw`."""

    identifier: int
    value: Decimal | None
    raw: bytes

    @property
    def kind(self) -> Kind | None:
        """What it is, where that is confirmed."""
        return CONFIRMED.get(self.identifier)


def read(data: bytes) -> list[Element] | None:
    """The elements of a report; None where the descriptors do not lead to the end."""
    found = []
    at = 0
    while at < len(data):
        if at + 2 > len(data):
            return None
        identifier, descriptor = data[at], data[at + 1]
        end = at + 2 + (descriptor >> 3)
        if end > len(data):
            return None
        raw = data[at + 2 : end]
        found.append(Element(identifier, _decimal(raw, descriptor & 7), raw))
        at = end
    return found


def written(identifier: int, value: Decimal) -> bytes:
    """A confirmed element. ValueError for another one, and for a value that does not fit."""
    kind = CONFIRMED.get(identifier)
    if kind is None:
        raise ValueError(f"SL 651: element {identifier:02X} is not confirmed and not written")
    digits = 2 * kind.size
    scaled = value.scaleb(kind.decimals)
    if scaled != scaled.to_integral_value() or not 0 <= scaled < Decimal(10) ** digits:
        raise ValueError(f"SL 651: {value} does not fit element {identifier:02X}")
    bcd = bytes.fromhex(f"{int(scaled):0{digits}d}")
    return bytes([identifier, kind.size << 3 | kind.decimals]) + bcd


def _decimal(raw: bytes, decimals: int) -> Decimal | None:
    digits = raw.hex()
    return Decimal(digits).scaleb(-decimals) if digits.isdecimal() else None
