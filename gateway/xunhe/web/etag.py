"""Answers that a program asks for again and again: with an ETag, 304 where nothing changed."""

import hashlib

from fastapi import Request
from fastapi.responses import Response


def unless_known(request: Request, body: bytes, media_type: str) -> Response:
    """The body, or 304 where `If-None-Match` names it (RFC 9110, 13.1.2)."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    known = request.headers.get("if-none-match", "")
    names = {name.strip().removeprefix("W/") for name in known.split(",")}
    headers = {"etag": tag}
    if tag in names or "*" in names:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
