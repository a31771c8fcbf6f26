"""Moves the positions of rows from one datum to another."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from xunhe.adapters.registry_objects import Row
from xunhe.adapters.registry_rows import MAP_KINDS, Book
from xunhe.adapters.registry_tables.checking import Numbered
from xunhe.domain.gcj02 import Position

Move = Callable[[Position], Position]

_DIGITS = 6  # of a degree: a decimetre


def moved_book(book: Book, move: Move) -> Book:
    """The book with each (lon, lat) of its geometries moved."""
    rows = {
        kind: [_moved_row(row, move) for row in each] if kind in MAP_KINDS else each
        for kind, each in book.rows.items()
    }
    return replace(book, rows=rows)


def moved(row: Numbered, move: Move) -> Numbered:
    """A flat row with its positions moved."""
    flat = dict(row.flat)
    if flat.get("lon") is not None and flat.get("lat") is not None:
        flat["lon"], flat["lat"] = _points([flat["lon"], flat["lat"]], move)
    for key in ("line", "shore"):
        if flat.get(key):
            flat[key] = _points(flat[key], move)
    return replace(row, flat=flat)


def _moved_row(row: Row, move: Move) -> Row:
    geometry = row.get("geometry")
    if not geometry:
        return row
    return {**row, "geometry": {**geometry, "coordinates": _points(geometry["coordinates"], move)}}


def _points(value: Any, move: Move) -> Any:
    """A point, or lists of points however deep."""
    if isinstance(value[0], int | float):
        return [round(degrees, _DIGITS) for degrees in move((value[0], value[1]))]
    return [_points(each, move) for each in value]
