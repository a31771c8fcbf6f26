"""Who may do what. Denied by default: a new route is closed until it stands in this file.

    open to everyone    /login, /setup, /static/…, and what citizens use: /report…,
                        /api/v1/public/…
    reading (GET)       a session, a program with `read_token` as its bearer token, or anyone where
                        `read_without_login` (the virtual river)
    writing             a session, and its CSRF token: header X-CSRF-Token or form field `csrf`
Every write must also come from our own origin; that is what guards the log-in form itself.
"""

import hmac
import math
from collections.abc import Mapping
from enum import Enum
from urllib.parse import quote, urlsplit

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from xunhe.adapters.store.accounts import Session, find_session
from xunhe.web.console import Console
from xunhe.web.failures import RefusedError, answer, wants_json

COOKIE = "xunhe_session"
MAX_UPLOAD = 16 * 2**20  # bytes of a form with files: a telephone's photo takes 4 to 8 MiB

_OPEN_PATHS = frozenset({"/login", "/setup", "/report"})
_OPEN_FOLDERS = ("/static/", "/report/", "/api/v1/public/")
_SAFE_METHODS = frozenset({"GET", "HEAD"})


class Decision(Enum):
    """Why a request passes or not."""

    OPEN = "open to everyone"
    SESSION = "logged in"
    PROGRAM = "a program that may read"
    PUBLIC_READING = "reading without log-in is on"
    NOT_LOGGED_IN = "not logged in"
    FOREIGN_ORIGIN = "a write from another origin"

    @property
    def passes(self) -> bool:
        """True where the request goes on to its handler."""
        return self not in (Decision.NOT_LOGGED_IN, Decision.FOREIGN_ORIGIN)


def decide(
    method: str,
    path: str,
    *,
    has_session: bool,
    own_origin: bool,
    read_without_login: bool,
    has_token: bool = False,
) -> Decision:
    """The decision on a request, from its line alone."""
    is_open = path in _OPEN_PATHS or path.startswith(_OPEN_FOLDERS)
    reading = method in _SAFE_METHODS
    if not reading and not own_origin:
        return Decision.FOREIGN_ORIGIN
    if is_open:
        return Decision.OPEN
    if has_session:
        return Decision.SESSION
    if reading and has_token:
        return Decision.PROGRAM
    if reading and read_without_login:
        return Decision.PUBLIC_READING
    return Decision.NOT_LOGGED_IN


def is_own_origin(headers: Mapping[str, str]) -> bool:
    """False where the browser says that another site sent this. Programs send neither header."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


class AccessGuard:
    """Stands before every route, so that nothing of a refused request is parsed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its session, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        console: Console = request.app.state.console
        session = await _session(request, console)
        request.state.session = session
        decision = decide(
            request.method,
            request.url.path,
            has_session=session is not None,
            own_origin=is_own_origin(request.headers),
            read_without_login=console.settings.read_without_login,
            has_token=_has_token(request, console.settings.read_token),
        )
        target = self._app if decision.passes else _refusal(request, decision)
        await target(scope, receive, send)


async def check_csrf(request: Request) -> None:
    """On every route: a write with a session brings the session's token."""
    session = session_of(request)
    if request.method in _SAFE_METHODS or session is None:
        return
    token = request.headers.get("x-csrf-token") or await _form_token(request)
    if not hmac.compare_digest(token.encode(), session.csrf.encode()):
        raise RefusedError(
            403,
            "csrf",
            "the CSRF token is missing or wrong: reload the page and try again",
            "缺少或错误的防伪令牌：请刷新页面后重试",
        )


def session_of(request: Request) -> Session | None:
    """Who is logged in, as the guard found it."""
    found: Session | None = request.state.session
    return found


async def _session(request: Request, console: Console) -> Session | None:
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    return await run_in_threadpool(find_session, console.database, token, console.wall.now())


def _has_token(request: Request, expected: str | None) -> bool:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if expected is None or kind.lower() != "bearer":
        return False
    return hmac.compare_digest(token.strip().encode(), expected.encode())


async def _form_token(request: Request) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0]
    is_upload = kind == "multipart/form-data" and declared_size(request) <= MAX_UPLOAD
    if kind != "application/x-www-form-urlencoded" and not is_upload:
        return ""
    token = (await request.form()).get("csrf", "")
    return token if isinstance(token, str) else ""


def declared_size(request: Request) -> float:
    """What the caller says the body takes; unsaid is too much."""
    text = request.headers.get("content-length", "")
    return int(text) if text.isdigit() else math.inf


def _refusal(request: Request, decision: Decision) -> Response:
    if decision is Decision.FOREIGN_ORIGIN:
        return answer(
            request,
            RefusedError(
                403, "foreign_origin", "a write must come from this site", "只接受本站提交"
            ),
        )
    path = request.url.path
    if not wants_json(path) and request.method in _SAFE_METHODS:
        return RedirectResponse(f"/login?next={quote(path)}", 303)
    return answer(
        request, RefusedError(401, "not_logged_in", "log in first: /login", "请先登录：/login")
    )
