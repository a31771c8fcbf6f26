"""A table of places and times as CSV (RFC 4180) or GeoJSON (RFC 7946), piece by piece.

Both are made of the same rows. A row's place is WGS-84 (lon, lat), or None.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Cell = str | float | int | bool | None
CSV = "text/csv; charset=utf-8; header=present"
GEOJSON = "application/geo+json"

_BOM = "\ufeff"  # Excel takes a file without it for one of the local code page
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `unit` stands beside its name in CSV and under `units` in GeoJSON."""

    name: str
    unit: str = ""

    @property
    def header(self) -> str:
        """Such as `do_mg_l (mg/L)`."""
        return f"{self.name} ({self.unit})" if self.unit else self.name


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a cell for each column. `key` is the feature's id."""

    key: str
    cells: Sequence[Cell]
    lon_lat: tuple[float, float] | None


def as_csv(
    columns: Sequence[Column], batches: Iterable[Sequence[Row]], *, for_excel: bool
) -> Iterator[str]:
    """A header and a line each, the place in the last two columns.

    `for_excel`: with a BOM, and no text that a spreadsheet would run as a formula.
    """
    headers = [column.header for column in columns]
    yield (_BOM if for_excel else "") + _lines([[*headers, "lon (°)", "lat (°)"]])
    for batch in batches:
        if batch:
            yield _lines([_cells(row, for_excel=for_excel) for row in batch])


def as_geojson(columns: Sequence[Column], batches: Iterable[Sequence[Row]]) -> Iterator[str]:
    """A FeatureCollection of points; a row without a place has a null geometry (3.2)."""
    units = {column.name: column.unit for column in columns if column.unit}
    yield f'{{"type": "FeatureCollection", "units": {_json(units)}, "features": ['
    separator = "\n"
    for batch in batches:
        for row in batch:
            yield separator + _json(_feature(columns, row))
            separator = ",\n"
    yield "\n]}\n"


def _feature(columns: Sequence[Column], row: Row) -> dict[str, Any]:
    properties = {c.name: cell for c, cell in zip(columns, row.cells, strict=True)}
    point = None
    if row.lon_lat is not None:
        point = {"type": "Point", "coordinates": list(row.lon_lat)}
    return {"type": "Feature", "id": row.key, "geometry": point, "properties": properties}


def _cells(row: Row, *, for_excel: bool) -> list[Cell]:
    cells = [*row.cells, *(row.lon_lat or (None, None))]
    return [_harmless(cell) for cell in cells] if for_excel else cells


def _harmless(cell: Cell) -> Cell:
    """Text that would be a formula begins with an apostrophe, as OWASP advises."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _lines(rows: Iterable[Sequence[Cell]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False)
