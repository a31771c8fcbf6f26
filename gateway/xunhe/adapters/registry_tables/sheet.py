"""A table as it came: text in cells, with the numbers of its rows; and what is wrong with one."""

from dataclasses import dataclass


class TableError(ValueError):
    """A file that is no table, or a table of a kind that nobody can tell; Chinese and English."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it came; `number` is what the program that shows the file calls it."""

    number: int
    cells: tuple[str, ...]

    def cell(self, index: int) -> str:
        """The text at an index, stripped; empty where the row is shorter."""
        return self.cells[index].strip() if index < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as it came; `kind` is the kind of its rows."""

    name: str
    kind: str
    header: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong where; `row` 0 means the sheet as a whole, an empty `sheet` the registry."""

    sheet: str
    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        row = f"第 {self.row} 行 row {self.row}" if self.row else ""
        column = f"“{self.column}”" if self.column else ""
        where = "，".join(part for part in (self.sheet, row, column) if part)
        return f"{where}: {self.reason}" if where else self.reason
