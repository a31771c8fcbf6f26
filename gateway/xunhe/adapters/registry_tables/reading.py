"""Reads files as sheets: CSV in UTF-8 or GBK, Excel, GeoJSON."""

import csv
import io
import json
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePath
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from xunhe.adapters.registry_rows import MAP_KINDS
from xunhe.adapters.registry_tables.columns import TABLES, Table, table_named
from xunhe.adapters.registry_tables.rows import flattened, shown
from xunhe.adapters.registry_tables.sheet import Line, Sheet, TableError
from xunhe.domain.clock import SHANGHAI

_MOST_UNPACKED = 128 * 2**20  # bytes: a workbook of a hundred thousand rows takes 60 MiB
_MOST_PARTS = 500
# What openpyxl, zipfile and expat say of a workbook that is damaged.
_BROKEN = (
    InvalidFileException,
    BadZipFile,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    NotImplementedError,
    OSError,
    EOFError,
    SyntaxError,
    zlib.error,
)
# GB 18030 holds all of GBK and reads whatever a spreadsheet of a Chinese system calls ANSI.
_ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it came: its name, or its path where it lies on a disk, and what is in it."""

    name: str
    data: bytes

    @property
    def path(self) -> PurePath:
        """Its name, taken apart."""
        return PurePath(self.name)

    def __str__(self) -> str:
        return self.name


def read_sheets(path: Path, kind: str | None = None) -> list[Sheet]:
    """The sheets of a file on a disk; as `sheets_of`."""
    try:
        return sheets_of(Source(str(path), path.read_bytes()), kind)
    except OSError as error:
        raise TableError(f"{path}: {error.strerror}") from error


def sheets_of(source: Source, kind: str | None = None) -> list[Sheet]:
    """The sheets of a file; `kind` says what a CSV holds whose name does not.

    Raises TableError where it cannot be read as a table.
    """
    readers = {".csv": _csv, ".xlsx": _excel, ".geojson": _geojson, ".json": _geojson}
    reader = readers.get(source.path.suffix.lower())
    if reader is None:
        raise TableError(f"{source}: 只接受 {'、'.join(readers)} / only these are read")
    return list(reader(source, kind))


def _csv(source: Source, kind: str | None) -> Iterator[Sheet]:
    table = _table(source, source.path.stem, kind)
    try:
        lines = list(csv.reader(io.StringIO(_decoded(source), newline="")))
    except csv.Error as error:
        raise TableError(f"{source}: 不是 CSV / is no CSV: {error}") from error
    yield _sheet(source.path.name, table, lines)


def _decoded(source: Source) -> str:
    data = source.data
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError(f"{source}: 既不是 UTF-8 也不是 GBK / is neither UTF-8 nor GBK")


def _excel(source: Source, kind: str | None) -> Iterator[Sheet]:
    _check_unpacked(source)
    try:
        pages = _pages(source)
    except _BROKEN as error:
        raise TableError(f"{source}: 不是 Excel 工作簿 / is no workbook: {error}") from error
    for title, lines in pages:
        if any(any(line) for line in lines):
            table = _table(source, title, kind if len(pages) == 1 else None)
            yield _sheet(f"{source.path.name}[{title}]", table, lines)


def _pages(source: Source) -> list[tuple[str, list[list[str]]]]:
    """The title and the cells of each worksheet."""
    book = load_workbook(io.BytesIO(source.data), read_only=True, data_only=True)
    try:
        return [
            (
                page.title,
                [[_cell(value) for value in row] for row in page.iter_rows(values_only=True)],
            )
            for page in book.worksheets
        ]
    finally:
        book.close()


def _check_unpacked(source: Source) -> None:
    """TableError for a workbook that would unpack to more than memory should hold."""
    try:
        with ZipFile(io.BytesIO(source.data)) as archive:
            parts = archive.infolist()
    except _BROKEN as error:
        raise TableError(f"{source}: 不是 Excel 工作簿 / is no workbook: {error}") from error
    size = sum(part.file_size for part in parts)
    if size > _MOST_UNPACKED or len(parts) > _MOST_PARTS:
        raise TableError(
            f"{source}: 解压后 {size} 字节、{len(parts)} 个文件，至多"
            f" {_MOST_UNPACKED} 字节、{_MOST_PARTS} 个 / unpacks to {size} bytes in"
            f" {len(parts)} files, at most {_MOST_UNPACKED} in {_MOST_PARTS}"
        )


def _cell(value: object) -> str:
    """The text of a cell. A date of a spreadsheet has no offset: it is meant in Asia/Shanghai."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=SHANGHAI)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _geojson(source: Source, _kind: str | None) -> Iterator[Sheet]:
    try:
        features = json.loads(source.data.decode("utf-8"))["features"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise TableError(f"{source}: 不是要素集合 / is no FeatureCollection: {error}") from error
    rows: defaultdict[str, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for number, feature in enumerate(features, 1):
        row = _properties(source, number, feature)
        rows[row["kind"]].append((number, row))
    for kind, numbered in rows.items():
        yield _sheet_of_features(source.path.name, TABLES[kind], numbered)


def _properties(source: Source, number: int, feature: object) -> dict[str, Any]:
    properties = feature.get("properties") if isinstance(feature, Mapping) else None
    kind = properties.get("kind") if isinstance(properties, Mapping) else None
    if not isinstance(feature, Mapping) or properties is None or kind not in MAP_KINDS:
        known = ", ".join(MAP_KINDS)
        raise TableError(f"{source}: 要素 {number} / feature {number}: kind {kind!r}: {known}")
    return {**properties, "geometry": feature.get("geometry")}


def _sheet_of_features(
    name: str, table: Table, numbered: list[tuple[int, dict[str, Any]]]
) -> Sheet:
    columns = {column.key: column for column in table.columns}
    header = dict.fromkeys(columns)
    lines = []
    for number, row in numbered:
        try:
            flat = flattened(row, table)
            header.update(dict.fromkeys(flat))
            cells = {
                key: shown(flat, columns[key]) if key in columns else str(flat[key]) for key in flat
            }
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
            raise TableError(
                f"{name}: 要素 {number} / feature {number} ({row.get('code')}): {error}"
            ) from error
        lines.append((number, cells))
    return Sheet(
        name,
        table.kind,
        tuple(header),
        tuple(Line(n, tuple(cells.get(key, "") for key in header)) for n, cells in lines),
    )


def _table(source: Source, name: str, kind: str | None) -> Table:
    table = table_named(kind or name)
    if table is None:
        known = "、".join(f"{table.zh} {table.kind}" for table in TABLES.values())
        raise TableError(
            f"{source}: 看不出 {kind or name!r} 是哪种表，用 --kind 指明"
            f" / which table is it? Name it by --kind: {known}"
        )
    return table


def _sheet(name: str, table: Table, lines: list[list[str]]) -> Sheet:
    if not lines:
        raise TableError(f"{name}: 空表，缺少表头 / is empty: its header is missing")
    header, *rest = lines
    kept = (
        Line(number, tuple(cells))
        for number, cells in enumerate(rest, 2)
        if any(cell.strip() for cell in cells)
    )
    return Sheet(name, table.kind, tuple(cell.strip() for cell in header), tuple(kept))
