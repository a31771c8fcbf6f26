"""Which post a problem goes to."""

from datetime import datetime, timedelta

from xunhe.domain.clock import SHANGHAI
from xunhe.domain.registry import Post, Registry


def route(registry: Registry, reach: str) -> Post:
    """The post nearest to the water of a reach; the registry sees to it that there is one."""
    return registry.posts_of(reach)[0]


def due(opened_at: datetime, hours: float) -> datetime:
    """The deadline in plain hours: a discharge does not wait for the office to open."""
    return opened_at + timedelta(hours=hours)


def number(ticket_id: int, opened_at: datetime) -> str:
    """A ticket's number, such as XH-2026-0001, in the year of the desk's own calendar."""
    return f"XH-{opened_at.astimezone(SHANGHAI).year}-{ticket_id:04d}"
