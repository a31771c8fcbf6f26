"""What the accounts page shows: each account with its offices and reaches, each role's sights."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from xunhe.adapters.store import credentials, members
from xunhe.adapters.store.credentials import AccountState
from xunhe.adapters.store.members import Member
from xunhe.desk.roles import Role
from xunhe.web.console import Console
from xunhe.web.navigation import ENTRIES
from xunhe.web.permissions import LOCAL, PERMISSIONS
from xunhe.web.scope import Person, identify
from xunhe.web.wording import Words


@dataclass(frozen=True, slots=True)
class Row:
    """One account."""

    state: AccountState
    person: Person
    seat: Member | None
    offices: tuple[str, ...]  # the posts that he holds now


@dataclass(frozen=True, slots=True)
class Sight:
    """What a role sees: its pages, which personal data, and whether only of its own reaches."""

    role: Role
    pages: tuple[Words, ...]
    personal: tuple[Words, ...]
    is_local: bool
    may_write: bool


def rows(console: Console, connection: sa.Connection) -> list[Row]:
    """Every account, by name."""
    found = []
    for state in credentials.states(connection):
        person = identify(console, connection, state.user)
        seat = members.find(connection, state.user)
        titles = tuple(console.registry.posts[post].title for post in person.posts)
        found.append(Row(state, person, seat, titles))
    return found


def sights() -> list[Sight]:
    """Every role's, from the permissions themselves."""
    return [_sight(role) for role in Role if role is not Role.SYSTEM]


def _sight(role: Role) -> Sight:
    mine = [(route, rule) for route, rule in PERMISSIONS if role in rule.roles]
    asked = {route for route, _ in mine}
    return Sight(
        role,
        pages=tuple(entry.words for entry in ENTRIES if f"GET {entry.path}" in asked),
        personal=tuple(dict.fromkeys(_personal(role))),
        is_local=role in LOCAL,
        may_write=any(not route.startswith("GET ") and " /desk" in route for route in asked),
    )


def _personal(role: Role) -> Iterator[Words]:
    for _, rule in PERMISSIONS:
        if role in rule.roles and rule.personal is not None:
            yield rule.personal
