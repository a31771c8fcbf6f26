"""What travels between a gateway and the province's desk. Pure.

    parcel    lead 1, number 8, at 8, length of the subject 1, subject, body,   MAC 12
    receipt   lead 1, tags 12 each,                                             MAC 12

A parcel holds one thing as it came: a frame of a buoy with its `<station>/<kind>`, or a step of the
gateway's own judgement. `number` and `at` (ms since 1970 UTC) are of the gateway's waiting row and
never change, so that a parcel which is sent again is the same byte for byte. Its MAC is its *tag*:
a receipt names the tags of parcels that are committed. Both are signed with the gateway's key over
its code as well, so that neither the broker nor another gateway can make one.
Integers are big-endian; the MAC is HMAC-SHA256, truncated as in xunhe_buoy.record.
"""

import hmac
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass

_VERSION = 1
_PARCEL, _RECEIPT = _VERSION << 4 | 1, _VERSION << 4 | 2
TAG_SIZE = 12
MAX_SUBJECT = 200  # bytes
MAX_BODY = 500_000  # bytes: NATS takes payloads of 1 MiB by default
MAX_TAGS = 1000  # in one receipt

_HEAD = struct.Struct(">BQQB")
_CODE = re.compile(r"[A-Za-z0-9_-]{1,32}")  # NATS makes a dot in a level two slashes, or drops it


class ParcelError(ValueError):
    """Bytes that are no parcel or receipt of this gateway; says why."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """`number` and `at_ms` 0 to 2^64 - 1; ValueError beyond the limits above."""

    number: int
    at_ms: int
    subject: str
    body: bytes

    def __post_init__(self) -> None:
        if len(self.subject.encode()) > MAX_SUBJECT:
            raise ValueError(f"subject of {len(self.subject.encode())} bytes, at most 200")
        if len(self.body) > MAX_BODY:
            raise ValueError(f"body of {len(self.body)} bytes, at most {MAX_BODY}")


def check_code(gateway: str) -> str:
    """The code itself; ValueError where it cannot be a level of a topic."""
    if not _CODE.fullmatch(gateway):
        raise ValueError(f"gateway {gateway!r}: 1 to 32 letters, digits, - or _")
    return gateway


def encode_parcel(gateway: str, parcel: Parcel, key: bytes) -> bytes:
    """A signed parcel."""
    subject = parcel.subject.encode()
    head = _HEAD.pack(_PARCEL, parcel.number, parcel.at_ms, len(subject))
    return _signed(gateway, head + subject + parcel.body, key)


def decode_parcel(gateway: str, wire: bytes, key: bytes) -> Parcel:
    """The parcel that this gateway signed. Raises ParcelError."""
    content = _opened(gateway, wire, key, _PARCEL)
    if len(content) < _HEAD.size:
        raise ParcelError(f"parcel of {len(wire)} bytes")
    _, number, at_ms, length = _HEAD.unpack_from(content)
    subject, body = content[_HEAD.size : _HEAD.size + length], content[_HEAD.size + length :]
    if len(subject) < length:
        raise ParcelError(f"subject of {len(subject)} bytes where {length} are announced")
    try:
        return Parcel(number, at_ms, subject.decode(), body)
    except ValueError as error:
        raise ParcelError(str(error)) from error


def tag_of(wire: bytes) -> bytes:
    """The name of a parcel in receipts (12 bytes)."""
    return wire[-TAG_SIZE:]


def encode_receipt(gateway: str, tags: Iterable[bytes], key: bytes) -> bytes:
    """The province's word that these parcels are committed."""
    named = list(tags)
    if not 1 <= len(named) <= MAX_TAGS or any(len(tag) != TAG_SIZE for tag in named):
        raise ValueError(f"a receipt names 1 to {MAX_TAGS} tags of {TAG_SIZE} bytes")
    return _signed(gateway, bytes((_RECEIPT,)) + b"".join(named), key)


def decode_receipt(gateway: str, wire: bytes, key: bytes) -> list[bytes]:
    """The tags that the province named to this gateway. Raises ParcelError."""
    tags = _opened(gateway, wire, key, _RECEIPT)[1:]
    if not tags or len(tags) % TAG_SIZE or len(tags) > MAX_TAGS * TAG_SIZE:
        raise ParcelError(f"receipt of {len(wire)} bytes")
    return [tags[at : at + TAG_SIZE] for at in range(0, len(tags), TAG_SIZE)]


def _signed(gateway: str, content: bytes, key: bytes) -> bytes:
    return content + _mac(gateway, content, key)


def _opened(gateway: str, wire: bytes, key: bytes, lead: int) -> bytes:
    content, mac = wire[:-TAG_SIZE], wire[-TAG_SIZE:]
    if not content or not hmac.compare_digest(mac, _mac(gateway, content, key)):
        raise ParcelError(f"not signed with the key of gateway {gateway}")
    if content[0] != lead:
        raise ParcelError(f"lead {content[0]:#x}, expected {lead:#x}: upgrade the desk first")
    return content


def _mac(gateway: str, content: bytes, key: bytes) -> bytes:
    return hmac.digest(key, gateway.encode() + b"\0" + content, "sha256")[:TAG_SIZE]
