"""The bill of materials: the schematic's parts counted, each with its order code."""

import csv
import io
from collections import defaultdict

from hardware.controller.netlist import Component, Netlist
from hardware.data import rows

COLUMNS = (
    "group",
    "item",
    "quantity",
    "references",
    "description",
    "maker",
    "mpn",
    "alternative",
    "price_class",
)


class BillError(ValueError):
    """Parts without an order code, or order codes without a part."""


def table(netlist: Netlist) -> list[dict[str, str]]:
    """Rows of the controller, then of buoy and gateway. Raises BillError."""
    parts = {row["item"]: row for row in rows("bom/parts.csv")}
    placed: dict[tuple[str, bool], list[Component]] = defaultdict(list)
    for component in netlist.components:
        placed[component.item, component.fitted].append(component)
    used = {item for item, _ in placed}
    if used != set(parts):
        raise BillError(
            f"not in parts.csv: {sorted(used - set(parts))};"
            f" not in the schematic: {sorted(set(parts) - used)}"
        )
    board = [_row(parts[item], fitted, placed[item, fitted]) for item, fitted in sorted(placed)]
    return board + [_bought(row) for row in rows("bom/assembly.csv")]


def as_csv(netlist: Netlist) -> str:
    """The table as CSV with a byte order mark, so that spreadsheets read its Chinese."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table(netlist))
    return "\ufeff" + text.getvalue()


def _row(part: dict[str, str], fitted: bool, components: list[Component]) -> dict[str, str]:
    return {
        **part,
        "group": "controller" if fitted else "controller, not fitted",
        "quantity": str(len(components)),
        "references": " ".join(component.ref for component in components),
    }


def _bought(row: dict[str, str]) -> dict[str, str]:
    return {
        "group": row["group"],
        "item": row["item"],
        "quantity": row["quantity"],
        "references": "",
        "description": row["description"],
        "maker": "",
        "mpn": row["example"],
        "alternative": row["alternative"],
        "price_class": row["price_class"],
    }
