"""Whose request it is: the person's roles and posts of this instant, and the reaches they cover.

A chief, a handler or a volunteer sees what lies in his reaches; everybody else sees all. A chief's
are those of his posts and of the posts of the units below; a handler's those of his unit and below.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from fastapi import Request

from xunhe.adapters.store import handovers, members
from xunhe.desk.roles import Role
from xunhe.domain.offices import lineage
from xunhe.domain.registry import Registry
from xunhe.web.console import Console
from xunhe.web.permissions import LOCAL


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is logged in. `reaches` None: all of them. `code`: of his department."""

    user: str
    roles: frozenset[Role]
    posts: tuple[str, ...] = ()
    code: str | None = None
    person: str | None = None
    units: frozenset[str] = frozenset()
    reaches: frozenset[str] | None = None

    @property
    def offices(self) -> frozenset[str]:
        """The codes by which tickets name him: his posts and his department."""
        return frozenset(self.posts) | ({self.code} if self.code else set())


def identify(console: Console, connection: sa.Connection, user: str) -> Person:
    """The person of an account, at this instant."""
    member = members.find(connection, user)
    if member is None:  # made by the one-time code
        return Person(user, frozenset({Role.ADMINISTRATOR}))
    posts: tuple[str, ...] = ()
    if member.person is not None:
        duty = handovers.duty(connection, console.registry)
        posts = tuple(duty.posts_of(member.person, console.clock.now()))
    in_role = set() if member.role is None else {member.role}
    roles = frozenset(in_role | ({Role.CHIEF} if posts else set()))
    units = frozenset(_units(console.registry, posts, member.code))
    covered = frozenset(_reaches(console.registry, posts, units)) if roles <= LOCAL else None
    return Person(user, roles, posts, member.code, member.person, units, covered)


def person_of(request: Request) -> Person | None:
    """Who asks, as the guard found it; None for a stranger."""
    found: Person | None = getattr(request.state, "person", None)
    return found


def roles_of(request: Request) -> frozenset[Role]:
    """The roles of whoever asks; none of a stranger."""
    person = person_of(request)
    return frozenset() if person is None else person.roles


def reaches_of(request: Request) -> frozenset[str] | None:
    """The reaches that whoever asks may see; None: all. What lists are filtered by."""
    person = person_of(request)
    return None if person is None else person.reaches


def _units(registry: Registry, posts: tuple[str, ...], department: str | None) -> Iterator[str]:
    """The units of posts and department, and every unit below one of them."""
    own = {registry.posts[post].unit for post in posts}
    if department in registry.departments:
        own.add(registry.departments[department].unit)
    for unit in registry.units:
        if own & {above.code for above in lineage(unit, registry.units)}:
            yield unit


def _reaches(registry: Registry, posts: tuple[str, ...], units: frozenset[str]) -> Iterator[str]:
    for post in registry.posts.values():
        if post.code in posts or post.unit in units:
            yield from post.reaches
