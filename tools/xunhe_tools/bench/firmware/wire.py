"""What a judge needs of the wire, written anew from the documents: it shares no code with the buoy.

Records as firmware/xunhe_buoy/record.py describes them, reports and receipts as message.py does.
"""

import hmac
import json
import struct
from dataclasses import dataclass
from typing import Any

KEY = bytes(range(32))
DEVICE = "02a1b2c3d4e5"

_MAC = 12
_HEAD = struct.Struct(">BB6sHII")
_REPORT = struct.Struct(">B6sHI")
_FLAG_BITS = (0, 3, 5, 7, 10, 12, 14)
_READINGS, _ACK, _REPORT_KIND, _COMMAND, _RECEIPT = 0x11, 0x12, 0x13, 0x14, 0x16
_NO_VALUE = -32768


class ForgedError(ValueError):
    """A frame that the device's key did not sign."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A record as it came: scaled integers, None where there is no value."""

    boot: int
    seq: int
    time_s: int
    scaled: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings of one frame, oldest first."""

    boot: int
    readings: tuple[Reading, ...]


def mac(data: bytes) -> bytes:
    """HMAC-SHA256, truncated."""
    return hmac.digest(KEY, data, "sha256")[:_MAC]


def open_batch(frame: bytes) -> Batch:
    """The readings of a frame; ForgedError where its MAC is wrong."""
    lead, kind, _, boot, seq, time_s = _HEAD.unpack_from(_opened(frame))
    if lead != _READINGS:
        raise ForgedError(f"lead byte {lead:#x}")
    count = ((kind & 0x3F) >> 3) + 1
    word_size = (12 + _FLAG_BITS[count] + 7) // 8
    bodies = frame[_HEAD.size : -_MAC]
    readings: list[Reading] = []
    for at in range(0, len(bodies), word_size + 2 * count):
        word = int.from_bytes(bodies[at : at + word_size], "big")
        time_s += word >> _FLAG_BITS[count]
        scaled = struct.unpack_from(f">{count}h", bodies, at + word_size)
        values = tuple(None if value == _NO_VALUE else value for value in scaled)
        readings.append(Reading(boot, seq + len(readings), time_s, values))
    return Batch(boot, tuple(readings))


def acknowledgement(batch: Batch, time_s: int) -> bytes:
    """The gateway's word that these readings are stored, none refused."""
    count = len(batch.readings)
    head = struct.pack(
        ">B6sHIBI",
        *(_ACK, bytes.fromhex(DEVICE), batch.boot, batch.readings[0].seq, count, time_s),
    )
    return _signed(head + bytes((count + 7) // 8))


def command(counter: int, content: dict[str, Any]) -> bytes:
    """A command of the gateway's; counters only grow."""
    return _signed(
        struct.pack(">B6sI", _COMMAND, bytes.fromhex(DEVICE), counter)
        + json.dumps(content).encode()
    )


def open_report(frame: bytes) -> tuple[bytes, dict[str, Any]]:
    """(receipt, content) of a report."""
    lead, device, boot, number = _REPORT.unpack_from(_opened(frame))
    if lead != _REPORT_KIND:
        raise ForgedError(f"lead byte {lead:#x}")
    content: dict[str, Any] = json.loads(frame[_REPORT.size : -_MAC])
    return _signed(_REPORT.pack(_RECEIPT, device, boot, number)), content


def _opened(frame: bytes) -> bytes:
    if mac(frame[:-_MAC]) != frame[-_MAC:]:
        raise ForgedError("wrong MAC")
    return frame


def _signed(frame: bytes) -> bytes:
    return frame + mac(frame)
