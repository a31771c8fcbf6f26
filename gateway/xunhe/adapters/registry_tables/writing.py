"""Writes the registry as tables: CSV in UTF-8 or GBK, Excel, GeoJSON."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font

from xunhe.adapters.registry_objects import Row
from xunhe.adapters.registry_rows import MAP_KINDS, Book
from xunhe.adapters.registry_tables.columns import TABLES, Table
from xunhe.adapters.registry_tables.rows import flattened, shown
from xunhe.adapters.registry_tables.sheet import TableError
from xunhe.adapters.whole_file import write_whole

# A spreadsheet takes a CSV for UTF-8 only where it begins with the mark.
ENCODINGS = {"utf-8": "utf-8-sig", "gbk": "gbk"}
_WIDTH = 18  # letters of a column of a workbook


def texts(table: Table, rows: Sequence[Row]) -> Iterator[list[str]]:
    """The lines of a table: its header, then its rows."""
    yield [column.heading for column in table.columns]
    for row in rows:
        flat = flattened(row, table)
        yield [shown(flat, column) for column in table.columns]


def write_csv(book: Book, folder: Path, encoding: str) -> list[Path]:
    """One file for each table that has rows. TableError for a letter that GBK does not have."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind, table in TABLES.items():
        rows = book.rows.get(kind, ())
        if not rows:
            continue
        path = folder / f"{kind}.csv"
        text = io.StringIO(newline="")
        csv.writer(text).writerows(texts(table, rows))
        write_whole(path, _encoded(text.getvalue(), encoding, path))
        written.append(path)
    return written


def _encoded(text: str, encoding: str, path: Path) -> bytes:
    try:
        return text.encode(ENCODINGS[encoding])
    except UnicodeEncodeError as error:
        letter = text[error.start]
        raise TableError(
            f"{path.name}: GBK 没有“{letter}”字，请用 --encoding utf-8"
            f" / GBK has no {letter!r}: export as utf-8"
        ) from error


def write_excel(book: Book, path: Path) -> list[Path]:
    """One workbook with a sheet for each table that has rows. Every cell is text or a number."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for kind, table in TABLES.items():
        if not (rows := book.rows.get(kind, ())):
            continue
        page = workbook.create_sheet(f"{table.zh} {kind}")
        page.freeze_panes = "B2"
        for number, line in enumerate(texts(table, rows), 1):
            for index, text in enumerate(line, 1):
                cell = page.cell(number, index)
                cell.value = text
                cell.data_type = "s"  # never a formula
                cell.font = Font(bold=number == 1)
        for column in page.column_dimensions.values():
            column.width = _WIDTH
    buffer = io.BytesIO()
    workbook.save(buffer)
    write_whole(path, buffer.getvalue())
    return [path]


def geojson_text(book: Book) -> str:
    """All waters and places as one FeatureCollection, a feature a line."""
    features = (_feature(row) for kind in MAP_KINDS for row in book.rows.get(kind, ()))
    body = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    return '{"type": "FeatureCollection", "features": [\n' + body + "\n]}\n"


def _feature(row: Row) -> dict[str, object]:
    properties = {key: value for key, value in row.items() if key != "geometry"}
    return {"type": "Feature", "properties": properties, "geometry": row.get("geometry") or None}


def write_geojson(book: Book, path: Path) -> list[Path]:
    """The waters and places as GeoJSON."""
    write_whole(path, geojson_text(book).encode())
    return [path]
