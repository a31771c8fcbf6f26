"""A record as the ring log keeps it: the record's slot and the raw value behind each channel. Pure.

    slot without its CRC   record.pack_slot   at most 27 bytes
    raw values             2n                 int16, scaled by quantity; -32768 = none
    CRC-32 of all before                    4

What the probe said is never thrown away for what was computed from it: raw values stay here and
travel on request and once an hour. A batch carries the record alone.
"""

import binascii
import struct

from xunhe_buoy import record

SIZE = 44  # the greatest entry and the log's mark behind it
_CRC_SIZE = 4
_NO_VALUE = -32768

# Raw quantities by the end of their name → divisor: value = scaled / divisor.
_DIVISORS = (
    ("_mv", 10),
    ("_fraction", 5000),
    ("_mg_l", 100),
    ("_c", 100),
    ("_v", 1000),
    ("_m", 1000),
    ("_l_s", 10),
    ("ph", 1000),
)


def scale_raw(source, value):
    """A raw value as int16; None where there is none or its quantity has no scale here.

    `source` ends in the quantity, such as "Y532@2.ph_mv".
    """
    for ending, divisor in _DIVISORS:
        if source.endswith(ending):
            return record.scale(value, divisor)
    return None


def unscale_raw(source, scaled):
    """The raw value that `scale_raw` made an integer of."""
    for ending, divisor in _DIVISORS:
        if scaled is not None and source.endswith(ending):
            return scaled / divisor
    return None


def pack(reading, raw):
    """The bytes of a record and its raw integers, one a channel, None where there is none."""
    if len(raw) != len(reading.scaled):
        raise ValueError("%d raw values for %d channels" % (len(raw), len(reading.scaled)))
    entry = record.pack_slot(reading)[:-_CRC_SIZE]
    entry += struct.pack(">%dh" % len(raw), *(_NO_VALUE if v is None else v for v in raw))
    return entry + _crc(entry)


def is_whole(entry):
    """True where the bytes begin with an entry that is neither blank nor torn nor damaged."""
    n = _count(entry)
    if n > record.MAX_VALUES:
        return False
    end = record.slot_size(n) - _CRC_SIZE + 2 * n
    return _crc(entry[:end]) == entry[end : end + _CRC_SIZE]


def unpack(entry):
    """(record, raw integers) of a whole entry."""
    n = _count(entry)
    slot_end = record.slot_size(n) - _CRC_SIZE
    raw = struct.unpack(">%dh" % n, entry[slot_end : slot_end + 2 * n])
    reading = record.parse_slot(bytes(entry[: slot_end + _CRC_SIZE]))
    return reading, tuple(None if v == _NO_VALUE else v for v in raw)


def _count(entry):
    return ((entry[0] & 0x3F) >> 3) + 1


def _crc(data):
    return struct.pack(">I", binascii.crc32(data) & 0xFFFFFFFF)
