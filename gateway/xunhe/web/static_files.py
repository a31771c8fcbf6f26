"""Static files, held in memory and compressed once.

/static/<hash>/main.js   the hash is that of all files together: kept by browsers for good
/static/main.js          the same, asked for anew each time (304 where nothing changed)

Modules import each other relatively, so that all of a page comes under one hash.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

FOLDER = Path(__file__).parent / "static"
_LEAST_COMPRESSED = 600  # bytes: less gains nothing
_TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".css": "text/css"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file; `packed` is its gzip form where that is shorter."""

    media_type: str
    plain: bytes
    packed: bytes | None
    tag: str

    @classmethod
    def of(cls, path: Path) -> "StaticFile":
        """A file as it lies there."""
        plain = path.read_bytes()
        packed = gzip.compress(plain, 9, mtime=0) if len(plain) >= _LEAST_COMPRESSED else plain
        guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return cls(
            _TYPES.get(path.suffix, guessed),
            plain,
            packed if len(packed) < len(plain) else None,
            f'"{hashlib.sha256(plain).hexdigest()[:16]}"',
        )


@dataclass(frozen=True, slots=True)
class Shelf:
    """All static files by their path, and the hash of them together."""

    files: Mapping[str, StaticFile]
    hash: str

    def url(self, path: str) -> str:
        """Where a browser gets a file that it may keep. KeyError for one that is not there."""
        if path not in self.files:
            raise KeyError(f"no static file {path}")
        return f"/static/{self.hash}/{path}"

    def is_kept(self, path: str) -> bool:
        """Is this an address whose content never changes?"""
        return path.startswith(f"/static/{self.hash}/")


@lru_cache(1)
def shelf() -> Shelf:
    """The files of this installation, read once."""
    paths = sorted(path for path in FOLDER.rglob("*") if path.is_file())
    files = {path.relative_to(FOLDER).as_posix(): StaticFile.of(path) for path in paths}
    whole = hashlib.sha256()
    for name, file in files.items():
        whole.update(name.encode() + b"\0" + file.tag.encode())
    return Shelf(files, whole.hexdigest()[:12])


class StaticApp:
    """Serves the shelf below /static; what may be kept is decided in headers.py."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("405", 405, {"Allow": "GET, HEAD"})
        path = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/")
        file = shelf().files.get(path.removeprefix(f"{shelf().hash}/"))
        if file is None:
            return PlainTextResponse("404 没有此文件 no such file", 404)
        return _response(file, Headers(scope=scope))


def _response(file: StaticFile, asked: Headers) -> Response:
    headers = {"ETag": file.tag, "Vary": "Accept-Encoding"}
    if file.tag in asked.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if file.packed is None or "gzip" not in asked.get("accept-encoding", ""):
        return Response(file.plain, media_type=file.media_type, headers=headers)
    packed = {**headers, "Content-Encoding": "gzip"}
    return Response(file.packed, media_type=file.media_type, headers=packed)
