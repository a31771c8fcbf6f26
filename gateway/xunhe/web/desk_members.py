"""Accounts and their seats at the desk: the office adds them and takes them away."""

import sqlalchemy as sa
from fastapi import Request

from xunhe.adapters.store import accounts, members
from xunhe.adapters.store.members import Member
from xunhe.desk.roles import Role
from xunhe.web.access import session_of
from xunhe.web.console import Console
from xunhe.web.desk_access import offices, offices_write, require
from xunhe.web.desk_models import MemberAdded, MemberView
from xunhe.web.failures import CallerError, NotFoundError


def listed(console: Console, connection: sa.Connection) -> list[MemberView]:
    """Everybody with a seat."""
    return [_view(console, connection, found) for found in members.all_members(connection)]


def add_member(console: Console, request: Request, added: MemberAdded) -> MemberView:
    """An account with its seat, in one transaction. CallerError where the seat cannot be."""
    _check(console, added)
    hashed = accounts.hashed(added.password)  # takes its time: outside the transaction
    now = console.clock.now()
    with console.database.write() as connection:
        require(offices_write(request, console, connection), Role.OFFICE)
        if members.has_account(connection, added.name):
            raise CallerError(
                409, "name_taken", f"there is an account {added.name}", f"已有账号 {added.name}"
            )
        accounts.add_user(connection, added.name, hashed, console.wall.now())
        made = members.add(
            connection, added.name, now, person=added.person, role=added.role, code=added.code
        )
        return _view(console, connection, made)


def remove_member(console: Console, request: Request, name: str) -> int:
    """Take seat and account away; the id of the personal data, which may be erased now.

    Nobody removes himself, so that the office is never without an account.
    """
    session = session_of(request)
    if session is not None and session.user == name:
        raise CallerError(409, "yourself", "this is your own account", "不能移除自己的账号")
    with console.database.write() as connection:
        require(offices_write(request, console, connection), Role.OFFICE)
        personal_id = members.unseat(connection, name, console.clock.now())
        if personal_id is None:
            raise NotFoundError("member", "成员", name)
        accounts.remove_user(connection, name)
    return personal_id


def _check(console: Console, added: MemberAdded) -> None:
    if added.role is None and added.person is None:
        raise CallerError(
            422,
            "no_seat",
            "a member needs a role, a person of the registry, or both",
            "成员须有角色或登记册中的人员",
        )
    if added.person is not None and added.person not in console.registry.persons:
        raise NotFoundError("person", "人员", added.person)
    if added.role in (Role.SYSTEM, Role.CHIEF):
        raise CallerError(
            422,
            "no_role",
            "a chief is a person of the registry with a tenure",
            "河长须是登记册中有任期的人员",
        )
    needs_code = added.role is Role.HANDLER
    if needs_code and added.code not in {*console.registry.departments, *console.registry.posts}:
        raise NotFoundError("department", "部门", added.code or "")


def _view(console: Console, connection: sa.Connection, found: Member) -> MemberView:
    return MemberView(
        user=found.user,
        personal_id=found.personal_id,
        person=found.person,
        role=found.role and found.role.value,
        code=found.code,
        offices=[office.code for office in offices(console, connection, found)],
    )
