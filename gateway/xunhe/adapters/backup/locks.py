"""Who can open a backup: whoever knows its passphrase, or holds the secret half of a key.

A backup has a random key of its own, and its head carries that key locked. With a public key the
gateway can make backups by itself and open none of them: who steals the gateway reads no backup.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

from nacl import pwhash
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox
from nacl.utils import random

from xunhe.adapters.backup.errors import BackupError, DamagedBackupError, WrongKeyError

KEY_BYTES = 32
LEAST_LETTERS = 12  # of a passphrase
# RFC 9106, 4, second recommended option: three passes over 64 MiB.
_PASSES, _MEMORY_BYTES = 3, 64 * 2**20
_MOST_PASSES, _MOST_MEMORY_BYTES = 10, 2**30  # what a foreign head may ask of this machine


class Lock(Protocol):
    """Locks the key of a backup."""

    def lock(self, key: bytes) -> dict[str, Any]:
        """What the head says, as JSON takes it."""
        ...


class Key(Protocol):
    """Unlocks the key of a backup."""

    def unlock(self, head: dict[str, Any]) -> bytes:
        """The backup's key, from its head; WrongKeyError where this does not open it."""
        ...


@dataclass(frozen=True, slots=True)
class Passphrase:
    """Locks and unlocks. Argon2id makes each guess cost 64 MiB."""

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.text) < LEAST_LETTERS:
            raise BackupError(
                f"口令至少 {LEAST_LETTERS} 字 / a passphrase has {LEAST_LETTERS} letters or more"
            )

    def lock(self, key: bytes) -> dict[str, Any]:
        """The key in a box that the passphrase opens."""
        cost = {"salt": random(pwhash.argon2id.SALTBYTES).hex(), "passes": _PASSES}
        cost["memory"] = _MEMORY_BYTES
        return {"by": "passphrase", **cost, "key": self._box(cost).encrypt(key).hex()}

    def unlock(self, head: dict[str, Any]) -> bytes:
        """The key in the head's box."""
        if head.get("by") != "passphrase":
            raise WrongKeyError(
                "此备份用公钥加密，请用 --secret-file / this backup was sealed to a public key:"
                " give the secret half with --secret-file"
            )
        try:
            return self._box(head).decrypt(bytes.fromhex(head["key"]))
        except CryptoError as error:
            raise WrongKeyError("口令不对 / this passphrase does not open the backup") from error

    def _box(self, cost: dict[str, Any]) -> SecretBox:
        passes, memory = int(cost["passes"]), int(cost["memory"])
        if not (0 < passes <= _MOST_PASSES and 0 < memory <= _MOST_MEMORY_BYTES):
            raise DamagedBackupError("备份文件头不可信 / its head asks for absurd work")
        salt = bytes.fromhex(cost["salt"])
        words = self.text.encode()
        return SecretBox(pwhash.argon2id.kdf(KEY_BYTES, words, salt, passes, memory))


@dataclass(frozen=True, slots=True)
class Recipient:
    """The public half, 32 bytes: it can only lock."""

    public_key: bytes

    def lock(self, key: bytes) -> dict[str, Any]:
        """The key, sealed to the recipient."""
        sealed = SealedBox(PublicKey(self.public_key)).encrypt(key)
        return {"by": "public_key", "recipient": self.public_key.hex(), "key": sealed.hex()}


@dataclass(frozen=True, slots=True)
class Secret:
    """The secret half, 32 bytes."""

    secret: bytes = field(repr=False)

    def unlock(self, head: dict[str, Any]) -> bytes:
        """The key that was sealed to this one's public half."""
        if head.get("by") != "public_key":
            raise WrongKeyError(
                "此备份用口令加密 / this backup was sealed with a passphrase: give that"
            )
        try:
            return SealedBox(PrivateKey(self.secret)).decrypt(bytes.fromhex(head["key"]))
        except CryptoError as error:
            raise WrongKeyError(
                f"密钥不对，需要与公钥 {head['recipient']} 成对的私钥 / the secret half of"
                f" {head['recipient']} is wanted"
            ) from error


@dataclass(frozen=True, slots=True)
class KeyAtHand:
    """The key of one backup, in the hands of whoever has just made it."""

    key: bytes = field(repr=False)

    def unlock(self, head: dict[str, Any]) -> bytes:
        """That key, whatever the head says."""
        return self.key


def new_pair() -> tuple[bytes, bytes]:
    """(secret, public), 32 bytes each."""
    made = PrivateKey.generate()
    return bytes(made), bytes(made.public_key)
