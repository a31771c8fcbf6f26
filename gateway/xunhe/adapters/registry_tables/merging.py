"""Joins rows that were brought in with those of a registry."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from xunhe.adapters.registry_rows import Book
from xunhe.adapters.registry_tables.checking import Numbered
from xunhe.adapters.registry_tables.columns import TABLES, Table
from xunhe.adapters.registry_tables.rows import Flat, flattened, identity, shown, unflattened

Identified = dict[tuple[Any, ...], Flat]


@dataclass(frozen=True, slots=True)
class Counts:
    """What becomes of the rows of one table; `removed` names those that go."""

    added: int
    changed: int
    same: int
    removed: tuple[str, ...]


def merged(
    book: Book, rows: Mapping[str, Sequence[Numbered]], whole: bool
) -> tuple[Book, dict[str, Counts]]:
    """The book with the rows in it; `whole`: they are all that their tables are to hold."""
    tables = dict(book.rows)
    counts = {}
    for kind, numbered in rows.items():
        table = TABLES[kind]
        old = _identified((flattened(row, table) for row in book.rows.get(kind, ())), table)
        brought = _identified((row.flat for row in numbered), table)
        new = {key: _over(old.get(key), flat, table) for key, flat in brought.items()}
        joined = new if whole else {**old, **new}
        tables[kind] = [unflattened(flat, table) for flat in joined.values()]
        counts[kind] = _counts(old, new, joined)
    return replace(book, rows=tables), counts


def _identified(flats: Iterable[Flat], table: Table) -> Identified:
    return {identity(flat, table): flat for flat in flats}


def _over(old: Flat | None, flat: Flat, table: Table) -> Flat:
    """A row laid over its old one, columns that are blank filled; the old one if that is equal."""
    laid = {**(old or {}), **flat}
    for column in table.columns:
        if column.instead is not None and laid.get(column.key) is None:
            laid[column.key] = laid.get(column.instead)
    return old if old is not None and _texts(old, table) == _texts(laid, table) else laid


def _texts(flat: Flat, table: Table) -> list[str]:
    """For comparing: a value is the same however it is written."""
    return [shown(flat, column) for column in table.columns]


def _counts(old: Identified, new: Identified, joined: Identified) -> Counts:
    added = sum(key not in old for key in new)
    same = sum(flat is old.get(key) for key, flat in new.items())
    removed = tuple(str(key[0]) for key in old if key not in joined)
    return Counts(added, len(new) - added - same, same, removed)
