"""Frames for a radio that carries bytes transparently, and loses them. Pure, for both sides.

    sync      A7 5E                                       2
    lead      version << 4 | kind                         1
    device    factory MAC address, whichever way it goes  6
    number    of the message, modulo 256                  1
    part      index << 4 | index of the last part         1
    size      of the payload, 0 to 200                    1
    payload   a part of a message
    crc       CRC-32 of all behind the sync               4

216 bytes at most: radio modules take 240 in one packet on the air (E22, E32 manuals; to be set
so). Every part is acknowledged by a frame of kind UP_RECEIVED or DOWN_RECEIVED with the same
device, number and part, and without payload. Messages are signed inside; a frame is not.
"""

import binascii
import struct

VERSION = 1
SYNC = b"\xa7\x5e"
MAX_PAYLOAD = 200
MAX_PARTS = 16
OVERHEAD = 16  # bytes of a frame beside its payload

UP = ("readings", "status", "report")  # kinds 1, 2, 3
DOWN = ("ack", "command", "update")  # kinds 4, 5, 6
UP_RECEIVED, DOWN_RECEIVED = "up received", "down received"  # kinds 7, 8
_KINDS = ("",) + UP + DOWN + (UP_RECEIVED, DOWN_RECEIVED)

_HEAD = ">B6sBBB"
_HEAD_SIZE = 12  # with the sync
_CRC_SIZE = 4


class Frame:
    """One part of a message, or the word that it was received."""

    def __init__(
        self, kind: str, device: bytes, number: int, part: int, last: int, payload: bytes = b""
    ) -> None:
        self.kind = kind
        self.device = device
        self.number = number
        self.part = part
        self.last = last
        self.payload = payload

    def receipt(self) -> "Frame":
        """What the receiver says."""
        kind = UP_RECEIVED if self.kind in UP else DOWN_RECEIVED
        return Frame(kind, self.device, self.number, self.part, self.last)


def encode(frame: Frame) -> bytes:
    """The bytes of a frame; ValueError where a field is out of range."""
    if len(frame.device) != 6 or len(frame.payload) > MAX_PAYLOAD:
        raise ValueError("frame of %d bytes for %r" % (len(frame.payload), frame.device))
    if not 0 <= frame.part <= frame.last < MAX_PARTS:
        raise ValueError("part %d of %d" % (frame.part, frame.last))
    lead = VERSION << 4 | _KINDS.index(frame.kind, 1)
    part = frame.part << 4 | frame.last
    head = struct.pack(_HEAD, lead, frame.device, frame.number, part, len(frame.payload))
    return SYNC + head + frame.payload + _crc(head + frame.payload)


def split(kind: str, device: bytes, number: int, message: bytes) -> list[Frame]:
    """The frames of a message of 1 to 3200 bytes."""
    last = (len(message) - 1) // MAX_PAYLOAD
    if not 0 <= last < MAX_PARTS:
        raise ValueError("message of %d bytes" % len(message))
    return [
        Frame(kind, device, number, i, last, message[i * MAX_PAYLOAD : (i + 1) * MAX_PAYLOAD])
        for i in range(last + 1)
    ]


class Deframer:
    """Finds frames in what the radio gives; holds at most a frame's bytes more than it was fed."""

    def __init__(self) -> None:
        self._buf = bytearray()
        self.noise_bytes = 0

    def feed(self, data: bytes) -> None:
        self._buf.extend(data)

    def take(self, is_silent: bool = False) -> Frame | None:
        """The next whole frame, or None.

        `is_silent`: nothing will come to complete what has begun, so look behind it.
        """
        while True:
            self._skip_noise()
            size = self._size()
            if size is None or len(self._buf) < size:
                if not is_silent or not self._buf:
                    return None
                self._drop(1)
                continue
            frame = _parse(bytes(self._buf[:size]))
            if frame is not None:
                self._buf[:size] = b""
                return frame
            self._drop(1)  # a false start: the true one may be inside

    def _skip_noise(self) -> None:
        start = self._buf.find(SYNC)
        if start < 0:
            start = len(self._buf) - (self._buf[-1:] == SYNC[:1])
        self._drop(start)

    def _size(self) -> int | None:
        if len(self._buf) < _HEAD_SIZE:
            return None
        payload = self._buf[_HEAD_SIZE - 1]
        return _HEAD_SIZE + min(payload, MAX_PAYLOAD) + _CRC_SIZE

    def _drop(self, size: int) -> None:
        if size:
            self._buf[:size] = b""
            self.noise_bytes += size


class Assembler:
    """Messages of one sender from their parts, each once however often its parts come."""

    def __init__(self) -> None:
        self._key: tuple[str, int, int] | None = None  # kind, number, last
        self._parts: list[bytes] = []

    def take(self, frame: Frame) -> bytes | None:
        """The whole message with its last part; None before, and for a part that came again."""
        key = (frame.kind, frame.number, frame.last)
        if key != self._key:
            self._key, self._parts = key, []
        if frame.part != len(self._parts):
            return None
        self._parts.append(frame.payload)
        return b"".join(self._parts) if frame.part == frame.last else None


def _parse(data: bytes) -> Frame | None:
    body = data[len(SYNC) : -_CRC_SIZE]
    if _crc(body) != data[-_CRC_SIZE:]:
        return None
    lead, device, number, part, size = struct.unpack(_HEAD, body[: _HEAD_SIZE - len(SYNC)])
    kind = lead & 0x0F
    if lead >> 4 != VERSION or not 0 < kind < len(_KINDS) or part >> 4 > part & 0x0F:
        return None
    if size > MAX_PAYLOAD:
        return None
    payload = body[_HEAD_SIZE - len(SYNC) :]
    return Frame(_KINDS[kind], bytes(device), number, part >> 4, part & 0x0F, payload)


def _crc(data: bytes) -> bytes:
    return struct.pack(">I", binascii.crc32(data) & 0xFFFFFFFF)
