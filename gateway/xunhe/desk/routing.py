"""Which post a problem goes to."""

from collections.abc import Collection
from datetime import datetime

from xunhe.desk.roles import Role
from xunhe.domain.clock import SHANGHAI
from xunhe.domain.registry import Post, Registry


def route(registry: Registry, reach: str) -> Post:
    """The post nearest to the water of a reach; the registry sees to it that there is one."""
    return registry.posts_of(reach)[0]


def owner(registry: Registry, reach: str) -> str:
    """Code of the post that a problem of a reach belongs to; the office where there is none."""
    return route(registry, reach).code if registry.posts_of(reach) else Role.OFFICE.value


def superiors(registry: Registry, reach: str, post: str) -> Collection[str]:
    """Codes of the posts of a reach above one; all of them where that one is no longer there."""
    posts = registry.posts_of(reach)
    level = next((found.level for found in posts if found.code == post), None)
    return {found.code for found in posts if level is None or found.level < level}


def chain_above(registry: Registry, reach: str, post: str) -> tuple[str, ...]:
    """Who is told where a post does not answer: the posts above, the nearest first, the office."""
    above = superiors(registry, reach, post)
    levels = {found.code: found.level for found in registry.posts_of(reach)}
    return (*sorted(above, key=lambda code: (-levels[code], code)), Role.OFFICE.value)


def number(ticket_id: int, opened_at: datetime) -> str:
    """A ticket's number, such as XH-2026-0001, in the year of the desk's own calendar."""
    return f"XH-{opened_at.astimezone(SHANGHAI).year}-{ticket_id:04d}"
