"""Stands before every route and asks permissions.py. Denied by default.

A route that is not in the table is nobody's. Otherwise it is open to everyone, or one of the
person's roles may use it, and what its path names lies in his reaches: outside them the answer is
the one for a thing that does not exist. Where `read_without_login` is on (the virtual river),
anyone reads what has no personal data, and so does a program with `read_token`.

Every write must come from our own origin, which guards the log-in form itself; a write with a
session brings the session's CSRF token: header X-CSRF-Token or form field `csrf`.
"""

import hmac
import logging

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from xunhe.adapters.store import looks
from xunhe.adapters.store.accounts import Session, find_session
from xunhe.web.body_limit import MAX_UPLOAD, declared_size
from xunhe.web.console import Console
from xunhe.web.decision import SAFE_METHODS, Caller, Decision, decide, is_own_origin
from xunhe.web.failures import NotFoundError, RefusedError, answer, wants_json
from xunhe.web.permissions import PERMISSIONS
from xunhe.web.refusals import refusal
from xunhe.web.resume import log_in_again
from xunhe.web.route_rules import Found
from xunhe.web.scope import Person, identify
from xunhe.web.sight import lies_within
from xunhe.web.wording import Words

log = logging.getLogger(__name__)

COOKIE = "xunhe_session"

_OPEN_FOLDER = "/static/"
_LOGGED_PATH = 200  # letters


class AccessGuard:
    """Stands before every route, so that nothing of a refused request is parsed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its session and person, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        request.state.session = request.state.person = request.state.found = None
        if request.method in SAFE_METHODS and scope["path"].startswith(_OPEN_FOLDER):
            await self._app(scope, receive, send)
            return
        refused = await run_in_threadpool(_refused, request)
        if refused is not None:
            _note_refusal(request, refused)
        if refused is not None and _is_interrupted(request, refused):
            refused = await log_in_again(request)
        target = self._app if refused is None else refused
        await target(scope, receive, send)


async def check_csrf(request: Request) -> None:
    """On every route: a write with a session brings the session's token."""
    session = session_of(request)
    if request.method in SAFE_METHODS or session is None:
        return
    token = request.headers.get("x-csrf-token") or await _form_token(request)
    if not hmac.compare_digest(token.encode(), session.csrf.encode()):
        raise RefusedError(
            403,
            "csrf",
            "the CSRF token is missing or wrong: reload the page and try again",
            "缺少或错误的防伪令牌：请刷新页面后重试",
        )


def check_route(request: Request) -> None:
    """On every route: the guard judged by this route's own line and no other's."""
    found: Found | None = request.state.found
    path = request.scope["route"].path
    if found is None or found.template.partition(" ")[2] != path:
        raise NotFoundError("rule for", "权限规定", path)


def session_of(request: Request) -> Session | None:
    """Who is logged in, as the guard found it."""
    found: Session | None = request.state.session
    return found


def _note_refusal(request: Request, answer: Response) -> None:
    """Who was refused what, for whoever looks for break-ins; without the query, and a stranger's
    way to the log-in is nothing to note."""
    person, host = request.state.person, request.client.host if request.client else ""
    if person is not None or request.method not in SAFE_METHODS:
        who = "" if person is None else person.user
        path = request.scope["path"][:_LOGGED_PATH]
        log.warning(
            "refused=%d %s %r to %r from %s", answer.status_code, request.method, path, who, host
        )


def _refused(request: Request) -> Response | None:
    """The answer to a request that may not pass; None where it may. Leaves session, person and
    rule in the request's state."""
    console: Console = request.app.state.console
    state = request.state
    state.found = found = PERMISSIONS.find(request.method, request.scope["path"])
    state.session = _session(request, console)
    if state.session is not None:
        with console.database.read() as connection:
            state.person = identify(console, connection, state.session.user)
    caller = Caller(
        roles=None if state.person is None else state.person.roles,
        own_origin=is_own_origin(request.headers),
        has_token=_has_token(request, console.settings.read_token),
    )
    decision = decide(
        None if found is None else found.rule,
        request.method,
        caller,
        read_without_login=console.settings.read_without_login,
    )
    if not decision.passes:
        return refusal(request, decision)
    if decision is not Decision.ROLE or found is None:
        return None
    refused = _of_another_reach(request, console, state.person, found)
    if refused is None and found.rule.personal is not None:
        _note_look(request, console, state.person, found.rule.personal)
    return refused


def _of_another_reach(
    request: Request, console: Console, person: Person, found: Found
) -> Response | None:
    """The answer where the path names what is not his to see."""
    thing, key = found.rule.thing, found.named
    if thing is None or key is None:
        return None
    with console.database.read() as connection:
        if lies_within(console, connection, person, thing, key):
            return None
    return answer(request, NotFoundError(*thing.value, key))


def _note_look(request: Request, console: Console, person: Person, what: Words) -> None:
    """Before anything is shown: a look that is not noted is not given."""
    why = request.query_params.get("why", "").strip()
    look = looks.Look(
        at=console.wall.now(),
        user=person.user,
        role="+".join(sorted(person.roles)),
        what_zh=what.zh,
        what_en=what.en,
        subject=request.scope["path"],
        why=why[: looks.MAX_WHY],
    )
    with console.database.write() as connection:
        looks.note(connection, look)


def _session(request: Request, console: Console) -> Session | None:
    token = request.cookies.get(COOKIE)
    return find_session(console.database, token, console.wall.now()) if token else None


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


def _is_interrupted(request: Request, refused: Response) -> bool:
    """True for a page's form whose session has ended: the browser still shows its cookie."""
    is_form = request.method == "POST" and not wants_json(request.url.path)
    is_known = request.state.found is not None and COOKIE in request.cookies
    return is_form and is_known and refused.status_code == 401
