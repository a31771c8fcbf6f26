"""Log in, log out, and the first administrator."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from xunhe.adapters.store import accounts
from xunhe.adapters.store.accounts import SetupOutcome
from xunhe.web.access import COOKIE
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.failures import RefusedError
from xunhe.web.templates import render
from xunhe.web.wording import Words

router = APIRouter(include_in_schema=False)

Field = Annotated[str, Form()]

_SETUP_WORDING = {
    SetupOutcome.WRONG_CODE: Words("一次性代码不对。", "The one-time code is wrong."),
    SetupOutcome.LOCKED: Words(
        "代码已锁定：失败次数过多。请重启 xunhe，启动时会打印新代码。",
        "The code is locked after too many failures. Restart xunhe: it prints a new code.",
    ),
    SetupOutcome.DONE_BEFORE: Words(
        "管理员已经设立，请登录。", "There is an administrator: log in."
    ),
}
_SETUP_STATUS = {
    SetupOutcome.WRONG_CODE: 403,
    SetupOutcome.LOCKED: 403,
    SetupOutcome.DONE_BEFORE: 409,
}


@router.get("/login")
def login_page(request: Request, console: ConsoleDep, next: str = "/") -> Response:
    """The log-in form."""
    return _login_form(request, console, next, None)


@router.post("/login")
def login(
    request: Request,
    console: ConsoleDep,
    name: Field = "",
    password: Field = "",
    next: Field = "/",
) -> Response:
    """Check name and password; 429 while this caller must wait."""
    now = console.wall.now()
    key = (request.client.host if request.client else "", name[: accounts.MAX_NAME])
    wait = console.backoff.wait(key, now)
    if wait:
        raise _too_many(wait.total_seconds())
    if not accounts.check_password(console.database, name, password):
        console.backoff.failed(key, now)
        words = Words("名称或密码不对。", "Name or password is wrong.")
        return _login_form(request, console, next, words, status=403)
    console.backoff.succeeded(key)
    return _welcome(request, console, name, next)


@router.post("/logout")
def logout(request: Request, console: ConsoleDep) -> Response:
    """End the session."""
    accounts.close_session(console.database, request.cookies.get(COOKIE, ""))
    response = RedirectResponse("/", 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


@router.get("/setup")
def setup_page(request: Request, console: ConsoleDep) -> Response:
    """The form for the first administrator; gone once there is one."""
    with console.database.read() as connection:
        if accounts.has_user(connection):
            return RedirectResponse("/login", 303)
    return render(request, "setup.html", error=None, name="", least=accounts.MIN_PASSWORD)


@router.post("/setup")
def setup(
    request: Request,
    console: ConsoleDep,
    code: Field = "",
    name: Field = "",
    password: Field = "",
    repeated: Field = "",
) -> Response:
    """Redeem the one-time code: creates the administrator and logs in."""
    name = name.strip()
    error, status = _unfit(name, password, repeated), 422
    if error is None:
        outcome = accounts.create_administrator(
            console.database, code, name, password, console.wall.now()
        )
        if outcome is SetupOutcome.CREATED:
            return _welcome(request, console, name, "/")
        error, status = _SETUP_WORDING[outcome], _SETUP_STATUS[outcome]
    page = render(request, "setup.html", error=error, name=name, least=accounts.MIN_PASSWORD)
    page.status_code = status
    return page


def local_path(target: str) -> str:
    """Where to go after the log-in: a path of this site, never another host."""
    is_local = target.startswith("/") and not target.startswith("//") and target.isprintable()
    return target if is_local and "\\" not in target else "/"


def _unfit(name: str, password: str, repeated: str) -> Words | None:
    if not 1 <= len(name) <= accounts.MAX_NAME or not name.isprintable():
        return Words("请填写名称（至多 64 字）。", "Give a name of at most 64 characters.")
    if not accounts.MIN_PASSWORD <= len(password) <= accounts.MAX_PASSWORD:
        least = accounts.MIN_PASSWORD
        return Words(f"密码至少 {least} 位。", f"The password needs at least {least} characters.")
    if password != repeated:
        return Words("两次输入的密码不同。", "The two passwords differ.")
    return None


def _login_form(
    request: Request, console: Console, target: str, error: Words | None, status: int = 200
) -> Response:
    with console.database.read() as connection:
        has_user = accounts.has_user(connection)
    page = render(request, "login.html", error=error, next=local_path(target), has_user=has_user)
    page.status_code = status
    return page


def _welcome(request: Request, console: Console, name: str, target: str) -> Response:
    hours = console.settings.session_hours
    token, _ = accounts.open_session(console.database, name, console.wall.now(), hours)
    response = RedirectResponse(local_path(target), 303)
    response.set_cookie(
        COOKIE,
        token,
        max_age=round(hours * 3600),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


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
