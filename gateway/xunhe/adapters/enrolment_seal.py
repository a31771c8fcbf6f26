"""A device's new key on its way to the gateway: sealed, so that only this gateway can read it.

The same bytes go over the API and on a stick. SealedBox of libsodium (X25519, XSalsa20-Poly1305):
whoever knows the gateway's public key can seal, nobody but the gateway can open, and what was
altered does not open. Who sealed it is not proved: that is the log-in's or the carrier's part.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

MAGIC = b"XHENROL1"
MOST_BYTES = 2048
_KEYS = {"device", "station", "key", "made_at", "by"}


class SealError(ValueError):
    """Bytes that are no enrolment for this gateway; the message says why, and never a key."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A device gets a key: `device` 12 hex digits, `key` 32 bytes, `made_at` aware."""

    device: str
    station: str
    key: bytes
    made_at: datetime
    by: str

    def __repr__(self) -> str:
        return f"Enrolment({self.device} @ {self.station}, key withheld)"


def seal(enrolment: Enrolment, public_key: bytes) -> bytes:
    """The enrolment, readable for the gateway of this public key (32 bytes) only."""
    words = {
        "device": enrolment.device,
        "station": enrolment.station,
        "key": enrolment.key.hex(),
        "made_at": enrolment.made_at.isoformat(),
        "by": enrolment.by,
    }
    return seal_text(json.dumps(words).encode(), public_key)


def seal_text(text: bytes, public_key: bytes) -> bytes:
    """Any bytes, sealed as an enrolment is."""
    return MAGIC + SealedBox(PublicKey(public_key)).encrypt(text)


def unseal(sealed: bytes, secret: bytes) -> Enrolment:
    """The enrolment in sealed bytes, checked; SealError for anything else."""
    if not sealed.startswith(MAGIC) or len(sealed) > MOST_BYTES:
        raise SealError("this is no sealed enrolment: the file of `xunhe buoy provision` is wanted")
    try:
        data = json.loads(SealedBox(PrivateKey(secret)).decrypt(sealed[len(MAGIC) :]))
    except CryptoError as error:
        raise SealError(
            "this enrolment does not open: it was sealed for another gateway, or was damaged;"
            " see `xunhe device seal-key`"
        ) from error
    except ValueError as error:
        raise SealError("the sealed enrolment holds no JSON") from error
    return _checked(data)


def _checked(data: Any) -> Enrolment:
    if not isinstance(data, dict) or set(data) != _KEYS:
        raise SealError(f"a sealed enrolment has exactly {', '.join(sorted(_KEYS))}")
    if not all(isinstance(value, str) for value in data.values()):
        raise SealError("a sealed enrolment holds texts only")
    device, key = _hex(data["device"], 6, "device"), _hex(data["key"], 32, "key")
    try:
        made_at = datetime.fromisoformat(data["made_at"])
    except ValueError as error:
        raise SealError("made_at is no time") from error
    if made_at.tzinfo is None:
        raise SealError("made_at does not say its time zone")
    return Enrolment(device.hex(), data["station"], key, made_at, data["by"][:100])


def _hex(text: str, size: int, name: str) -> bytes:
    try:
        data = bytes.fromhex(text)
    except ValueError:
        data = b""
    if len(data) != size:
        raise SealError(f"{name} must be {2 * size} hexadecimal digits")
    return data


def new_secret() -> bytes:
    """The secret half of a gateway's key, 32 random bytes."""
    return bytes(PrivateKey.generate())


def public_key(secret: bytes) -> bytes:
    """The half that everybody may know."""
    return bytes(PrivateKey(secret).public_key)
