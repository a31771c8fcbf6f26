"""The data area (HJ 212-2017 §6.3.3): fields, factors with their values, numbers.

Values of an item are separated by `,`, items by `;`. Annex C prints a comma where the rules ask for
`;` (C.23, C.41), so names alone say what belongs together. A log is text between a pair of `//`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite

from xunhe.codecs.hj212.reason import Reason

# Table 4 and Annex C disagree.
_OTHER_NAMES = {"Overtime": "OverTime", "CTime": "Ctime"}
_SEPARATORS = re.compile("[;,]")
_WITH_LOGS = re.compile(r"(?://.*?//|[^;,])+", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
_OF_CONCENTRATION = ("Rtd", "Min", "Avg", "Max", "ZsRtd", "ZsMin", "ZsAvg", "ZsMax", "Cou")
NUMBERS = frozenset({*_OF_CONCENTRATION, "Data", "DayData", "NightData", "RS", "RT"})


@dataclass(frozen=True, slots=True)
class Unusable:
    """A field that is not used; the packet's others are."""

    reason: Reason
    name: str
    text: str


@dataclass(slots=True)
class Factor:
    """What a packet says of one factor: numbers by kind (Rtd, Avg, …), the rest as text."""

    code: str
    numbers: dict[str, float] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def flag(self) -> str:
        """数据标记, Table 8; empty where none was given, which occurs."""
        return self.texts.get("Flag", "")


def fields(cp: str) -> Iterator[tuple[str, str]]:
    """(name, value) in their order; a piece without `=` has its text as value and no name."""
    pieces = _WITH_LOGS.findall(cp) if "//" in cp else _SEPARATORS.split(cp)
    for piece in pieces:
        name, equals, value = piece.partition("=")
        if equals:
            name = name.strip()
            yield _OTHER_NAMES.get(name, name), value.strip()
        elif piece.strip():
            yield "", piece.strip()


def plain(cp: str) -> dict[str, str]:
    """The fields of a command's area by name; the first of a name counts."""
    found: dict[str, str] = {}
    for name, value in fields(cp):
        found.setdefault(name, value)
    return found


def factors(cp: str) -> tuple[dict[str, Factor], list[Unusable]]:
    """By code, and the fields that are of no use; a number that is none is never made a text."""
    found: dict[str, Factor] = {}
    unusable: list[Unusable] = []
    for name, value in fields(cp):
        code, dash, kind = name.rpartition("-")
        if not name:
            unusable.append(Unusable(Reason.FIELD, "", value))
        elif not dash:
            continue
        elif kind not in NUMBERS:
            _of(found, code).texts[kind] = value
        elif (read := number(value)) is None:
            unusable.append(Unusable(Reason.NUMBER, name, value))
        else:
            _of(found, code).numbers[kind] = read
    return found, unusable


def number(text: str) -> float | None:
    """A finite decimal number of any width (the widths of Annex B are defaults), or None."""
    if _NUMBER.fullmatch(text) is None:
        return None
    value = float(text)
    return value if isfinite(value) else None


def _of(found: dict[str, Factor], code: str) -> Factor:
    if code not in found:
        found[code] = Factor(code)
    return found[code]
