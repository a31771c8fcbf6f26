"""Accounts: who has one, in which roles, what each sees; made, changed, disabled and reset here.

For administrators. Nobody's password is ever theirs to know: a new account and a forgotten password
both get a one-time code, which its owner turns into a password of his own.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, BeforeValidator, StringConstraints, model_validator

from xunhe.adapters.store import accounts, credentials, looks, members
from xunhe.desk.roles import Role
from xunhe.domain.registry import Registry
from xunhe.web import account_views, desk_words
from xunhe.web.access import session_of
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_members import remove_member
from xunhe.web.failures import CallerError, NotFoundError
from xunhe.web.form_fields import Sent, Text, none_if_blank
from xunhe.web.forms import EMPTY, Filled, read
from xunhe.web.templates import render
from xunhe.web.wording import Words

router = APIRouter(include_in_schema=False)

_LOOKS_A_PAGE = 100
_GIVEN = [role for role in Role if role not in (Role.SYSTEM, Role.CHIEF)]

Name = Annotated[str, Form(max_length=accounts.MAX_NAME)]


class Seat(BaseModel):
    """In which offices an account acts: a role, or a person of the registry, or both."""

    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=accounts.MAX_NAME)
    ]
    role: Annotated[Role | None, BeforeValidator(none_if_blank)] = None
    person: Text = None
    code: Text = None

    @model_validator(mode="after")
    def _has_an_office(self) -> "Seat":
        if self.role is None and self.person is None:
            raise ValueError("须选角色或登记册中的人员 / choose a role, a person or both")
        return self


@router.get("/accounts")
def accounts_page(request: Request, console: ConsoleDep) -> Response:
    """Everybody who has an account, and what each role sees."""
    return _page(request, console, EMPTY)


@router.post("/accounts")
def add(request: Request, console: ConsoleDep, sent: Sent) -> Response:
    """A new account; the page shows its one-time code, once."""
    seat = _checked(console, sent)
    if isinstance(seat, Filled):
        return _page(request, console, seat)
    now, office = console.wall.now(), seat.model_dump(exclude={"name"})
    with console.database.write() as connection:
        is_free = not members.has_account(connection, seat.name)
        if is_free:
            accounts.add_user(connection, seat.name, credentials.NO_PASSWORD, now)
            members.add(connection, seat.name, console.clock.now(), **office)
            code = credentials.issue_reset(connection, seat.name, _me(request), now)
    if not is_free:
        taken = Filled.of(sent, name=Words("已有此账号", "this name is taken"))
        return _page(request, console, taken)
    return _page(request, console, EMPTY, issued=(seat.name, code))


@router.post("/accounts/seat")
def change_seat(request: Request, console: ConsoleDep, sent: Sent) -> Response:
    """Another role, person or department for an account."""
    seat = _checked(console, sent)
    if isinstance(seat, Filled):
        return _page(request, console, seat)
    _keep_an_administrator(request, seat.name, stays=seat.role)
    with console.database.write() as connection:
        _known(connection, seat.name)
        office = seat.model_dump(exclude={"name"})
        members.reseat(connection, seat.name, console.clock.now(), **office)
    return RedirectResponse("/accounts", 303)


@router.post("/accounts/reset")
def reset(request: Request, console: ConsoleDep, name: Name) -> Response:
    """A one-time code for somebody who has lost his password or his phone."""
    with console.database.write() as connection:
        _known(connection, name)
        code = credentials.issue_reset(connection, name, _me(request), console.wall.now())
    return _page(request, console, EMPTY, issued=(name, code))


@router.post("/accounts/disabling")
def disable(request: Request, console: ConsoleDep, name: Name) -> Response:
    """Let nobody in by this account, at once; what it did stays its own."""
    _keep_an_administrator(request, name)
    with console.database.write() as connection:
        _known(connection, name)
        credentials.disable(connection, name, _me(request), console.wall.now())
    return RedirectResponse("/accounts", 303)


@router.post("/accounts/enabling")
def enable(console: ConsoleDep, name: Name) -> Response:
    """Let its owner in again."""
    with console.database.write() as connection:
        _known(connection, name)
        credentials.enable(connection, name)
    return RedirectResponse("/accounts", 303)


@router.post("/accounts/leaving")
def leave(request: Request, console: ConsoleDep, name: Name) -> Response:
    """Take an account away."""
    remove_member(console, request, name)
    return RedirectResponse("/accounts", 303)


@router.get("/accounts/looks")
def looks_page(
    request: Request, console: ConsoleDep, page: Annotated[int, Query(ge=1, le=100_000)] = 1
) -> Response:
    """Who looked at personal data, when, at which and why."""
    with console.database.read() as connection:
        total = looks.count(connection)
        rows = list(looks.newest(connection, _LOOKS_A_PAGE, (page - 1) * _LOOKS_A_PAGE))
    pages = max(-(-total // _LOOKS_A_PAGE), 1)
    return render(request, "looks.html", rows=rows, page=page, pages=pages, total=total)


def _page(
    request: Request, console: Console, form: Filled, issued: tuple[str, str] | None = None
) -> Response:
    with console.database.read() as connection:
        rows = account_views.rows(console, connection)
    page = render(
        request,
        "accounts.html",
        rows=rows,
        sights=account_views.sights(),
        form=form,
        issued=issued,
        me=_me(request),
        roles=[(role.value, desk_words.ROLES[role]) for role in _GIVEN],
        persons=_persons(console.registry),
        departments=_departments(console.registry),
        desk_words=desk_words,
    )
    page.status_code = 422 if form.problems else 200
    return page


def _checked(console: Console, sent: Mapping[str, Any]) -> Seat | Filled:
    seat = read(Seat, sent)
    if isinstance(seat, Filled):
        return seat
    registry = console.registry
    problems = {}
    if seat.person is not None and seat.person not in registry.persons:
        problems["person"] = Words("登记册中没有此人", "not in the registry")
    if seat.role in (Role.SYSTEM, Role.CHIEF):
        problems["role"] = Words(
            "河长由任期而来，请选人员", "chiefs come by tenure: choose a person"
        )
    if seat.role is Role.HANDLER and seat.code not in {*registry.departments, *registry.posts}:
        problems["code"] = Words("承办单位须选一个部门", "a handler needs his department")
    return Filled.of(sent, **problems) if problems else seat


def _known(connection: sa.Connection, name: str) -> None:
    if not members.has_account(connection, name):
        raise NotFoundError("account", "账号", name)


def _keep_an_administrator(request: Request, name: str, stays: Role | None = None) -> None:
    """CallerError where an administrator, who may be the last, would lock himself out."""
    if name == _me(request) and stays is not Role.ADMINISTRATOR:
        raise CallerError(
            409,
            "yourself",
            "an administrator does not disable or demote himself: another one has to",
            "管理员不能停用或降级自己：请由另一位管理员操作",
        )


def _me(request: Request) -> str:
    session = session_of(request)
    return "" if session is None else session.user


def _persons(registry: Registry) -> list[tuple[str, Words]]:
    return [(p.code, Words(p.name, p.code)) for p in registry.persons.values()]


def _departments(registry: Registry) -> list[tuple[str, Words]]:
    return [(d.code, Words(d.name, d.name_en)) for d in registry.departments.values()]
