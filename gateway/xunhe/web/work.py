"""A small proof of work for strangers: what costs one report a second costs a flood its machine.

The form carries a challenge; the sender finds a number so that the SHA-256 of `challenge:number`
begins with `bits` zero bits. Stateless but for the challenges that were used, each of which counts
once. A form from a browser without scripts has none: it is let in by a narrower rate limit.
"""

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum

HOLDS = timedelta(hours=2)  # as long as somebody may take over the form
_MAX_USED = 50_000


class Proof(Enum):
    """What a solution is worth."""

    GOOD = "good"
    MISSING = "missing"
    BAD = "bad"  # wrong, too old, used before, or of another gateway


@dataclass(slots=True)
class ProofOfWork:
    """Gives challenges and checks solutions. `bits` 0 asks for nothing."""

    bits: int
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _used: dict[str, datetime] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def challenge(self, now: datetime) -> str:
        """Such as `1782933600.16.b3f1….mac`: the end of its time, bits, a random part, our sign."""
        ends = int((now + HOLDS).timestamp())
        head = f"{ends}.{self.bits}.{secrets.token_hex(8)}"
        return f"{head}.{self._sign(head)}"

    def check(self, solution: str, now: datetime) -> Proof:
        """Judge `challenge:number`; a good one is used up by this."""
        if not self.bits:
            return Proof.GOOD
        if not solution:
            return Proof.MISSING
        challenge, _, number = solution.partition(":")
        head, _, sign = challenge.rpartition(".")
        ends = head.partition(".")[0]
        is_ours = hmac.compare_digest(sign.encode(), self._sign(head).encode())
        if not is_ours or not number.isdecimal() or int(ends) < now.timestamp():
            return Proof.BAD
        if zero_bits(solution) < self.bits or not self._use(challenge, int(ends), now):
            return Proof.BAD
        return Proof.GOOD

    def _sign(self, head: str) -> str:
        return hmac.digest(self._key, head.encode(), "sha256").hex()[:32]

    def _use(self, challenge: str, ends: int, now: datetime) -> bool:
        with self._lock:
            if len(self._used) >= _MAX_USED:
                self._used = {k: v for k, v in self._used.items() if v > now}
            if challenge in self._used or len(self._used) >= _MAX_USED:
                return False
            self._used[challenge] = datetime.fromtimestamp(ends, UTC)
            return True


def zero_bits(solution: str) -> int:
    """How many zero bits the SHA-256 of a solution begins with."""
    digest = int.from_bytes(hashlib.sha256(solution.encode()).digest(), "big")
    return 256 - digest.bit_length()


def solve(challenge: str, bits: int) -> str:
    """A solution, as a program would find it."""
    number = 0
    while zero_bits(f"{challenge}:{number}") < bits:
        number += 1
    return f"{challenge}:{number}"
