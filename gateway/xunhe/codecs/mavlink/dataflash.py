"""ArduPilot's flash log (.bin), which describes itself: FMT messages give the form of the others.

Form: libraries/AP_Logger/LogStructure.h of ArduPilot. Each message begins A3 95 and its number.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from xunhe.domain.telemetry import Refusal

Row = dict[str, float | str]

_HEAD = b"\xa3\x95"
_FMT, _FMT_SIZE = 0x80, 89
_FMT_FORM = struct.Struct("<BB4s16s64s")

# Letter → (struct code, factor): c, C, e, E are in hundredths, L in 1e-7 degrees.
_LETTERS = {
    "b": ("b", 1.0),
    "B": ("B", 1.0),
    "h": ("h", 1.0),
    "H": ("H", 1.0),
    "i": ("i", 1.0),
    "I": ("I", 1.0),
    "q": ("q", 1.0),
    "Q": ("Q", 1.0),
    "f": ("f", 1.0),
    "d": ("d", 1.0),
    "g": ("e", 1.0),
    "c": ("h", 0.01),
    "C": ("H", 0.01),
    "e": ("i", 0.01),
    "E": ("I", 0.01),
    "L": ("i", 1e-7),
    "M": ("B", 1.0),
    "n": ("4s", 0.0),
    "N": ("16s", 0.0),
    "Z": ("64s", 0.0),
    "a": ("64s", 0.0),
}


@dataclass(frozen=True, slots=True)
class _Form:
    name: str
    layout: struct.Struct
    columns: tuple[tuple[str, float], ...]

    def row(self, data: bytes, at: int) -> Row:
        """The values of a message whose body begins at `at`."""
        values = self.layout.unpack_from(data, at)
        return {
            name: factor * value if factor else value.partition(b"\0")[0].decode("latin-1")
            for (name, factor), value in zip(self.columns, values, strict=True)
        }


def rows(data: bytes) -> Iterator[tuple[str, Row] | Refusal]:
    """(message name, values by column) in the order of the file, and what is no message."""
    forms: dict[int, _Form] = {}
    at, lost_from = 0, None
    while at < len(data):
        size = _size(data, at, forms)
        if size is None:
            lost_from = at if lost_from is None else lost_from
            found = data.find(_HEAD, at + 1)
            at = found if found >= 0 else len(data)
            continue
        if lost_from is not None:
            yield _lost(lost_from, at)
            lost_from = None
        if data[at + 2] == _FMT:
            form = _form(data, at + 3)
            if form is not None:
                forms[form[0]] = form[1]
        else:
            form_of = forms[data[at + 2]]
            yield form_of.name, form_of.row(data, at + 3)
        at += size
    if lost_from is not None:
        yield _lost(lost_from, len(data))


def _size(data: bytes, at: int, forms: dict[int, _Form]) -> int | None:
    """Of the message that begins here; None where none does or it is cut off."""
    if data[at : at + 2] != _HEAD or at + 3 > len(data):
        return None
    kind = data[at + 2]
    size = _FMT_SIZE if kind == _FMT else 3 + forms[kind].layout.size if kind in forms else None
    return None if size is None or at + size > len(data) else size


def _form(data: bytes, at: int) -> tuple[int, _Form] | None:
    """(number, form) of a FMT message; None where it is not consistent."""
    number, size, name, letters, columns = _FMT_FORM.unpack_from(data, at)
    codes = letters.partition(b"\0")[0].decode("latin-1")
    names = columns.partition(b"\0")[0].decode("latin-1").split(",")
    if any(code not in _LETTERS for code in codes) or len(names) != len(codes):
        return None
    layout = struct.Struct("<" + "".join(_LETTERS[code][0] for code in codes))
    if layout.size + 3 != size:
        return None
    factors = (_LETTERS[code][1] for code in codes)
    title = name.partition(b"\0")[0].decode("latin-1")
    return number, _Form(title, layout, tuple(zip(names, factors, strict=True)))


def _lost(begin: int, end: int) -> Refusal:
    size = end - begin
    return Refusal(f"{size} 字节不是日志", f"{size} bytes are no log message", offset=begin)
