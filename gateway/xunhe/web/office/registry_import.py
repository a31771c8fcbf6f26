"""Import with preview: what files would change and every wrong row; then one button writes it all.

What was shown waits in memory under a key. Writing tries it anew on the registry of that instant:
where somebody changed it in between so that it no longer fits, it is shown again and not written.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, File, Form, Path, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from xunhe.adapters.registry_rows import Book
from xunhe.adapters.registry_tables.changes import changes
from xunhe.adapters.registry_tables.columns import TABLES
from xunhe.adapters.registry_tables.importing import Outcome
from xunhe.adapters.registry_tables.reading import Source, sheets_of
from xunhe.adapters.registry_tables.sheet import Sheet, TableError
from xunhe.desk.roles import Role
from xunhe.domain.gcj02 import to_wgs84
from xunhe.web.access import session_of
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_access import offices_write, require
from xunhe.web.failures import NotFoundError
from xunhe.web.office.registry import desk_of
from xunhe.web.templates import render
from xunhe.web.wording import Words

router = APIRouter(include_in_schema=False)

Ticked = Annotated[bool, Form()]

_KEPT = 8  # previews that wait for their button
_MOST_SHOWN = 500  # changed rows on a page; of what is wrong, all


@dataclass(frozen=True, slots=True)
class Waiting:
    """What was brought and is not written; `by` is the account that brought it."""

    by: str
    names: tuple[str, ...]
    sheets: tuple[Sheet, ...]
    whole: bool
    gcj02: bool


class Shelf:
    """The previews that wait, the newest few."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, Waiting] = OrderedDict()

    def put(self, waiting: Waiting) -> str:
        """Keep one; the key to it."""
        key = token_urlsafe(16)
        with self._lock:
            self._waiting[key] = waiting
            while len(self._waiting) > _KEPT:
                self._waiting.popitem(last=False)
        return key

    def get(self, key: str, by: str) -> Waiting:
        """What waits under a key. NotFoundError where nothing of this account does."""
        with self._lock:
            found = self._waiting.get(key)
        if found is None or found.by != by:
            raise NotFoundError("import", "待写入的导入（可能已过期，请重新上传）", key)
        return found

    def drop(self, key: str) -> None:
        """It is written."""
        with self._lock:
            self._waiting.pop(key, None)


_SHELF = Shelf()


@router.get("/registry/import")
def form(request: Request, console: ConsoleDep) -> Response:
    """Where files are chosen."""
    desk_of(console)
    return render(request, "office/import.html", tables=TABLES, problem=None)


@router.post("/registry/import")
def preview(
    request: Request,
    console: ConsoleDep,
    files: Annotated[list[UploadFile], File()],
    kind: Annotated[str, Form(max_length=16)] = "",
    whole: Ticked = False,
    gcj02: Ticked = False,
) -> Response:
    """What the files would change, and every wrong row; nothing is written."""
    try:
        sheets = [
            sheet
            for file in files
            for sheet in sheets_of(Source(file.filename or "", file.file.read()), kind or None)
        ]
    except TableError as error:
        zh, _, en = str(error).partition(" / ")
        page = render(request, "office/import.html", tables=TABLES, problem=Words(zh, en))
        page.status_code = 422
        return page
    names = tuple(file.filename or "" for file in files)
    waiting = Waiting(_account(request), names, tuple(sheets), whole, gcj02)
    with console.database.read() as connection:
        before = desk_of(console).book()
        outcome = _tried(console, connection, before, waiting)
    return _page(request, before, outcome, waiting, _SHELF.put(waiting))


@router.post("/registry/import/{key}")
def write(
    request: Request, console: ConsoleDep, key: Annotated[str, Path(max_length=64)]
) -> Response:
    """Write what was shown; where something is wrong by now, show it anew and write nothing."""
    desk, waiting = desk_of(console), _SHELF.get(key, _account(request))
    with console.database.write() as connection:
        actor = require(offices_write(request, console, connection), Role.OFFICE)
        before = desk.book()
        outcome = _tried(console, connection, before, waiting)
        if outcome.problems:
            return _page(request, before, outcome, waiting, key)
        made = desk.save(connection, before, outcome.book, actor.code, console.clock.now())
    _SHELF.drop(key)
    if made:
        desk.reload()
    return RedirectResponse(f"/registry?saved={len(made)}", 303)


def _account(request: Request) -> str:
    session = session_of(request)
    return "" if session is None else session.user


def _tried(console: Console, connection: sa.Connection, before: Book, waiting: Waiting) -> Outcome:
    return desk_of(console).tried(
        connection,
        before,
        waiting.sheets,
        console.clock.now(),
        whole=waiting.whole,
        datum=to_wgs84 if waiting.gcj02 else None,
    )


def _page(request: Request, before: Book, outcome: Outcome, waiting: Waiting, key: str) -> Response:
    made = [] if outcome.problems else list(changes(before, outcome.book))
    page = render(
        request,
        "office/import-preview.html",
        waiting=waiting,
        key=key,
        counts=outcome.counts,
        problems=outcome.problems,
        changes=made[:_MOST_SHOWN],
        more=max(len(made) - _MOST_SHOWN, 0),
        total=len(made),
        tables=TABLES,
        headings={(t.kind, c.key): c.zh for t in TABLES.values() for c in t.columns},
    )
    page.status_code = 422 if outcome.problems else 200
    return page
