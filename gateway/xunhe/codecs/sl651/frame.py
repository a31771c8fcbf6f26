"""Frames (HEX/BCD), found by their length and check; the body may hold the byte 7E.

    up    7E7E centre(1) station(5) password(2) function(1) 0|length 02 body 03 check(2)
    down  7E7E station(5) centre(1) password(2) function(1) 8|length 02 body 1B check(2)

The check is CRC-16/MODBUS over all before it, high byte first: another one than that of HJ 212.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from xunhe.codecs.sl651 import elements
from xunhe.codecs.sl651.elements import Element

START = b"\x7e\x7e"
_STX, _ETX = 0x02, 0x03
_HEAD, _TAIL = 14, 3  # bytes before and behind the body
_LONGEST = _HEAD + 0xFFF + _TAIL
_TO_STATION = 0x8
KEEP_ALIVE = 0x2F
REPORTS = (0x30, 0x32)  # test, timed report
_SERIAL_AND_TIME, _STATION_AND_TIME = 8, 15


class Reason(StrEnum):
    """Why bytes are no frame."""

    START = "no start"
    LENGTH = "bad length"
    SHAPE = "no STX or end"
    CHECK = "bad CRC"
    BODY = "bad body"


@dataclass(frozen=True, slots=True)
class Rejected:
    """What was of no use, as it came."""

    reason: Reason
    data: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame. `station`, `password`: hexadecimal digits. Times have no zone in the standard.

    `observed` and `elements` are those of a report; of other functions `body` is all that is said.
    """

    is_up: bool
    centre: int
    station: str
    password: str
    function: int
    serial: int
    sent: datetime
    body: bytes
    end: int
    station_class: int | None = None
    observed: datetime | None = None
    elements: tuple[Element, ...] = ()


def check_of(data: bytes) -> int:
    """CRC-16/MODBUS: start FFFF, reflected polynomial A001."""
    register = 0xFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ (0xA001 if register & 1 else 0)
    return register


def found(stream: bytes) -> Iterator[Frame | Rejected]:
    """Everything in a stream; what is rejected loses one byte, as a frame may sit behind it."""
    at = stream.find(START)
    while at >= 0:
        event = read(stream[at : at + _LONGEST])
        yield event
        size = 1 if isinstance(event, Rejected) else len(event.body) + _HEAD + _TAIL
        at = stream.find(START, at + size)


def read(data: bytes) -> Frame | Rejected:
    """The frame at the beginning of `data`."""
    if not data.startswith(START):
        return Rejected(Reason.START, data[:2])
    if len(data) < _HEAD:
        return Rejected(Reason.LENGTH, data)
    direction, size = data[11] >> 4, (data[11] & 0xF) << 8 | data[12]
    whole = data[: _HEAD + size + _TAIL]
    if direction not in (0, _TO_STATION) or len(whole) < _HEAD + size + _TAIL:
        return Rejected(Reason.LENGTH, whole)
    is_up, end = direction == 0, whole[-_TAIL]
    if whole[13] != _STX or (is_up and end != _ETX):
        return Rejected(Reason.SHAPE, whole)
    if int.from_bytes(whole[-2:], "big") != check_of(whole[:-2]):
        return Rejected(Reason.CHECK, whole)
    return _said(whole, is_up) or Rejected(Reason.BODY, whole)


def _said(whole: bytes, is_up: bool) -> Frame | None:
    body = whole[_HEAD:-_TAIL]
    sent = _time(body[2:_SERIAL_AND_TIME])
    if sent is None:
        return None
    centre, station = (whole[2], whole[3:8]) if is_up else (whole[7], whole[2:7])
    frame = Frame(
        is_up,
        centre,
        station.hex(),
        whole[8:10].hex(),
        whole[10],
        int.from_bytes(body[:2], "big"),
        sent,
        body,
        whole[-_TAIL],
    )
    return _report(frame) if is_up and frame.function in REPORTS else frame


def _report(frame: Frame) -> Frame | None:
    """F1F1 station class F0F0 time, then elements."""
    said = frame.body[_SERIAL_AND_TIME:]
    is_shaped = said[:2] == b"\xf1\xf1" and said[8:10] == b"\xf0\xf0"
    observed = _time(said[10:_STATION_AND_TIME] + b"\0")
    values = elements.read(said[_STATION_AND_TIME:])
    if not is_shaped or said[2:7].hex() != frame.station or observed is None or values is None:
        return None
    fields = {name: getattr(frame, name) for name in Frame.__slots__}
    fields |= {"station_class": said[7], "observed": observed, "elements": tuple(values)}
    return Frame(**fields)


def _time(bcd: bytes) -> datetime | None:
    """YYMMDDhhmmss of this century."""
    digits = bcd.hex()
    if len(digits) != 12 or not digits.isdecimal():
        return None
    try:
        return datetime.strptime(f"20{digits}", "%Y%m%d%H%M%S")
    except ValueError:
        return None
