"""Official codes of rivers, reaches, lakes and reservoirs, after DB34/T 3735.1-2020, annex B.

    river      河流  12  one of its own in the whole country                              B.2
    lake       湖泊   8  one of its own in the whole country (SL 261 gives them)          B.3
    reservoir  水库  12  six of the county-level division (a dam across provinces: of the
                         basin), then six digits of a serial number                       B.4
    reach      河段  12  six of the division (of villages and towns: of their county), then
                         six digits of a serial number                                    B.5

A division is a code of GB/T 2260: six digits of which the first two are a province.
"""

import re
from collections.abc import Iterable
from enum import StrEnum

_SERIAL_DIGITS = 6
# GB/T 2260: the first and the last province of each region
_REGIONS = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
_PROVINCES = frozenset(str(number) for first, last in _REGIONS for number in range(first, last + 1))


class CodeError(ValueError):
    """A code that the standard does not allow, or that cannot be made; Chinese and English."""


class Coded(StrEnum):
    """What has an official code."""

    RIVER = "river"
    REACH = "reach"
    LAKE = "lake"
    RESERVOIR = "reservoir"


_FORMS = {
    Coded.RIVER: (re.compile(r"[0-9A-Z]{12}"), "12 位数字或大写字母", "12 digits or capitals"),
    Coded.REACH: (re.compile(r"\d{12}"), "12 位数字", "12 digits"),
    Coded.LAKE: (re.compile(r"[0-9A-Z]{8}"), "8 位数字或大写字母", "8 digits or capitals"),
    Coded.RESERVOIR: (
        re.compile(r"[0-9A-Z]{6}\d{6}"),
        "6 位行政区或流域片代码加 6 位顺序码",
        "6 of a division or basin and 6 digits",
    ),
}
_BY_DIVISION = (Coded.RIVER, Coded.REACH, Coded.RESERVOIR)


def check(kind: Coded, code: str) -> None:
    """Raise CodeError, naming the code and the form it must have, unless it is one of this kind."""
    form, zh, en = _FORMS[kind]
    if not form.fullmatch(code):
        raise CodeError(f"代码 {code!r} 应为{zh} / {kind} code {code!r} must be {en}")
    if kind is Coded.REACH:
        check_division(code[:_SERIAL_DIGITS])


def check_division(division: str) -> None:
    """Raise CodeError unless this has the form of a division of GB/T 2260."""
    if not re.fullmatch(r"\d{6}", division) or division[:2] not in _PROVINCES:
        raise CodeError(
            f"行政区划代码 {division!r} 应为 6 位数字，前两位为省级代码"
            f" / division {division!r} must be 6 digits that begin with those of a province"
        )


def next_code(kind: Coded, division: str, taken: Iterable[str]) -> str:
    """The code after the highest of this division that is taken; its first one ends in 000001.

    A number that was given once is not given again while its bearer is among the `taken`. Raises
    CodeError for a lake, whose codes SL 261 assigns, and where a division has run out of numbers.
    """
    if kind not in _BY_DIVISION:
        raise CodeError(
            f"湖泊代码由 SL 261 统一编制，请查表填写 / SL 261 assigns the codes of a {kind}"
        )
    check_division(division)
    serials = [code.removeprefix(division) for code in taken if code.startswith(division)]
    highest = max((int(serial) for serial in serials if serial.isdigit()), default=0)
    if highest + 1 >= 10**_SERIAL_DIGITS:
        raise CodeError(f"{division} 的顺序码已用尽 / {division} has run out of serial numbers")
    return f"{division}{highest + 1:0{_SERIAL_DIGITS}d}"
