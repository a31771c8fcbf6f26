"""The wire, written anew from its description at the head of the firmware's `record.py`.

Batches of readings of the river's profile go up, acknowledgements come down. Nothing here is shared
with firmware or gateway: what both got wrong alike would show.
"""

import hmac
import struct
from collections.abc import Sequence
from dataclasses import dataclass

MAC_SIZE = 12
DIVISORS = {
    "water_temp_c": 100,
    "ph": 1000,
    "do_mg_l": 1000,
    "nh3n_mg_l": 100,
    "battery_v": 1000,
}

_LEAD_READINGS, _LEAD_ACK = 0x11, 0x12  # version 1; kinds 1 and 2
_SYNCED_RIVER = 2 << 6 | 32  # a clock that is right; profile 32
_FLAG_BITS = 12  # five flags, all GOOD: the number 0
_ACK_SIZE = 18


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading: Unix seconds, and the values as scaled integers in the order of DIVISORS."""

    seq: int
    time_s: int
    scaled: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The gateway's word on records of one boot; `refused` are sequence numbers among them."""

    boot: int
    seqs: range
    refused: frozenset[int]


def encode(address: bytes, boot: int, readings: Sequence[Reading], key: bytes) -> bytes:
    """A signed batch; `readings` have consecutive numbers and ascending times."""
    first = readings[0]
    frame = struct.pack(
        ">BB6sHII", _LEAD_READINGS, _SYNCED_RIVER, address, boot, first.seq, first.time_s
    )
    before_s = first.time_s
    for reading in readings:
        word = (reading.time_s - before_s) << _FLAG_BITS
        frame += word.to_bytes(3, "big") + struct.pack(">5h", *reading.scaled)
        before_s = reading.time_s
    return frame + _mac(key, frame)


def decode_ack(frame: bytes, address: bytes, key: bytes) -> Acknowledged | None:
    """What a device may free; None where the frame is not signed for it."""
    if len(frame) <= _ACK_SIZE + MAC_SIZE or _mac(key, frame[:-MAC_SIZE]) != frame[-MAC_SIZE:]:
        return None
    lead, to, boot, seq, count, _ = struct.unpack(">B6sHIBI", frame[:_ACK_SIZE])
    if lead != _LEAD_ACK or to != address:
        return None
    bits = int.from_bytes(frame[_ACK_SIZE:-MAC_SIZE], "little")
    refused = frozenset(seq + i for i in range(count) if bits >> i & 1)
    return Acknowledged(boot, range(seq, seq + count), refused)


def _mac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")[:MAC_SIZE]
