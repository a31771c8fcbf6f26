"""Log in, log out, and a new password by the one-time code of an administrator."""

import logging
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from xunhe.adapters.store import accounts, credentials
from xunhe.adapters.store.credentials import ResetOutcome
from xunhe.web import navigation, passwords, resume
from xunhe.web.access import COOKIE
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.failures import RefusedError
from xunhe.web.forms import EMPTY, Filled
from xunhe.web.scope import identify
from xunhe.web.templates import render
from xunhe.web.wording import Words

log = logging.getLogger(__name__)

router = APIRouter(include_in_schema=False)

Field = Annotated[str, Form()]
Long = Annotated[str, Form(max_length=resume.MAX_TEXT)]

# The browser keeps the cookie longer than its session: a form that comes too late is known by it.
_COOKIE_STAYS = timedelta(days=7)
_WRONG = Words("名称或密码不对。", "Name or password is wrong.")
_DISABLED = Words("此账号已停用，请联系管理员。", "This account is disabled: ask an administrator.")
_WRONG_CODE = Words("验证码不对或已用过。", "The code is wrong or was used before.")
_LATE = Words("时间过长，请重新登录。", "That took too long: log in again.")


@router.get("/login")
def login_page(request: Request, console: ConsoleDep, next: str = "/") -> Response:
    """The log-in form."""
    return _login_form(request, console, next, "", None)


@router.post("/login")
def login(
    request: Request,
    console: ConsoleDep,
    name: Field = "",
    password: Field = "",
    next: Field = "/",
    resume: Long = "",
) -> Response:
    """Check name and password; 429 while this caller, or this name, must wait."""
    _check_patience(request, console, name)
    if not accounts.check_password(console.database, name, password):
        _failed(request, console, name)
        return _login_form(request, console, next, resume, _WRONG, 403)
    with console.database.read() as connection:
        is_disabled = credentials.is_disabled(connection, name)
        secret = credentials.second_factor(connection, name)
    if is_disabled:
        return _login_form(request, console, next, resume, _DISABLED, 403)
    if secret is not None:
        ticket = console.half_way.begin(name, console.wall.now())
        return _code_form(request, ticket, next, resume, None)
    _succeeded(request, console, name)
    return welcome(request, console, name, next, resume)


@router.post("/login/code")
def login_code(
    request: Request,
    console: ConsoleDep,
    ticket: Field = "",
    code: Field = "",
    next: Field = "/",
    resume: Long = "",
) -> Response:
    """The second step, for accounts that have one: the code of the phone's app."""
    now = console.wall.now()
    name = console.half_way.who(ticket, now)
    if name is None:
        return _login_form(request, console, next, resume, _LATE, 403)
    _check_patience(request, console, name)
    with console.database.write() as connection:
        is_right = credentials.use_code(connection, name, code, now)
    if not is_right:
        _failed(request, console, name)
        return _code_form(request, ticket, next, resume, _WRONG_CODE)
    console.half_way.end(ticket)
    _succeeded(request, console, name)
    return welcome(request, console, name, next, resume)


@router.post("/logout")
def logout(request: Request, console: ConsoleDep) -> Response:
    """End the session."""
    accounts.close_session(console.database, request.cookies.get(COOKIE, ""))
    response = RedirectResponse("/", 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


@router.get("/reset")
def reset_page(request: Request) -> Response:
    """The form for a new password by a one-time code."""
    return render(request, "reset.html", form=EMPTY, least=accounts.MIN_PASSWORD)


@router.post("/reset")
def reset(
    request: Request,
    console: ConsoleDep,
    name: Field = "",
    code: Field = "",
    password: Field = "",
    repeated: Field = "",
) -> Response:
    """Use the code: sets the password and logs in."""
    name = name.strip()
    _check_patience(request, console, name)
    form = Filled.of({"name": name, "code": code}, **passwords.problems(password, repeated))
    if form.is_fit:
        now = console.wall.now()
        outcome = credentials.redeem_reset(console.database, name, code, password, now)
        if outcome is ResetOutcome.DONE:
            return welcome(request, console, name, "/", "")
        _failed(request, console, name)
        form = form.with_problem("code", *_RESET_WORDS[outcome])
    page = render(request, "reset.html", form=form, least=accounts.MIN_PASSWORD)
    page.status_code = 422
    return page


_RESET_WORDS = {
    ResetOutcome.WRONG: (
        "名称与代码不符，或代码已过期",
        "name and code do not fit, or the code is too old",
    ),
    ResetOutcome.LOCKED: (
        "代码错误次数过多，请管理员重新签发",
        "too many wrong attempts: ask for another code",
    ),
}


def local_path(target: str) -> str:
    """Where to go after the log-in: a path of this site, never another host."""
    is_local = target.startswith("/") and not target.startswith("//") and target.isprintable()
    return target if is_local and "\\" not in target else "/"


def welcome(
    request: Request, console: Console, name: str, target: str, interrupted: str
) -> Response:
    """A new session; on to where he wanted to go, to the form that he was about to send, or to
    where his day begins."""
    hours = console.settings.session_hours
    log.info("log-in of %r from %s", name, request.client.host if request.client else "")
    token, session = accounts.open_session(console.database, name, console.wall.now(), hours)
    with console.database.read() as connection:
        person = identify(console, connection, name)
    kept = resume.from_text(interrupted) if interrupted else None
    response: Response
    if kept is None:
        home = local_path(target)
        response = RedirectResponse(navigation.home_of(person.roles) if home == "/" else home, 303)
    else:
        request.state.session, request.state.person = session, person
        response = render(request, "resume.html", kept=kept)
    response.set_cookie(
        COOKIE,
        token,
        max_age=round((timedelta(hours=hours) + _COOKIE_STAYS).total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


def _login_form(
    request: Request,
    console: Console,
    target: str,
    interrupted: str,
    error: Words | None,
    status: int = 200,
) -> Response:
    with console.database.read() as connection:
        has_user = accounts.has_user(connection)
    page = render(
        request,
        "login.html",
        error=error,
        next=local_path(target),
        has_user=has_user,
        resume=interrupted,
        was_interrupted=False,
    )
    page.status_code = status
    return page


def _code_form(
    request: Request, ticket: str, target: str, interrupted: str, error: Words | None
) -> Response:
    page = render(
        request,
        "login-code.html",
        ticket=ticket,
        next=local_path(target),
        resume=interrupted,
        error=error,
    )
    page.status_code = 403 if error else 200
    return page


def _keys(request: Request, name: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Of this caller at this name, and of this name from wherever."""
    short = name[: accounts.MAX_NAME]
    return (request.client.host if request.client else "", short), ("", short)


def _check_patience(request: Request, console: Console, name: str) -> None:
    now = console.wall.now()
    caller, anybody = _keys(request, name)
    wait = max(console.backoff.wait(caller, now), console.lock_out.wait(anybody, now))
    if wait:
        raise _too_many(wait.total_seconds())


def _failed(request: Request, console: Console, name: str) -> None:
    # Not the name: a password is typed into its field soon enough.
    log.warning("log-in refused from %s", request.client.host if request.client else "")
    caller, anybody = _keys(request, name)
    console.backoff.failed(caller, console.wall.now())
    console.lock_out.failed(anybody, console.wall.now())


def _succeeded(request: Request, console: Console, name: str) -> None:
    caller, anybody = _keys(request, name)
    console.backoff.succeeded(caller)
    console.lock_out.succeeded(anybody)


def _too_many(wait_s: float) -> RefusedError:
    seconds = int(wait_s) + 1
    failure = RefusedError(
        429,
        "too_many_attempts",
        f"too many failed log-ins: wait {seconds} s",
        f"登录失败次数过多：请等待 {seconds} 秒",
    )
    failure.headers["Retry-After"] = str(seconds)
    return failure
