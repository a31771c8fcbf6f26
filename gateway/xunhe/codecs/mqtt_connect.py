"""The CONNECT packet of MQTT 3.1.1 (OASIS standard of 29 October 2014, 3.1), for a guard at a door.

Strict: what a lenient reader could understand in another way is refused, so that the guard and the
broker behind it never see two different visitors. Bytes in, values out.
"""

from dataclasses import dataclass, field

MOST_BYTES = 4096  # of a CONNECT; a buoy's has some 200
_HEAD = b"\x00\x04MQTT\x04"  # 3.1.2.1, 3.1.2.2
_RESERVED, _CLEAN, _WILL, _WILL_QOS, _WILL_RETAIN, _PASSWORD, _USER = (
    1,
    2,
    4,
    0x18,
    0x20,
    0x40,
    0x80,
)


class ConnectError(ValueError):
    """Bytes that are no CONNECT of MQTT 3.1.1; the message says why, and never a password."""


@dataclass(frozen=True, slots=True)
class Connect:
    """Who wants to come in; on `will_topic` the broker is to publish should he go silently."""

    client_id: str
    user: str | None
    password: str | None = field(repr=False)
    will_topic: str | None


def body_size(head: bytes) -> int | None:
    """Bytes that follow the fixed header `head` (2.2.3); None while that is incomplete."""
    if head[:1] not in (b"", b"\x10"):
        raise ConnectError("the first packet is no CONNECT")
    size = 0
    for i, byte in enumerate(head[1:5]):
        size |= (byte & 0x7F) << 7 * i
        if not byte & 0x80:
            if size > MOST_BYTES:
                raise ConnectError(f"a CONNECT of {size} bytes, at most {MOST_BYTES}")
            return size
    if len(head) >= 5:
        raise ConnectError("the remaining length has more than 4 bytes")
    return None


def parse(body: bytes) -> Connect:
    """What a CONNECT says after its fixed header. ConnectError where it breaks the standard."""
    if not body.startswith(_HEAD) or len(body) < 10:
        raise ConnectError("not MQTT 3.1.1")
    flags = body[7]
    if flags & _RESERVED or (flags & _PASSWORD and not flags & _USER):
        raise ConnectError(f"connect flags {flags:#04x}")
    has_will_details = flags & (_WILL_QOS | _WILL_RETAIN)
    if (has_will_details and not flags & _WILL) or flags & _WILL_QOS == _WILL_QOS:
        raise ConnectError(f"will flags {flags:#04x}")
    fields = _Fields(body[10:])
    client_id = fields.text()
    will_topic = fields.text() if flags & _WILL else None
    if flags & _WILL:
        fields.data()
    user = fields.text() if flags & _USER else None
    password = fields.text() if flags & _PASSWORD else None
    fields.end()
    if not client_id and not flags & _CLEAN:
        raise ConnectError("no client id, and no clean session")
    return Connect(client_id, user, password, will_topic)


class _Fields:
    """Length-prefixed fields (1.5.3), one after another."""

    def __init__(self, left: bytes) -> None:
        self._left = left

    def data(self) -> bytes:
        size = int.from_bytes(self._left[:2], "big")
        if len(self._left) < 2 + size:
            raise ConnectError("a field reaches beyond the packet")
        found, self._left = self._left[2 : 2 + size], self._left[2 + size :]
        return found

    def text(self) -> str:
        try:
            found = self.data().decode("utf-8")
        except UnicodeDecodeError:
            raise ConnectError("a field is not UTF-8") from None
        if "\0" in found:
            raise ConnectError("a field holds NUL")
        return found

    def end(self) -> None:
        if self._left:
            raise ConnectError(f"{len(self._left)} bytes too many")
