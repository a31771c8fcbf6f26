"""The manuals of hardware/: links lead somewhere, commands exist or are promised, order is kept."""

import re
from pathlib import Path

import pytest

from hardware.controller import netlist
from hardware.controller.symbols import MAKER, SYMBOLS
from xunhe_tools.hardware import floating
from xunhe_tools.hardware.power import loads

FOLDER = Path(__file__).parents[2] / "hardware"
MANUALS = sorted([*FOLDER.glob("*.md"), *FOLDER.glob("generated/*.md")])


@pytest.mark.parametrize("manual", MANUALS, ids=lambda path: path.name)
def test_every_local_link_and_picture_exists(manual: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", manual.read_text("utf-8")):
        assert (manual.parent / target).exists(), target


def test_the_readme_leads_from_buying_to_the_water() -> None:
    heads = re.findall(r"^## (\d) (\S+) /", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE)
    expected = [("1", "买"), ("2", "造"), ("3", "烧"), ("4", "试"), ("5", "下水")]
    assert heads == expected


def test_every_calculated_page_says_so() -> None:
    for name in ("power", "floating", "cameras", "computers", "test_points"):
        assert "没有一个是实测" in (FOLDER / f"generated/{name}.md").read_text("utf-8")
    assert "没有制作过一件实物" in (FOLDER / "README.md").read_text("utf-8")


def test_the_bench_expects_what_was_calculated() -> None:
    bench = (FOLDER / "bench.md").read_text("utf-8")
    afloat = floating.float_of(floating.Hull(), floating.MASSES)
    assert f"{afloat.freeboard_m:.3f} m" in bench
    assert f"{sum(loads.ASLEEP_UA.values())} µA" in bench


def test_every_choice_names_a_document_or_says_that_it_was_calculated() -> None:
    choices = (FOLDER / "choices.md").read_text("utf-8")
    rows = re.findall(r"^\| (.+?) \| .+ \| (.+) \|$", choices, re.MULTILINE)[1:]
    assert len(rows) > 15
    for part, document in rows:
        assert document.strip(), part


def test_the_page_of_choices_counts_what_was_not_checked() -> None:
    choices = (FOLDER / "choices.md").read_text("utf-8")
    (counted,) = re.findall(r"\*\*未核对 not checked：(\d+)\*\*", choices)
    rows = [line for line in choices.splitlines() if line.startswith("|")]
    assert int(counted) == sum("未核对" in row for row in rows)


def test_every_chip_of_the_schematic_has_its_choice() -> None:
    choices = (FOLDER / "choices.md").read_text("utf-8")
    wired = netlist.read((FOLDER / "generated/controller.net").read_text("utf-8"))
    chips = {part.item for part in wired.components if part.ref.startswith(("U", "PS"))}
    names = {item: re.sub(r"(D[BSCR]\w*R|EMSE|DR|JVSIQ)$", "", item) for item in chips}
    assert {item for item, name in names.items() if name not in choices} == set()


def test_every_pin_table_from_memory_is_on_the_reviewers_list() -> None:
    (listed,) = re.findall(
        r"画板之前逐个对照数据手册：(.+)。", (FOLDER / "choices.md").read_text("utf-8")
    )
    for name, symbol in SYMBOLS.items():
        if symbol.compared == MAKER:
            order_name = symbol.footprint.rpartition("_")[2] if name == "GDT3" else name
            assert order_name in listed, name
