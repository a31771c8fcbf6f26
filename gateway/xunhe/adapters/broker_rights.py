"""Who may come to the MQTT broker, and what he may send and hear there.

A device's name is its address and its password is derived from its key; the gateway's is derived
from the secret of its enrolment seal. So there is no further secret to hand out, keep or lose, and
a revoked key opens nothing. Pure: the same rules go to mosquitto (`broker_files`) and to the
embedded broker (`broker_gate`).
"""

import base64
import hashlib
import hmac
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from xunhe.adapters.store.devices import Device

log = logging.getLogger(__name__)

GATEWAY = "xunhe-gateway"
UP = ("readings", "status", "report")
DOWN = ("ack", "command", "update")
OPEN_TO_READERS = ("xunhe/v1/+/values", "xunhe/v1/desk/#")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # no + # / : in a name
_TOPIC_LEVEL = re.compile(r"[^+#/\s\0]+")
_ROUNDS = (
    101  # as mosquitto_passwd; the passwords have 192 random bits, guessing is hopeless anyway
)


@dataclass(frozen=True, slots=True)
class Account:
    """A name at the broker. `sends`, `hears`: topic filters; `password_hash` as mosquitto's."""

    name: str
    password_hash: str = field(repr=False)
    sends: tuple[str, ...]
    hears: tuple[str, ...]

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name for the broker: letters, digits, . _ -")

    def opens_with(self, password: str) -> bool:
        """Is this the account's password?"""
        _, kind, rounds, salt, _ = self.password_hash.split("$")
        again = hashed(password, base64.b64decode(salt), int(rounds))
        return kind == "7" and hmac.compare_digest(again, self.password_hash)


@dataclass(frozen=True, slots=True)
class Rights:
    """Every account by its name. Whoever has none may do nothing."""

    accounts: Mapping[str, Account] = field(default_factory=dict)

    def admits(self, name: str | None, password: str | None) -> bool:
        """May he come in?"""
        account = self.accounts.get(name or "")
        return account is not None and account.opens_with(password or "")

    def lets_send(self, name: str | None, topic: str) -> bool:
        """May he publish on this topic?"""
        account = self.accounts.get(name or "")
        return account is not None and any(covers(wide, topic) for wide in account.sends)

    def lets_hear(self, name: str | None, wanted: str) -> bool:
        """May he get what is published on `wanted`, a topic or a topic filter?"""
        account = self.accounts.get(name or "")
        return account is not None and any(covers(wide, wanted) for wide in account.hears)


class InForce:
    """The rights that hold now; others take their place as a whole."""

    def __init__(self, rights: Rights) -> None:
        self.rights = rights


def rights_of(
    enrolled: Iterable[Device], gateway_secret: bytes, readers: Mapping[str, str]
) -> Rights:
    """The rights of the enrolled devices, this gateway, and programs that read (name → hash)."""
    accounts = [Account(name, kept, (), OPEN_TO_READERS) for name, kept in readers.items()]
    accounts.append(_gateway(gateway_secret))  # a later name takes the place of an earlier one
    for device in enrolled:
        if _TOPIC_LEVEL.fullmatch(device.station):
            accounts.append(_of_device(device))
        else:
            log.warning("device=%s gets no topics: station %r", device.device, device.station)
    return Rights({account.name: account for account in accounts})


def password_of(secret: bytes, name: str) -> str:
    """The MQTT password that follows from a key of 32 bytes; 32 characters (RFC 5869)."""
    return base64.urlsafe_b64encode(_derived(secret, f"xunhe/v1/mqtt/{name}", 24)).decode()


def hashed(password: str, salt: bytes, rounds: int = _ROUNDS) -> str:
    """PBKDF2-HMAC-SHA512 as mosquitto 2 writes it: $7$rounds$salt$hash."""
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
    return f"$7${rounds}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def covers(wide: str, narrow: str) -> bool:
    """Does the topic filter `wide` let through all that `narrow`, a topic or a filter, does?"""
    for allowed, asked in zip_longest(wide.split("/"), narrow.split("/")):
        if allowed == "#":
            return True
        if allowed != asked and (allowed != "+" or asked in (None, "#")):
            return False
    return True


@lru_cache(maxsize=20_000)
def _of_device(device: Device) -> Account:
    prefix = f"xunhe/v1/{device.station}/"
    return Account(
        device.device,
        _hash_of(device.key, device.device),
        tuple(prefix + kind for kind in UP),
        tuple(prefix + kind for kind in DOWN),
    )


def _gateway(secret: bytes) -> Account:
    everything = ("xunhe/v1/#",)
    return Account(GATEWAY, _hash_of(secret, GATEWAY), everything, everything)


def _hash_of(secret: bytes, name: str) -> str:
    """The same each time, so that files which need no change stay as they are."""
    return hashed(password_of(secret, name), _derived(secret, f"xunhe/v1/mqtt-salt/{name}", 12))


def _derived(secret: bytes, purpose: str, size: int) -> bytes:
    return HKDF(hashes.SHA256(), size, salt=None, info=purpose.encode()).derive(secret)
