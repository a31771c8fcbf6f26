"""Log-ins between their two steps: the password was right, the phone's code is still to come."""

import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_HOLDS = timedelta(minutes=5)
_MOST = 10_000


@dataclass(slots=True)
class HalfWay:
    """Names by ticket, in memory: a restart forgets them."""

    _names: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, name: str, now: datetime) -> str:
        """A ticket for the second step, good for five minutes."""
        ticket = secrets.token_urlsafe(24)
        with self._lock:
            if len(self._names) >= _MOST:
                self._names = {k: v for k, v in self._names.items() if v[1] > now}
            self._names[ticket] = name, now + _HOLDS
        return ticket

    def who(self, ticket: str, now: datetime) -> str | None:
        """Whose ticket it is; None where there is none or it is too old."""
        with self._lock:
            name, ends = self._names.get(ticket, ("", now))
        return name if ends > now else None

    def end(self, ticket: str) -> None:
        """It was used."""
        with self._lock:
            self._names.pop(ticket, None)
