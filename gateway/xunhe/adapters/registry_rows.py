"""The rows of a registry's files, and the registry that they make.

A row is a table of `duty.toml`, or the properties of a feature of `reaches.geojson` with its
`geometry`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xunhe.adapters.registry_objects import DUTY, MAP, Maker, Row, level_named, word_of
from xunhe.desk.categories import CATEGORIES
from xunhe.domain.offices import Level, Subject
from xunhe.domain.registry import Registry, RegistryError

MAP_KINDS = tuple(MAP)  # features of `reaches.geojson`
DUTY_KINDS = tuple(DUTY)  # tables of `duty.toml`
_KINDS = {**MAP, **DUTY}


@dataclass(frozen=True, slots=True)
class Book:
    """All rows of a registry by kind, and what it sets for the whole.

    `levels` and `leads` are as in the file: names of levels, subjects by category. `problems` says
    what in the files is no row of any kind.
    """

    rows: Mapping[str, Sequence[Row]]
    levels: tuple[str, ...] = ()
    leads: Mapping[str, str] | None = None
    problems: tuple[str, ...] = ()


def build(book: Book) -> Registry:
    """The registry of these rows. Raises RegistryError with every problem found."""
    problems = list(book.problems)
    made = {
        kind: list(_made(kind, book.rows.get(kind, ()), make, problems))
        for kind, (make, _) in _KINDS.items()
    }
    levels, leads = _whole(book, problems)
    tenures = tuple(made.pop("tenure"))
    tables: dict[str, Any] = {
        _KINDS[kind][1]: _by_code(things, kind, problems) for kind, things in made.items()
    }
    if problems:
        raise RegistryError(problems)
    return Registry(**tables, tenures=tenures, levels=levels, leads=leads)


def _made(kind: str, rows: Sequence[Row], make: Maker, problems: list[str]) -> Iterator[Any]:
    for row in rows:
        try:
            yield make(row)
        except KeyError as missing:
            problems.append(f"{kind} {row.get('code', '?')}: {missing.args[0]} is missing")
        except (ValueError, TypeError, AttributeError) as error:
            problems.append(f"{kind} {row.get('code', '?')}: {error}")


def _by_code(things: Sequence[Any], kind: str, problems: list[str]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for thing in things:
        if thing.code in table:
            problems.append(f"{kind} {thing.code}: registered twice")
        table[thing.code] = thing
    return table


def _whole(book: Book, problems: list[str]) -> tuple[tuple[Level, ...], dict[str, Subject]]:
    """The levels and leads of a book; every usual level where it names none."""
    known = {*CATEGORIES, *(category.group for category in CATEGORIES.values())}
    for code in sorted((book.leads or {}).keys() - known):
        problems.append(f"leads: {code} is no category or group of problems")
    try:
        levels = tuple(sorted(level_named(name) for name in book.levels)) or tuple(Level)
        leads = {code: word_of(Subject, book.leads or {}, code) for code in book.leads or {}}
    except ValueError as error:
        problems.append(str(error))
        return tuple(Level), {}
    return levels, leads
