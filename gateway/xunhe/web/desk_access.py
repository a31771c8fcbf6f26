"""In which offices somebody acts: his posts of this instant, and his role at the desk."""

from collections.abc import Sequence

import sqlalchemy as sa
from fastapi import Request

from xunhe.adapters.desk_tickets import offices_of
from xunhe.adapters.store import handovers, members
from xunhe.adapters.store.members import Member
from xunhe.desk.roles import Actor, Role
from xunhe.web.access import session_of
from xunhe.web.console import Console
from xunhe.web.failures import RefusedError

_ADMINISTRATOR = Actor(Role.OFFICE, Role.OFFICE.value)  # who has not acted yet


def offices_read(request: Request, console: Console, connection: sa.Connection) -> list[Actor]:
    """The offices of whoever reads; none without a session."""
    session = session_of(request)
    if session is None:
        return []
    member = members.find(connection, session.user)
    return [_ADMINISTRATOR] if member is None else offices(console, connection, member)


def offices_write(request: Request, console: Console, connection: sa.Connection) -> list[Actor]:
    """The offices of whoever writes, in the transaction of the write.

    The administrator gets his seat by his first one. RefusedError without a session, or for one
    who has no office, such as an observer or a chief whose tenure is over.
    """
    session = session_of(request)
    if session is None:
        raise RefusedError(401, "not_logged_in", "log in first: /login", "请先登录：/login")
    member = members.seat(connection, session.user, console.clock.now())
    held = offices(console, connection, member)
    found = [office for office in held if office.role is not Role.OBSERVER]
    if not found:
        raise RefusedError(403, "no_office", "this account holds no office now", "此账号现无岗位")
    return found


def require(found: Sequence[Actor], *roles: Role) -> Actor:
    """The first office with one of these roles, or RefusedError."""
    for office in found:
        if office.role in roles:
            return office
    raise RefusedError(403, "not_yours", "your office may not do this", "您的岗位无权进行此操作")


def offices(console: Console, connection: sa.Connection, member: Member) -> list[Actor]:
    """A member's offices at this instant."""
    if member.person is None:
        return offices_of(member, ())
    duty = handovers.duty(connection, console.registry)
    return offices_of(member, duty.posts_of(member.person, console.clock.now()))
