"""Short messages as a modem takes them: SMS-SUBMIT in PDU mode, text in UCS2.

3GPP TS 23.040 (SMS-SUBMIT 9.2.2.2, user data header 9.2.3.24, concatenation 9.2.3.24.1) and TS
23.038 (coding scheme 0x08). Chinese needs UCS2, which takes 70 characters alone and 67 in a part.
"""

import re
from dataclasses import dataclass

ALONE, IN_PARTS = 70, 67  # UTF-16 code units
_NUMBER = re.compile(r"\+?\d{3,20}")
_INTERNATIONAL, _UNKNOWN = 0x91, 0x81
_SUBMIT, _HAS_HEADER = 0x01, 0x40
_UCS2 = 0x08


@dataclass(frozen=True, slots=True)
class Pdu:
    """One part: hexadecimal digits for AT+CMGS, and the length that the command names (octets
    without the service centre's address)."""

    hex: str
    length: int


def submit(number: str, text: str, reference: int) -> list[Pdu]:
    """The parts of a text to a number such as +8613800000000, in order.

    `reference` (0 to 255) ties the parts together. ValueError for a number that is none and a text
    that is empty or needs more than 255 parts.
    """
    if not _NUMBER.fullmatch(number):
        raise ValueError("not a telephone number: digits, with + before the country's")
    parts = _split(text)
    if not 1 <= len(parts) <= 255:
        raise ValueError(f"a text of {len(parts)} parts cannot be sent")
    count = len(parts)
    return [
        _pdu(number, part, _header(reference, count, place) if count > 1 else b"")
        for place, part in enumerate(parts, 1)
    ]


def _split(text: str) -> list[bytes]:
    """Parts as big-endian UTF-16; a character of two units is never cut."""
    if len(text.encode("utf-16-be")) <= 2 * ALONE:
        return [text.encode("utf-16-be")] if text else []
    parts = [b""]
    for character in text:
        unit = character.encode("utf-16-be")
        if len(parts[-1]) + len(unit) > 2 * IN_PARTS:
            parts.append(b"")
        parts[-1] += unit
    return parts


def _header(reference: int, count: int, place: int) -> bytes:
    return bytes((5, 0, 3, reference & 0xFF, count, place))


def _pdu(number: str, text: bytes, header: bytes) -> Pdu:
    kind = _SUBMIT | (_HAS_HEADER if header else 0)
    data = header + text
    octets = bytes((kind, 0)) + _address(number) + bytes((0, _UCS2, len(data))) + data
    return Pdu(("00" + octets.hex()).upper(), len(octets))  # 00: the card's own service centre


def _address(number: str) -> bytes:
    digits = number.removeprefix("+")
    kind = _INTERNATIONAL if number.startswith("+") else _UNKNOWN
    padded = digits + "F" * (len(digits) % 2)
    swapped = "".join(padded[i + 1] + padded[i] for i in range(0, len(padded), 2))
    return bytes((len(digits), kind)) + bytes.fromhex(swapped)
