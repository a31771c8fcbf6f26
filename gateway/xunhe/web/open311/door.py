"""Whether Open311 is open, and who may send by it how often."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from xunhe.outward_settings.upstream import Open311Settings
from xunhe.web.public_limit import PublicLimit

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Open311Door:
    """The settings, and how often each key has sent."""

    settings: Open311Settings
    limit: PublicLimit

    def key_of(self, said: str) -> int | None:
        """Which key somebody has, from 0; None for none. Takes as long for every wrong one."""
        right = [hmac.compare_digest(said.encode(), key.encode()) for key in self.settings.keys]
        return right.index(True) if any(right) else None

    def wait(self, key: int, now: datetime) -> timedelta:
        """Zero where the key may send now, which counts; else how long to wait."""
        return self.limit.take(f"open311 key {key}", now)


def open_open311(settings: Open311Settings | None) -> Open311Door | None:
    """The door where there are settings for it."""
    if settings is None:
        return None
    return Open311Door(settings, PublicLimit(settings.reports_an_hour, _HOUR))
