"""Lists as people read them: filtered, sorted, in pages, and whole as CSV.

Whoever has all rows at hand uses `listed`; who asks a database for one page builds `Listing` of it.
The address holds everything: `?q=竹桥&unit=U-1&sort=-due&page=2&format=csv`.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import Response

from xunhe.domain.clock import SHANGHAI
from xunhe.web.wording import Words

A_PAGE = 50
_OF_ITS_OWN = frozenset({"q", "sort", "page", "format"})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST = 100  # letters of one filter

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column: `value` is what is sorted, searched and exported, however a page shows it."""

    key: str
    words: Words
    value: Callable[[Row], object]
    is_sortable: bool = True
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Choice(Generic[Row]):
    """A filter by one of a few values; `value` left out: the asker filters by itself."""

    key: str
    words: Words
    options: Sequence[tuple[str, Words]]
    value: Callable[[Row], object] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks of a list."""

    path: str = ""
    q: str = ""
    sort: str = ""
    page: int = 1
    is_csv: bool = False
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def sort_key(self) -> str:
        """The column to sort by."""
        return self.sort.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        """The greatest first."""
        return self.sort.startswith("-")

    @property
    def first(self) -> int:
        """How many rows come before this page."""
        return (self.page - 1) * A_PAGE

    def link(self, **changes: object) -> str:
        """The address of the same list with something else asked of it."""
        asked = {**self.chosen, "q": self.q, "sort": self.sort, "page": self.page, **changes}
        kept = {key: value for key, value in asked.items() if value not in ("", None)}
        if kept.get("page") == 1:
            del kept["page"]
        return f"{self.path}?{urlencode(kept)}" if kept else self.path

    def sorted_by(self, key: str) -> str:
        """The address of the list sorted by a column; asked again, the other way round."""
        is_up = self.sort == key
        return self.link(sort=f"-{key}" if is_up else key, page=1)


def _asked(request: Request) -> Asked:
    said = {key: value.strip()[:_LONGEST] for key, value in request.query_params.items()}
    page = said.get("page", "1")
    return Asked(
        path=request.url.path,
        q=said.get("q", ""),
        sort=said.get("sort", ""),
        page=max(int(page), 1) if page.isdecimal() and len(page) < 7 else 1,
        is_csv=said.get("format") == "csv",
        chosen={key: value for key, value in said.items() if key not in _OF_ITS_OWN and value},
    )


AskedDep = Annotated[Asked, Depends(_asked)]


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """One page of a list; for a CSV, `rows` are all of them."""

    columns: Sequence[Column[Row]]
    rows: Sequence[Row]
    total: int
    asked: Asked
    choices: Sequence[Choice[Row]] = ()

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(-(-self.total // A_PAGE), 1)

    def csv(self, name: str) -> Response:
        """The rows as a file that spreadsheets open; the mark makes them take it for UTF-8."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow([f"{each.words.zh} {each.words.en}".strip() for each in self.columns])
        for row in self.rows:
            writer.writerow([_cell(column.value(row)) for column in self.columns])
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        data = text.getvalue().encode("utf-8-sig")
        return Response(data, media_type="text/csv; charset=utf-8", headers=headers)


def listed(
    rows: Iterable[Row],
    columns: Sequence[Column[Row]],
    asked: Asked,
    choices: Sequence[Choice[Row]] = (),
) -> Listing[Row]:
    """The rows that are asked for."""
    found = [row for row in rows if _passes(row, columns, choices, asked)]
    column = next((each for each in columns if each.key == asked.sort_key), None)
    if column is not None and column.is_sortable:
        found = _sorted(found, column.value, asked.is_descending)
    shown = found if asked.is_csv else found[asked.first : asked.first + A_PAGE]
    return Listing(columns, shown, len(found), asked, choices)


def _passes(
    row: Row, columns: Sequence[Column[Row]], choices: Sequence[Choice[Row]], asked: Asked
) -> bool:
    for choice in choices:
        wanted = asked.chosen.get(choice.key)
        if wanted and choice.value is not None and str(_plain(choice.value(row))) != wanted:
            return False
    if not asked.q:
        return True
    wanted = asked.q.casefold()
    return any(wanted in _cell(column.value(row)).casefold() for column in columns)


def _sorted(rows: Iterable[Row], value: Callable[[Row], object], is_descending: bool) -> list[Row]:
    """By a value; rows without one come last either way."""
    with_value = [row for row in rows if value(row) is not None]
    without = [row for row in rows if value(row) is None]

    def key(row: Row) -> Any:
        return _plain(value(row))

    return sorted(with_value, key=key, reverse=is_descending) + without


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else value


def _cell(value: object) -> str:
    """A value as text; what a spreadsheet would take for a formula is quoted."""
    value = _plain(value)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    is_formula = isinstance(value, str) and text.startswith(_FORMULA)
    return f"'{text}" if is_formula else text
