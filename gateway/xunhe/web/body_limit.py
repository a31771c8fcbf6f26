"""How much anybody may send at once. What is more is read to its end, kept nowhere, and refused.

A browser shows the answer to an upload only after it has sent all of it: hanging up in the middle
would leave its owner with a broken connection and no reason.
"""

import math

from fastapi import Request, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xunhe.web.failures import CallerError, answer

MAX_UPLOAD = 16 * 2**20  # bytes of a form with files: a telephone's photo takes 4 to 8 MiB
_DRAINED = 128 * 2**20  # bytes; who sends more is cut off


class BodyLimit:
    """Stands before everything that reads a body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is small enough; count what does not say its size."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        if "content-length" in request.headers and "transfer-encoding" in request.headers:
            await _two_lengths(request)(scope, receive, send)
            return
        size = declared_size(request)
        if math.isfinite(size) and size > MAX_UPLOAD:
            await _drain(receive)
            await answer(request, too_large())(scope, receive, send)
            return
        await self._app(scope, _counted(receive), send)


def _two_lengths(request: Request) -> Response:
    """Two readers could disagree where the body ends (RFC 9112, 6.1): nothing may follow it."""
    refused = answer(
        request,
        CallerError(400, "two_lengths", "one length of the body, please", "正文长度说了两种"),
    )
    refused.headers["connection"] = "close"
    return refused


def declared_size(request: Request) -> float:
    """What the caller says the body takes; unsaid is too much."""
    text = request.headers.get("content-length", "")
    return int(text) if text.isdecimal() else math.inf


def too_large() -> CallerError:
    """What somebody hears who sent too much."""
    most = MAX_UPLOAD // 2**20
    return CallerError(
        413,
        "too_large",
        f"at most {most} MiB at once: send fewer or smaller photographs",
        f"一次至多 {most} MiB：请减少或压缩照片后再传",
    )


def _counted(receive: Receive) -> Receive:
    taken = 0

    async def counting() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MAX_UPLOAD:
            await _drain(receive, taken)
            raise HTTPException(413)
        return message

    return counting


async def _drain(receive: Receive, taken: int = 0) -> None:
    more = True
    while more and taken < _DRAINED:
        message = await receive()
        taken += len(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)
