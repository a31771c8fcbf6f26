"""A form that was sent after its session had ended: kept through the log-in and offered again.

What was typed travels inside the log-in form, nowhere else. After the log-in a page shows where it
will go; its owner sends it with one press, under the new session's token.
"""

import json
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from xunhe.web.body_limit import MAX_UPLOAD, declared_size
from xunhe.web.permissions import PERMISSIONS
from xunhe.web.templates import render

MAX_TEXT = 64 * 2**10  # characters of a form that is kept
_LEFT_OUT = frozenset({"csrf", "password", "repeated", "old_password"})


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A form that waits for its sender's log-in. `files`: fields whose files have to be chosen
    again."""

    path: str
    fields: tuple[tuple[str, str], ...]
    files: tuple[str, ...] = ()

    def to_text(self) -> str:
        """As the log-in form carries it."""
        return json.dumps([self.path, self.fields, self.files], ensure_ascii=False)


def from_text(text: str) -> Interrupted | None:
    """What `to_text` wrote; None for anything else, or for a page that takes no forms."""
    if len(text) > MAX_TEXT:
        return None
    try:
        path, fields, files = json.loads(text)
        pairs = tuple((str(name), str(value)) for name, value in fields)
        kept = Interrupted(str(path), pairs, tuple(str(name) for name in files))
    except (ValueError, TypeError):
        return None
    return kept if PERMISSIONS.find("POST", kept.path) else None


async def log_in_again(request: Request) -> Response:
    """The log-in page that carries the form which has just been sent."""
    kept = await _interrupted(request)
    page = render(
        request,
        "login.html",
        error=None,
        next="/",
        has_user=True,
        resume=kept.to_text() if kept else "",
        was_interrupted=True,
    )
    page.status_code = 401
    return page


async def _interrupted(request: Request) -> Interrupted | None:
    kind = request.headers.get("content-type", "").partition(";")[0]
    most = MAX_UPLOAD if kind == "multipart/form-data" else MAX_TEXT
    if not kind.startswith(("multipart/", "application/x-www")) or declared_size(request) > most:
        return None
    async with request.form(max_files=8, max_fields=100) as sent:
        pairs = [(k, v) for k, v in sent.multi_items() if k not in _LEFT_OUT]
        fields = tuple((k, v) for k, v in pairs if isinstance(v, str))
        files = tuple(k for k, v in pairs if isinstance(v, UploadFile) and v.size)
    kept = Interrupted(request.url.path, fields, files)
    return kept if len(kept.to_text()) <= MAX_TEXT else None
