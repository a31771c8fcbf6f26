"""One form, one effect: a form that carries a key (`f.once()`) and comes twice acts once.

The second sending is led where the first one went. A form that was refused may be sent again.
"""

from datetime import timedelta

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xunhe.adapters.store.schema import sent_form
from xunhe.adapters.store.upsert import insert, is_new
from xunhe.web.access import session_of
from xunhe.web.console import Console
from xunhe.web.failures import CallerError, answer, wants_json

_KEPT = timedelta(days=2)
_MAX_KEY = 64  # characters


class SentBeforeError(CallerError):
    """The same form again: `location` is where the first one led."""

    def __init__(self, location: str | None) -> None:
        super().__init__(
            409, "sent_before", "this form was sent before", "此表单已提交过，正在处理或已完成"
        )
        self.location = location


async def answer_again(request: Request, error: SentBeforeError) -> Response:
    """The second sending: on to where the first one led, or a word that it is under way."""
    if error.location is None:
        return answer(request, error)
    return RedirectResponse(error.location, 303)


async def claim_form(request: Request) -> None:
    """On every route: remember the key of a form; SentBeforeError for one that came before."""
    session = session_of(request)
    kind = request.headers.get("content-type", "")
    is_form = "form" in kind and not wants_json(request.url.path)
    if session is None or request.method != "POST" or not is_form:
        return
    key = (await request.form()).get("once")
    if not isinstance(key, str) or not 0 < len(key) <= _MAX_KEY:
        return
    console: Console = request.app.state.console
    await run_in_threadpool(_claim, console, session.user, key)
    request.state.once = key


class RememberForms:
    """Notes where a form that was taken led to, and frees the key of one that was not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; look at the answer's first line."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        request.state.once = None

        async def remembering(message: Message) -> None:
            if message["type"] == "http.response.start" and request.state.once is not None:
                location = MutableHeaders(scope=message).get("location")
                was_taken = message["status"] < 400 and location is not None
                await run_in_threadpool(_settle, request, location if was_taken else None)
            await send(message)

        await self._app(scope, receive, remembering)


def _claim(console: Console, user: str, key: str) -> None:
    now = console.wall.now()
    mine = (sent_form.c.user == user, sent_form.c.key == key)
    with console.database.write() as connection:
        connection.execute(sa.delete(sent_form).where(sent_form.c.at < now - _KEPT))
        row = {"user": user, "key": key, "at": now}
        if not is_new(connection, insert(sent_form).values(**row)):
            raise SentBeforeError(
                connection.execute(sa.select(sent_form.c.location).where(*mine)).scalar()
            )


def _settle(request: Request, location: str | None) -> None:
    session = session_of(request)
    console: Console = request.app.state.console
    if session is None:
        return
    mine = (sent_form.c.user == session.user, sent_form.c.key == request.state.once)
    with console.database.write() as connection:
        if location is None:
            connection.execute(sa.delete(sent_form).where(*mine))
        else:
            connection.execute(sa.update(sent_form).where(*mine).values(location=location))
