"""One's own account: another password, a second factor, and logging out everywhere."""

import base64
import secrets
from typing import Annotated

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from xunhe.adapters.store import accounts, credentials, handovers
from xunhe.domain import totp
from xunhe.web import desk_words, passwords
from xunhe.web.access import session_of
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.failures import RefusedError
from xunhe.web.forms import EMPTY, Filled
from xunhe.web.scope import person_of
from xunhe.web.sign_in import welcome
from xunhe.web.templates import render
from xunhe.web.wording import Words

router = APIRouter(prefix="/account", include_in_schema=False)

Field = Annotated[str, Form()]

_ISSUER = "巡河 xunhe"
_WRONG_OLD = Words("现在的密码不对", "this is not your password")


@router.get("")
def account_page(request: Request, console: ConsoleDep) -> Response:
    """Who one is here, and the forms."""
    return _page(request, console, EMPTY)


@router.post("/password")
def change_password(
    request: Request,
    console: ConsoleDep,
    old_password: Field = "",
    password: Field = "",
    repeated: Field = "",
) -> Response:
    """Another password. Every other session ends."""
    name = _me(request)
    wrong = passwords.problems(password, repeated)
    if not _is_mine(console, name, old_password):
        wrong["old_password"] = _WRONG_OLD
    if wrong:
        return _page(request, console, Filled.of({}, **wrong))
    fresh = accounts.hashed(password)
    with console.database.write() as connection:
        credentials.set_password(connection, name, fresh)
    return welcome(request, console, name, "/account", "")


@router.post("/sessions")
def end_sessions(request: Request, console: ConsoleDep) -> Response:
    """Log out everywhere but here."""
    name = _me(request)
    with console.database.write() as connection:
        credentials.end_sessions(connection, name)
    return welcome(request, console, name, "/account", "")


@router.get("/second-factor")
def second_factor_page(request: Request) -> Response:
    """A fresh secret as a QR code for a phone's app; it counts once its first code is typed."""
    return _secret_page(request, secrets.token_bytes(totp.SECRET_BYTES), EMPTY)


@router.post("/second-factor")
def set_second_factor(
    request: Request, console: ConsoleDep, secret: Field = "", code: Field = ""
) -> Response:
    """Turn the second factor on, with the first code as proof that the phone has it."""
    try:
        shared = base64.b32decode(secret)
    except ValueError:
        shared = b""
    if len(shared) != totp.SECRET_BYTES:
        return RedirectResponse("/account/second-factor", 303)
    now = console.wall.now()
    with console.database.write() as connection:
        if credentials.second_factor(connection, _me(request)) is not None:
            return RedirectResponse("/account", 303)  # to replace it, remove it: with the password
        if totp.step_of_code(shared, code, now) is None:
            problem = Words("与手机上的不符", "does not fit the phone's")
            return _secret_page(request, shared, Filled.of({}, code=problem))
        credentials.set_second_factor(connection, _me(request), shared)
        credentials.use_code(connection, _me(request), code, now)
    return RedirectResponse("/account", 303)


@router.post("/second-factor/removal")
def remove_second_factor(
    request: Request, console: ConsoleDep, current_password: Field = ""
) -> Response:
    """Turn it off; needs the password."""
    if not _is_mine(console, _me(request), current_password):
        return _page(request, console, Filled.of({}, current_password=_WRONG_OLD))
    with console.database.write() as connection:
        credentials.set_second_factor(connection, _me(request), None)
    return RedirectResponse("/account", 303)


def _page(request: Request, console: Console, form: Filled) -> Response:
    with console.database.read() as connection:
        has_second_factor = credentials.second_factor(connection, _me(request)) is not None
        person = person_of(request)
        code = None if person is None else person.person
        opened = [one for one in handovers.newest(connection) if one.is_open]
    page = render(
        request,
        "account.html",
        form=form,
        person=person,
        to_sign=[one for one in opened if code in (one.leaver, one.successor)] if code else [],
        has_second_factor=has_second_factor,
        least=accounts.MIN_PASSWORD,
        desk_words=desk_words,
        registry=console.registry,
    )
    page.status_code = 422 if form.problems else 200
    return page


def _secret_page(request: Request, secret: bytes, form: Filled) -> Response:
    picture = segno.make(totp.address(secret, _me(request), _ISSUER), error="m")
    page = render(
        request,
        "second-factor.html",
        form=form,
        secret=base64.b32encode(secret).decode(),
        picture=picture.svg_data_uri(scale=5, border=4, light="#fff"),
    )
    page.status_code = 422 if form.problems else 200
    return page


def _is_mine(console: Console, name: str, password: str) -> bool:
    """Check the password of whoever is logged in; failures make him wait as at the log-in."""
    now = console.wall.now()
    wait = console.lock_out.wait(("", name), now)
    if wait:
        raise RefusedError(
            429, "too_many_attempts", "too many failures: wait", "密码错误次数过多：请稍后再试"
        )
    is_right = accounts.check_password(console.database, name, password)
    if not is_right:
        console.lock_out.failed(("", name), now)
    return is_right


def _me(request: Request) -> str:
    session = session_of(request)
    return "" if session is None else session.user
