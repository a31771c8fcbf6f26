"""The registry's editor: every table, a form for each row, through the checks of an import."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from xunhe.adapters.registry_desk import (
    CHANGED,
    SUBJECT,
    RegistryDesk,
    row_digest,
    sheet_of_row,
    without_row,
)
from xunhe.adapters.registry_rows import Book
from xunhe.adapters.registry_tables.changes import key_of
from xunhe.adapters.registry_tables.columns import TABLES, Table
from xunhe.adapters.registry_tables.importing import Outcome
from xunhe.adapters.registry_tables.rows import Flat, flattened, shown
from xunhe.adapters.registry_tables.sheet import Problem
from xunhe.adapters.store import desk_log
from xunhe.desk.log import JSON, Entry
from xunhe.desk.roles import Role
from xunhe.domain.registry import RegistryError
from xunhe.web import forms
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_access import offices_write, require
from xunhe.web.failures import NotFoundError
from xunhe.web.form_fields import Sent
from xunhe.web.forms import Filled
from xunhe.web.listing import AskedDep, Column, listed
from xunhe.web.templates import render
from xunhe.web.wording import Words

router = APIRouter(include_in_schema=False)

Kind = Annotated[str, Path(max_length=16)]
Key = Annotated[str, Query(max_length=300)]

_SHOWN = 7  # columns of a table on its page; a CSV has them all
_LAST_CHANGES = 10


@router.get("/registry")
def overview(request: Request, console: ConsoleDep, saved: str = "") -> Response:
    """Every table with how many rows it has, and the last changes."""
    desk = desk_of(console)
    book = desk.book()
    with console.database.read() as connection:
        told = list(desk_log.entries(connection, kinds=[CHANGED]))
    return render(
        request,
        "office/registry.html",
        tables=[(table, len(book.rows.get(kind, ()))) for kind, table in TABLES.items()],
        told=told[: -_LAST_CHANGES - 1 : -1],
        names={kind: table.zh for kind, table in TABLES.items()},
        saved=saved,
    )


@router.get("/registry/{kind}")
def table_page(request: Request, console: ConsoleDep, kind: Kind, asked: AskedDep) -> Response:
    """The rows of a table."""
    table, book = _table(kind), desk_of(console).book()
    flats = [flattened(row, table) for row in book.rows.get(kind, ())]
    columns = _columns(table)
    found = listed(flats, columns if asked.is_csv else columns[:_SHOWN], asked)
    if asked.is_csv:
        return found.csv(kind)
    return render(
        request,
        "office/registry-table.html",
        table=table,
        found=found,
        key_of=lambda flat: key_of(flat, table),
    )


@router.get("/registry/{kind}/row")
def row_page(request: Request, console: ConsoleDep, kind: Kind, key: Key = "") -> Response:
    """The form of a row; without a key, of a new one."""
    table, book = _table(kind), desk_of(console).book()
    flat = _flat(book, table, key)
    if key and flat is None:
        raise NotFoundError("row", "记录", key)
    return _form(request, console, book, table, key, _filled(table, flat))


@router.post("/registry/{kind}/row")
def save(request: Request, console: ConsoleDep, kind: Kind, sent: Sent, key: Key = "") -> Response:
    """Save a row: whole and fitting, or not at all."""
    table = _table(kind)

    def edit(connection: sa.Connection, before: Book) -> Outcome:
        cells = [str(sent.get(column.key, "")).strip() for column in table.columns]
        now = console.clock.now()
        return desk_of(console).tried(connection, before, [sheet_of_row(table, cells)], now)

    return _changed(request, console, table, key, sent, edit)


@router.post("/registry/{kind}/removal")
def remove(
    request: Request, console: ConsoleDep, kind: Kind, sent: Sent, key: Key = ""
) -> Response:
    """Take a row out, unless something still leans on it."""
    table = _table(kind)

    def edit(connection: sa.Connection, before: Book) -> Outcome:
        now = console.clock.now()
        try:
            after = without_row(connection, before, table, key, now)
        except RegistryError as error:
            found = tuple(Problem("", 0, "", sentence) for sentence in error.problems)
            return Outcome(before, {}, found)
        return desk_of(console).checked(connection, before, Outcome(after, {}, ()), now)

    return _changed(request, console, table, key, sent, edit)


def desk_of(console: Console) -> RegistryDesk:
    """The registry's desk, where the gateway reads its registry from a folder."""
    if console.registry_desk is None:
        raise NotFoundError("registry folder", "登记册目录", "")
    return console.registry_desk


def _table(kind: str) -> Table:
    if kind not in TABLES:
        raise NotFoundError("table", "表", kind)
    return TABLES[kind]


def _changed(
    request: Request,
    console: Console,
    table: Table,
    key: str,
    sent: Sent,
    edit: Callable[[sa.Connection, Book], Outcome],
) -> Response:
    """Do an edit, or show the form again with everything that is wrong beside its field."""
    desk, now = desk_of(console), console.clock.now()
    with console.database.write() as connection:
        actor = require(offices_write(request, console, connection), Role.OFFICE)
        before = desk.book()
        form = _against_others(connection, before, table, key, sent)
        if form.is_fit:
            outcome = edit(connection, before)
            form = _with_problems(form, table, outcome.problems)
        if not form.is_fit:
            page = _form(request, console, before, table, key, form, connection)
            page.status_code = 422
            return page
        made = desk.save(connection, before, outcome.book, actor.code, now)
    if made:
        desk.reload()
    return RedirectResponse(f"/registry?saved={len(made)}", 303)


def _against_others(
    connection: sa.Connection, book: Book, table: Table, key: str, sent: Sent
) -> Filled:
    """The form as sent; with a problem where somebody changed the row since it was shown."""
    form = Filled.of(sent)
    if sent.get("seen", "") == row_digest(book, table, key):
        return form
    last = _last_change(connection, table.kind, key)
    by = f"{last.actor}，日志第 {last.seq} 条" if last else "登记册文件"
    en = f"somebody else ({last.actor if last else 'in the file'}) changed this row meanwhile"
    return form.with_problem(
        "", f"他人已修改此行（{by}）：下方列出现值，请核对后再保存", f"{en}: compare, then save"
    )


def _last_change(connection: sa.Connection, kind: str, key: str) -> Entry | None:
    """The newest entry that tells of a row."""
    found = None
    for entry in desk_log.entries(connection, kinds=[CHANGED], subject=SUBJECT):
        told = entry.data.get("changes")
        if isinstance(told, Sequence) and any(_names(each, kind, key) for each in told):
            found = entry
    return found


def _names(told: JSON, kind: str, key: str) -> bool:
    """Is a change of the log about this row?"""
    return isinstance(told, Sequence) and list(told)[:2] == [kind, key]


def _with_problems(form: Filled, table: Table, problems: Sequence[Problem]) -> Filled:
    """Each problem beside the field that it is about."""
    named = {name: column.key for column in table.columns for name in (column.key, column.heading)}
    for problem in problems:
        zh, _, en = problem.reason.partition(" / ")
        form = form.with_problem(named.get(problem.column, ""), zh, en)
    return form


def _filled(table: Table, flat: Flat | None) -> Filled:
    if flat is None:
        return forms.EMPTY
    return Filled({column.key: shown(flat, column) for column in table.columns})


def _flat(book: Book, table: Table, key: str) -> Flat | None:
    flats = (flattened(row, table) for row in book.rows.get(table.kind, ()))
    return next((flat for flat in flats if key_of(flat, table) == key), None)


def _columns(table: Table) -> list[Column[Flat]]:
    return [
        Column(
            column.key,
            Words(column.zh, column.key),
            lambda flat, column=column: shown(flat, column),  # type: ignore[misc]
        )
        for column in table.columns
    ]


def _form(
    request: Request,
    console: Console,
    book: Book,
    table: Table,
    key: str,
    form: Filled,
    connection: sa.Connection | None = None,
) -> Response:
    flat = _flat(book, table, key)
    now_there = {} if flat is None else {c.key: shown(flat, c) for c in table.columns}
    return render(
        request,
        "office/registry-row.html",
        table=table,
        key=key,
        form=form,
        seen=row_digest(book, table, key),
        now_there=now_there,
        known={
            kind: [(str(row.get("code")), _name(row)) for row in book.rows.get(kind, ())]
            for kind in {column.refers for column in table.columns if column.refers}
        },
    )


def _name(row: Any) -> str:
    return str(row.get("name") or row.get("title") or row.get("code"))
