"""Checks sheets cell by cell: every wrong one with its row, its column and the reason."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xunhe.adapters.registry_tables.columns import TABLES, Column, Table
from xunhe.adapters.registry_tables.rows import Flat, identity
from xunhe.adapters.registry_tables.sheet import Line, Problem, Sheet


@dataclass(frozen=True, slots=True)
class Numbered:
    """A flat row and where it came from."""

    sheet: str
    number: int
    flat: Flat


@dataclass
class Known:
    """What rows may refer to: codes by kind, and how long each reach is."""

    codes: dict[str, set[str]] = field(default_factory=dict)
    lengths_m: dict[str, float] = field(default_factory=dict)

    def learn(self, kind: str, flat: Mapping[str, Any]) -> None:
        """Take a row in: it may be referred to from now on."""
        self.codes.setdefault(kind, set()).add(str(flat.get("code")))
        if kind == "reach" and isinstance(flat.get("length_m"), int | float):
            self.lengths_m[flat["code"]] = flat["length_m"]


def parsed(sheet: Sheet, problems: list[Problem]) -> list[Numbered]:
    """The rows of a sheet whose cells can all be read; the others are among the problems."""
    table = TABLES[sheet.kind]
    columns = list(_columns(sheet, table, problems))
    if not {column.key for column in table.columns if column.is_needed} <= {
        column.key for _, column in columns
    }:
        return []
    rows = []
    for line in sheet.lines:
        found: list[Problem] = []
        flat = _flat(sheet, line, columns, found)
        problems += found
        if not found:
            rows.append(Numbered(sheet.name, line.number, flat))
    return rows


def _columns(sheet: Sheet, table: Table, problems: list[Problem]) -> Iterator[tuple[int, Column]]:
    """The columns that the header names, with their indices."""
    seen: set[str] = set()
    for index, heading in enumerate(sheet.header):
        column = next((each for each in table.columns if each.is_named(heading)), None)
        if column is None and heading:
            reason = "没有这一列 / there is no such column"
            problems.append(Problem(sheet.name, 1, heading, reason))
        elif column is not None and column.key in seen:
            problems.append(Problem(sheet.name, 1, heading, "重复的列 / a column twice"))
        elif column is not None:
            seen.add(column.key)
            yield index, column
    for column in table.columns:
        if column.is_needed and column.key not in seen:
            problems.append(Problem(sheet.name, 1, column.heading, "缺少此列 / is missing"))


def _flat(
    sheet: Sheet,
    line: Line,
    columns: Sequence[tuple[int, Column]],
    problems: list[Problem],
) -> Flat:
    flat: Flat = {}
    for index, column in columns:
        text = line.cell(index)
        try:
            flat[column.key] = column.cell.parse(text) if text else None
        except ValueError as error:
            problems.append(Problem(sheet.name, line.number, sheet.header[index], str(error)))
            continue
        if not text and column.is_needed:
            reason = "不能为空 / must not be empty"
            problems.append(Problem(sheet.name, line.number, sheet.header[index], reason))
    return flat


def without_doubles(
    rows: Sequence[Numbered], table: Table, problems: list[Problem]
) -> list[Numbered]:
    """Each row once: one that comes again is among the problems."""
    first: dict[tuple[Any, ...], Numbered] = {}
    for row in rows:
        earlier = first.setdefault(identity(row.flat, table), row)
        if earlier is not row:
            where = f"{earlier.sheet} 第 {earlier.number} 行 row {earlier.number}"
            problems.append(
                _problem(row, table, table.identity[0], f"与 {where} 重复 / is there already")
            )
    return list(first.values())


def fits(row: Numbered, table: Table, known: Known) -> list[Problem]:
    """What is wrong with what a row refers to and with where it lies."""
    found = [
        _problem(row, table, column.key, f"{code} 未登记 / no such {column.refers} is registered")
        for column in table.columns
        if column.refers is not None
        for code in _codes(row.flat.get(column.key))
        if code not in known.codes.get(column.refers, ())
    ]
    length_m = known.lengths_m.get(row.flat.get("reach", ""))
    position_m = row.flat.get("position_m")
    if length_m is not None and position_m is not None and position_m > length_m:
        reason = f"{position_m:g} 超出河段长度 {length_m:g} m / lies beyond the end of its reach"
        found.append(_problem(row, table, "position_m", reason))
    until, since = row.flat.get("until"), row.flat.get("since")
    if until is not None and since is not None and until <= since:
        found.append(_problem(row, table, "until", "须晚于“起” / must be later than its begin"))
    return found


def _codes(value: Any) -> list[str]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _problem(row: Numbered, table: Table, key: str, reason: str) -> Problem:
    heading = next(column.heading for column in table.columns if column.key == key)
    return Problem(row.sheet, row.number, heading, reason)
