"""MAVLink frames, version 1 and 2, out of bytes; those of a .tlog have a time before each.

A .tlog is frames as a ground station heard them, each after eight bytes: microseconds of its own
clock, big-endian. Whatever is no frame is stepped over, and told with its place.
"""

from collections.abc import Iterator
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega

from xunhe.domain.telemetry import Refusal

_TIME = 8
_V1, _V2 = 0xFE, 0xFD
_SIGNED, _SIGNATURE = 1, 13
_HEADERS = {_V1: (6, 2), _V2: (10, 2)}  # bytes of the header, of the checksum


class Frames:
    """Decodes frames one by one; holds nothing but the decoder's own tables."""

    def __init__(self) -> None:
        self._decoder: Any = ardupilotmega.MAVLink(None)

    def of_datagrams(self, data: bytes) -> Iterator[Any | Refusal]:
        """The messages of one datagram."""
        yield from self._walk(data, time_bytes=0)

    def of_log(self, data: bytes) -> Iterator[Any | Refusal]:
        """The messages of a .tlog."""
        yield from self._walk(data, time_bytes=_TIME)

    def _walk(self, data: bytes, time_bytes: int) -> Iterator[Any | Refusal]:
        at, lost_from = 0, None
        while at + time_bytes < len(data):
            size = _size(data, at + time_bytes)
            message = None if size is None else self._decoded(data, at + time_bytes, size)
            if message is None:
                lost_from = at if lost_from is None else lost_from
                at = _next_start(data, at + time_bytes + 1) - time_bytes
                continue
            if lost_from is not None:
                yield _lost(lost_from, at)
                lost_from = None
            yield message
            at += time_bytes + (size or 0)
        if lost_from is not None or at < len(data):
            yield _lost(at if lost_from is None else lost_from, len(data))

    def _decoded(self, data: bytes, at: int, size: int) -> Any | None:
        try:
            message = self._decoder.decode(bytearray(data[at : at + size]))
        except (ardupilotmega.MAVError, UnicodeDecodeError):
            return None
        return message


def _size(data: bytes, at: int) -> int | None:
    """Of the frame that begins here, all counted; None where none does or it is cut off."""
    if at + 3 > len(data) or data[at] not in _HEADERS:
        return None
    header, checksum = _HEADERS[data[at]]
    signature = _SIGNATURE if data[at] == _V2 and data[at + 2] & _SIGNED else 0
    size = header + data[at + 1] + checksum + signature
    return size if at + size <= len(data) else None


def _next_start(data: bytes, at: int) -> int:
    found = [place for place in (data.find(_V1, at), data.find(_V2, at)) if place >= 0]
    return min(found, default=len(data) + _TIME)


def _lost(begin: int, end: int) -> Refusal:
    size = end - begin
    return Refusal(f"{size} 字节不是 MAVLink 帧", f"{size} bytes are no MAVLink", offset=begin)
