"""The bill of materials has every part of the schematic once, and nothing else."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from hardware import bill
from hardware.controller import netlist as reader

ROOT = Path(__file__).parents[2]
WIRED = reader.read((ROOT / "hardware/generated/controller.net").read_text("utf-8"))
TABLE = bill.table(WIRED)
CLASSES = {"A", "B", "C", "D", "E", "F"}


def test_every_component_stands_in_the_bill_once() -> None:
    listed = [ref for row in TABLE for ref in row["references"].split()]
    assert sorted(listed) == sorted(part.ref for part in WIRED.components)


def test_quantities_are_counted() -> None:
    for row in TABLE:
        if row["group"].startswith("controller"):
            assert int(row["quantity"]) == len(row["references"].split())
        assert int(row["quantity"]) > 0


def test_every_row_says_what_to_order_and_about_how_dear_it_is() -> None:
    for row in TABLE:
        if row["item"] != "TP":
            assert row["price_class"] in CLASSES, row["item"]
            assert row["description"], row["item"]
            if row["group"].startswith("controller"):
                assert len(row["mpn"]) > 3, row["item"]
                assert row["maker"], row["item"]


def test_what_is_not_fitted_stands_apart() -> None:
    apart = {
        ref for row in TABLE if "not fitted" in row["group"] for ref in row["references"].split()
    }
    assert apart == {part.ref for part in WIRED.components if not part.fitted}


def test_a_part_without_an_order_code_is_refused() -> None:
    strange = replace(WIRED.components[0], item="R-47k")
    with pytest.raises(bill.BillError, match="R-47k"):
        bill.table(replace(WIRED, components=(*WIRED.components, strange)))


def test_an_order_code_without_a_part_is_refused() -> None:
    fewer = tuple(part for part in WIRED.components if part.item != "MT3608")
    with pytest.raises(bill.BillError, match="MT3608"):
        bill.table(replace(WIRED, components=fewer))


def test_the_csv_holds_the_table() -> None:
    text = bill.as_csv(WIRED)
    assert text.startswith("\ufeff")
    assert list(csv.DictReader(io.StringIO(text[1:]))) == TABLE
