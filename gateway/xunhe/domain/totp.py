"""One-time passwords by time (RFC 6238): six digits, 30 s, HMAC-SHA-1, as every phone's app has.

Written out because it is one HMAC; the RFC's own vectors test it.
"""

import base64
import hmac
from datetime import datetime
from urllib.parse import quote

STEP_S = 30
SECRET_BYTES = 20  # RFC 4226, 4: as long as the hash
_DIGITS = 6
_DRIFT = 1  # steps that a phone's clock may be off


def step_of(at: datetime) -> int:
    """The number of the time step at an instant."""
    return int(at.timestamp()) // STEP_S


def code(secret: bytes, step: int) -> str:
    """The six digits of a step. RFC 4226, 5.3."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}d}"


def step_of_code(secret: bytes, typed: str, at: datetime) -> int | None:
    """The step whose code this is, the present one or a neighbour; None where it fits none."""
    now = step_of(at)
    plain = "".join(typed.split())
    for step in range(now - _DRIFT, now + _DRIFT + 1):
        if hmac.compare_digest(code(secret, step).encode(), plain.encode()):
            return step
    return None


def address(secret: bytes, user: str, issuer: str) -> str:
    """What a phone's app reads from the QR code (otpauth, Key URI Format)."""
    shared = base64.b32encode(secret).decode().rstrip("=")
    label = quote(f"{issuer}:{user}")
    return f"otpauth://totp/{label}?secret={shared}&issuer={quote(issuer)}"
