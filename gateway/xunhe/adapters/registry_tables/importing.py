"""Takes sheets into a registry: whole, or not at all and with everything that is wrong.

A row replaces the one of its code, or joins the table; columns that a sheet does not have keep
what they hold. Where `whole` is set, the sheets are all that their tables are to hold.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from xunhe.adapters.registry_rows import Book, build
from xunhe.adapters.registry_tables.checking import (
    Known,
    Numbered,
    fits,
    parsed,
    without_doubles,
)
from xunhe.adapters.registry_tables.columns import TABLES, Table
from xunhe.adapters.registry_tables.datum import moved
from xunhe.adapters.registry_tables.merging import Counts, merged
from xunhe.adapters.registry_tables.sheet import Problem, Sheet
from xunhe.domain.gcj02 import Position
from xunhe.domain.registry import RegistryError

Brought = dict[str, list[Numbered]]

# How the sentences of a RegistryError begin: the kind and code of their subject.
_SUBJECT = re.compile(r"(?P<kind>[a-z]+) (?P<code>[^:\s]+): (?P<reason>.*)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The registry's rows after an import, or what is wrong: then nothing of it counts."""

    book: Book
    counts: Mapping[str, Counts]
    problems: tuple[Problem, ...]


def take_in(
    book: Book,
    sheets: Sequence[Sheet],
    whole: bool = False,
    datum: Callable[[Position], Position] | None = None,
) -> Outcome:
    """The outcome of an import into a registry's rows.

    `datum` takes the sheets' positions to WGS-84, where they are in another one.
    """
    problems: list[Problem] = []
    brought = _brought(sheets, problems)
    if datum is not None:
        brought = {k: [moved(row, datum) for row in rows] for k, rows in brought.items()}
    rows = _fitting(book, brought, whole, problems)
    joined, counts = merged(book, rows, whole)
    problems += _of_the_whole(joined, rows, is_complete=not problems)
    return Outcome(joined, counts, tuple(sorted(problems)))


def _brought(sheets: Sequence[Sheet], problems: list[Problem]) -> Brought:
    """The rows that can be read, each once."""
    rows: Brought = {sheet.kind: [] for sheet in sheets}
    for sheet in sheets:
        rows[sheet.kind] += parsed(sheet, problems)
    return {kind: without_doubles(each, TABLES[kind], problems) for kind, each in rows.items()}


def _fitting(book: Book, rows: Brought, whole: bool, problems: list[Problem]) -> Brought:
    """The rows that refer only to what is known, in the registry or in this import."""
    known = _known(book, rows, whole)
    fitting: Brought = {}
    for kind, numbered in rows.items():
        fitting[kind] = []
        for row in numbered:
            found = fits(row, TABLES[kind], known)
            problems += found
            if not found:
                fitting[kind].append(row)
    return fitting


def _known(book: Book, rows: Brought, whole: bool) -> Known:
    known = Known()
    for kind in TABLES:
        if not (whole and kind in rows):
            for row in book.rows.get(kind, ()):
                known.learn(kind, row)
        for numbered in rows.get(kind, ()):
            known.learn(kind, numbered.flat)
    return known


def _of_the_whole(book: Book, rows: Brought, is_complete: bool) -> list[Problem]:
    """What is wrong with the registry as it would be.

    Where rows had to be left out, only what is said of a row that came: the rest may follow from
    what is missing.
    """
    try:
        build(book)
    except RegistryError as error:
        found = [_placed(sentence, rows) for sentence in error.problems]
        return [problem for problem in found if is_complete or problem.sheet]
    return []


def _placed(sentence: str, rows: Brought) -> Problem:
    """A sentence of the registry with the row that it is about, if that row was brought in."""
    subject = _SUBJECT.fullmatch(sentence)
    if subject is None:
        return Problem("", 0, "", sentence)
    kind, code, reason = subject["kind"], subject["code"], subject["reason"]
    candidates = [(kind, "code"), ("tenure", "post")] if kind == "post" else [(kind, "code")]
    for of_kind, key in candidates:
        for row in rows.get(of_kind, ()):
            if row.flat.get(key) == code:
                return Problem(row.sheet, row.number, _column(TABLES[of_kind], reason), reason)
    return Problem("", 0, "", sentence)


def _column(table: Table, reason: str) -> str:
    """The first column that a sentence names; empty where it speaks of none."""
    named = (column for column in table.columns if re.search(rf"\b{column.key}\b", reason))
    return next((column.heading for column in named), "")
