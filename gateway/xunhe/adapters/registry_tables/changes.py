"""What differs between two states of a registry's rows, cell by cell, as people read it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from xunhe.adapters.registry_rows import Book
from xunhe.adapters.registry_tables.columns import TABLES, Table
from xunhe.adapters.registry_tables.rows import Flat, flattened, identity, shown


class What(StrEnum):
    """What became of a row."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One row that differs; `cells`: (before, after) by column, of those that differ."""

    kind: str
    key: str
    what: What
    cells: Mapping[str, tuple[str, str]]


def key_of(flat: Mapping[str, Any], table: Table) -> str:
    """What tells a row from the others of its table, as one text."""
    columns = {column.key: column for column in table.columns}
    return "|".join(shown(flat, columns[key]) for key in table.identity)


def changes(before: Book, after: Book) -> Iterator[Change]:
    """Every row that is not the same in both, table by table."""
    for kind, table in TABLES.items():
        old, new = _by_identity(before, table), _by_identity(after, table)
        for key in dict.fromkeys([*old, *new]):
            cells = dict(_differing(old.get(key), new.get(key), table))
            if cells:
                what = What.ADDED if key not in old else What.CHANGED
                what = what if key in new else What.REMOVED
                yield Change(kind, key_of(new.get(key) or old[key], table), what, cells)


def _by_identity(book: Book, table: Table) -> dict[tuple[Any, ...], Flat]:
    flats = (flattened(row, table) for row in book.rows.get(table.kind, ()))
    return {tuple(map(str, identity(flat, table))): flat for flat in flats}


def _differing(
    old: Flat | None, new: Flat | None, table: Table
) -> Iterator[tuple[str, tuple[str, str]]]:
    for column in table.columns:
        before, after = shown(old or {}, column), shown(new or {}, column)
        if before != after:
            yield column.key, (before, after)
