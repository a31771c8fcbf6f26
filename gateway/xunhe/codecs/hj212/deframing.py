"""Frames in a stream (HJ 212-2017 §6.3.1, Table 2).

    ##  LLLL  segment, 0 to 1024 bytes  CCCC  CR LF

Everything that decides where a frame begins and ends lives here. Bytes before `##` are dropped. A
frame that is rejected loses one byte only, because a good frame may sit inside it. A frame that is
not complete waits; after a silent gap the owner calls `give_up`, so a false length stalls nothing.
"""

from dataclasses import dataclass

from xunhe.codecs.hj212.crc import crc16
from xunhe.codecs.hj212.reason import Reason, Rejected

MAX_SEGMENT = 1024
_HEAD = b"##"
_BEFORE, _AFTER = 6, 6  # bytes before and after the segment


@dataclass(frozen=True, slots=True)
class Frame:
    """A segment whose check was right; `offset` is that of its `##` in the stream."""

    segment: bytes
    offset: int = 0

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.offset + _BEFORE + len(self.segment) + _AFTER


Event = Frame | Rejected


def frame(segment: bytes) -> bytes:
    """The bytes on the wire; the check in upper case, which every receiver accepts.

    ValueError for a segment above 1024 bytes.
    """
    if len(segment) > MAX_SEGMENT:
        raise ValueError(f"HJ 212: a segment of {len(segment)} bytes exceeds {MAX_SEGMENT}: split")
    return b"##%04d%b%04X\r\n" % (len(segment), segment, crc16(segment))


class Deframer:
    """Takes any chunks; the events do not depend on how the stream was cut."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._offset = 0  # of the buffer's first byte in the stream

    @property
    def is_waiting(self) -> bool:
        """Is there the beginning of a frame?"""
        return bool(self._buffer)

    def feed(self, chunk: bytes) -> list[Event]:
        """Everything that is decided now."""
        self._buffer += chunk
        found: list[Event] = []
        while (event := self._next()) is not None:
            found.append(event)
        return found

    def give_up(self) -> list[Event]:
        """After a silent gap: what waits is no frame, but one may sit inside it."""
        found: list[Event] = []
        while self._buffer.startswith(_HEAD):
            found.append(self._reject(Reason.INCOMPLETE, len(self._buffer)))
            found += self.feed(b"")
        self._drop(len(self._buffer))
        return found

    def _next(self) -> Event | None:
        buffer = self._buffer
        start = buffer.find(_HEAD)
        if start < 0:
            self._drop(len(buffer) - buffer.endswith(b"#"))  # perhaps the first half of a head
            return None
        self._drop(start)
        if len(buffer) < _BEFORE:
            return None
        digits = buffer[2:_BEFORE]
        size = int(digits) if digits.isdigit() else MAX_SEGMENT + 1
        if size > MAX_SEGMENT:
            return self._reject(Reason.LENGTH, _BEFORE)
        return self._judge(size) if len(buffer) >= _BEFORE + size + _AFTER else None

    def _judge(self, size: int) -> Event:
        end = _BEFORE + size + _AFTER
        if self._buffer[end - 2 : end] != b"\r\n":  # the cheaper test first: noise is plentiful
            return self._reject(Reason.TAIL, end)
        segment = bytes(self._buffer[_BEFORE : _BEFORE + size])
        due = b"%04X" % crc16(segment)
        if self._buffer[end - _AFTER : end - 2].upper() != due:
            return self._reject(Reason.CRC, end, f"{due.decode()} would be right")
        found = Frame(segment, self._offset)
        self._drop(end)
        return found

    def _reject(self, reason: Reason, size: int, detail: str = "") -> Rejected:
        rejected = Rejected(reason, bytes(self._buffer[:size]), self._offset, detail)
        self._drop(1)
        return rejected

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._offset += count
