"""Writes the frames that are confirmed: keep-alive and reports of a station, a centre's answer."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from xunhe.codecs.sl651 import elements
from xunhe.codecs.sl651.frame import KEEP_ALIVE, REPORTS, START, Frame, check_of

_MOST = 0xFFF


def keep_alive(centre: int, station: str, password: str, serial: int, sent: datetime) -> bytes:
    """2F."""
    head = bytes([centre]) + bytes.fromhex(station + password)
    return _framed(head + bytes([KEEP_ALIVE]), 0x0, _stamp(serial, sent), 0x03)


def report(
    like: Frame, serial: int, sent: datetime, observed: datetime, values: Mapping[int, Decimal]
) -> bytes:
    """30 or 32 of the station of `like`. ValueError for what is not confirmed."""
    if like.function not in REPORTS or like.station_class is None:
        raise ValueError(f"SL 651: function {like.function:02X} is not confirmed and not written")
    station = bytes.fromhex(like.station)
    head = bytes([like.centre]) + station + bytes.fromhex(like.password) + bytes([like.function])
    body = _stamp(serial, sent) + b"\xf1\xf1" + station + bytes([like.station_class])
    body += b"\xf0\xf0" + _bcd(observed)[:5]
    body += b"".join(elements.written(each, value) for each, value in values.items())
    return _framed(head, 0x0, body, 0x03)


def answer(to: Frame, sent: datetime) -> bytes:
    """The centre's answer to a report: its serial number, ends with 1B."""
    head = bytes.fromhex(to.station) + bytes([to.centre]) + bytes.fromhex(to.password)
    return _framed(head + bytes([to.function]), 0x8, _stamp(to.serial, sent), 0x1B)


def _framed(head: bytes, direction: int, body: bytes, end: int) -> bytes:
    if len(body) > _MOST:
        raise ValueError(f"SL 651: a body of {len(body)} bytes exceeds {_MOST}")
    length = (direction << 12 | len(body)).to_bytes(2, "big")
    whole = START + head + length + b"\x02" + body + bytes([end])
    return whole + check_of(whole).to_bytes(2, "big")


def _stamp(serial: int, sent: datetime) -> bytes:
    return serial.to_bytes(2, "big") + _bcd(sent)


def _bcd(at: datetime) -> bytes:
    return bytes.fromhex(f"{at:%y%m%d%H%M%S}")
