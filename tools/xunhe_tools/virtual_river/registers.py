"""Values as Modbus registers, and what describes a probe model on the wire.

A block starts at a register address and holds values one after another: `form` names them with
struct's letters ("fff", "Hh"), `order` is the byte order of the maker: "<" little-endian in words
and in bytes (Yosemitech), ">" big-endian (everybody else).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from xunhe_tools.virtual_river.chemistry import Water

Blocks = dict[int, tuple[float, ...]]
Calibration = Sequence[float]

READ_HOLDING, READ_INPUT, WRITE_ONE, WRITE_MANY = 3, 4, 6, 16

_LARGEST = 3.4028234663852886e38  # of IEEE 754 single precision
_WHOLE = {"H": (0, 0xFFFF), "h": (-0x8000, 0x7FFF)}


@dataclass(frozen=True, slots=True)
class ProbeModel:
    """The register map of one model: `forms` gives the form of each block by its address.

    A model without `calibration` keeps none in registers; at `command_at` it takes single values.
    """

    show: Callable[[Water, Calibration], Blocks]
    forms: Mapping[int, str]
    order: str = "<"
    baud: int = 9600
    functions: frozenset[int] = frozenset({READ_HOLDING, WRITE_MANY})
    calibration_at: int = 0
    calibration: tuple[float, ...] = ()
    command_at: int | None = None
    needs_start: bool = False

    def size(self, address: int) -> int:
        """Registers of the block at an address."""
        return struct.calcsize(self.order + self.forms[address]) // 2


def to_registers(values: Sequence[float], form: str, order: str = "<") -> list[int]:
    """Values as 16-bit registers; pymodbus sends each register high byte first."""
    fitted = [_fitted(value, letter) for value, letter in zip(values, form, strict=True)]
    raw = struct.pack(order + form, *fitted)
    return list(struct.unpack(f">{len(raw) // 2}H", raw))


def from_registers(registers: Sequence[int], form: str, order: str = "<") -> tuple[float, ...]:
    """The inverse of `to_registers`."""
    return struct.unpack(order + form, struct.pack(f">{len(registers)}H", *registers))


def _fitted(value: float, letter: str) -> float:
    """A value as a probe's processor has it: beyond its type infinity, or the last that fits."""
    if letter == "f":
        return math.copysign(math.inf, value) if abs(value) > _LARGEST else value
    low, high = _WHOLE[letter]
    return high if math.isnan(value) else min(max(round(value), low), high)
