"""Who sits at the desk: accounts, and the offices in which they act.

An account may be a person of the registry, whose posts are his at each instant by his tenures, and
may have a role of the desk. An account without either was made by the one-time code: it is the
administrator, and acts as the office.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import desk_log, personal
from xunhe.adapters.store.schema import desk_member, user
from xunhe.desk.roles import SYSTEM, Actor, Role


@dataclass(frozen=True, slots=True)
class Member:
    """One account at the desk. `code`: of his department or team, where his role has one."""

    user: str
    personal_id: int
    person: str | None = None
    role: Role | None = None
    code: str | None = None

    def in_role(self) -> Actor | None:
        """He in his role; None where he has posts only. The administrator acts as the office."""
        if self.role is None:
            return None
        if self.role is Role.ADMINISTRATOR:
            return Actor(Role.OFFICE, Role.OFFICE.value, self.personal_id)
        return Actor(self.role, self.code or self.role.value, self.personal_id)


def seat(connection: sa.Connection, name: str, at: datetime) -> Member:
    """The member of an account; the administrator gets his seat by this, in a writing one."""
    found = find(connection, name)
    return found or add(connection, name, at, role=Role.ADMINISTRATOR)


def add(
    connection: sa.Connection,
    name: str,
    at: datetime,
    *,
    person: str | None = None,
    role: Role | None = None,
    code: str | None = None,
) -> Member:
    """Give an account its seat. The log has its id, role and code, never its name."""
    kept = personal.keep(connection, "account", {"name": name}, at)
    row = {"user": name, "personal_id": kept.id, "person": person, "code": code}
    connection.execute(desk_member.insert().values(**row, role=role and role.value))
    told = {**kept.told(), "role": role and role.value, "code": code}
    subject = f"personal:{kept.id}"
    desk_log.append(connection, at, SYSTEM.code, "member.seated", subject, told)
    return Member(name, kept.id, person, role, code)


def reseat(
    connection: sa.Connection,
    name: str,
    at: datetime,
    *,
    person: str | None = None,
    role: Role | None = None,
    code: str | None = None,
) -> Member:
    """Give an account another seat, or its first. Who it was stays the same person in the log."""
    found = find(connection, name)
    if found is None:
        return add(connection, name, at, person=person, role=role, code=code)
    changed = {"person": person, "role": role and role.value, "code": code}
    table = desk_member
    connection.execute(sa.update(table).where(table.c.user == name).values(**changed))
    told = {"personal": found.personal_id, "role": role and role.value, "code": code}
    subject = f"personal:{found.personal_id}"
    desk_log.append(connection, at, SYSTEM.code, "member.reseated", subject, told)
    return Member(name, found.personal_id, person, role, code)


def find(connection: sa.Connection, name: str) -> Member | None:
    """The member of an account, if it has a seat."""
    row = connection.execute(sa.select(desk_member).where(desk_member.c.user == name)).first()
    return None if row is None else _member(row)


def all_members(connection: sa.Connection) -> list[Member]:
    """Everybody with a seat, by name."""
    rows = connection.execute(sa.select(desk_member).order_by(desk_member.c.user))
    return [_member(row) for row in rows]


def unseat(connection: sa.Connection, name: str, at: datetime) -> int | None:
    """Take the seat away; the id of the personal data, which may be erased now."""
    found = find(connection, name)
    if found is None:
        return None
    connection.execute(desk_member.delete().where(desk_member.c.user == name))
    subject = f"personal:{found.personal_id}"
    told = {"personal": found.personal_id}
    desk_log.append(connection, at, SYSTEM.code, "member.unseated", subject, told)
    return found.personal_id


def name_of(connection: sa.Connection, personal_id: int | None) -> str | None:
    """The name behind an entry's `by`; None for the gateway itself, and once it is erased."""
    if personal_id is None:
        return None
    data = personal.find(connection, personal_id)
    return None if data is None else str(data.get("name", ""))


def has_account(connection: sa.Connection, name: str) -> bool:
    """Is there an account of this name?"""
    return connection.execute(sa.select(user.c.name).where(user.c.name == name)).first() is not None


def _member(row: sa.Row[tuple[object, ...]]) -> Member:
    role = None if row.role is None else Role(row.role)
    return Member(row.user, row.personal_id, row.person, role, row.code)
