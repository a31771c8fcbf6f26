"""Rows of the registry's files ↔ flat rows whose keys are columns."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from xunhe.adapters.registry_rows import MAP_KINDS
from xunhe.adapters.registry_tables.columns import Column, Shape, Table

Flat = dict[str, Any]


def flattened(row: Mapping[str, Any], table: Table) -> Flat:
    """A row with its geometry in columns."""
    flat = {key: value for key, value in row.items() if key not in ("geometry", "kind")}
    points: Any = (row.get("geometry") or {}).get("coordinates")
    if table.shape is Shape.POINT:
        flat["lon"], flat["lat"] = points[:2]
    elif table.shape is Shape.LINE:
        flat["line"] = points
    elif table.shape is Shape.POLYGON:
        flat["shore"] = points[0]
    return flat


def unflattened(flat: Mapping[str, Any], table: Table) -> dict[str, Any]:
    """The row of a flat one, as the registry's files have it. Blank values are left out."""
    is_of_map = table.kind in MAP_KINDS
    row: dict[str, Any] = {"kind": table.kind} if is_of_map else {}
    for key, value in flat.items():
        if value is not None and key not in ("lon", "lat", "line", "shore"):
            row[key] = _json(value) if is_of_map else value
    if table.kind == "reach":
        row.setdefault("downstream", None)  # the one key that says "the river ends here"
    if is_of_map:
        row["geometry"] = _geometry(flat, table.shape)
    return row


def identity(flat: Mapping[str, Any], table: Table) -> tuple[Any, ...]:
    """What tells this row from the others of its table."""
    return tuple(flat.get(key) for key in table.identity)


def shown(flat: Mapping[str, Any], column: Column) -> str:
    """The text of a row's cell; empty where it has no value."""
    value = flat.get(column.key)
    return "" if value is None else column.cell.show(value)


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _geometry(flat: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    if shape is Shape.NONE:
        return {}
    points: Any = [flat.get("lon"), flat.get("lat")]
    if shape is Shape.LINE:
        points = flat.get("line")
    elif shape is Shape.POLYGON:
        shore = list(flat.get("shore") or ())
        points = [shore if shore[:1] == shore[-1:] else [*shore, *shore[:1]]]
    return {"type": shape.value, "coordinates": points}
