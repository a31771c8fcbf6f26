"""The wire format of Protocol Buffers, as far as Sparkplug B needs it: fields in, fields out.

A field is its number and a value: int for a varint, bytes for what has a length, float for a
double. https://protobuf.dev/programming-guides/encoding/
"""

import struct
from collections.abc import Iterable, Iterator

Value = int | bytes | float

_VARINT, _DOUBLE, _LENGTH = 0, 1, 2
_VARINT_BITS = 64


class WireError(ValueError):
    """Bytes that are no message."""


def encode(fields: Iterable[tuple[int, Value]]) -> bytes:
    """The fields in their order. A float is written as a double."""
    return b"".join(_field(number, value) for number, value in fields)


def decode(data: bytes) -> Iterator[tuple[int, Value]]:
    """The fields of a message; WireError where it is damaged. Every prefix is one or an error."""
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        value, at = _read(data, at, key & 7)
        yield key >> 3, value


def _field(number: int, value: Value) -> bytes:
    match value:
        case int():
            return _varint(number << 3 | _VARINT) + _varint(value)
        case float():
            return _varint(number << 3 | _DOUBLE) + struct.pack("<d", value)
        case bytes():
            return _varint(number << 3 | _LENGTH) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; below 0 in two's complement of 64 bits."""
    value &= (1 << _VARINT_BITS) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read(data: bytes, at: int, kind: int) -> tuple[Value, int]:
    match kind:
        case 0:
            return _read_varint(data, at)
        case 1:
            return struct.unpack("<d", _bytes(data, at, 8))[0], at + 8
        case 2:
            size, at = _read_varint(data, at)
            return _bytes(data, at, size), at + size
        case 5:
            return struct.unpack("<f", _bytes(data, at, 4))[0], at + 4
    raise WireError(f"wire type {kind} at byte {at}")


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        value |= (_bytes(data, at, 1)[0] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value & (1 << _VARINT_BITS) - 1, at
    raise WireError(f"a varint of more than 10 bytes at byte {at}")


def _bytes(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise WireError(f"ends at byte {len(data)} of {at + size}")
    return data[at : at + size]
