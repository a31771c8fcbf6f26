"""What stands in hardware/generated is what `make hardware` would write now."""

import json
import re
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pypdf
import pytest

from hardware import inputs, light
from hardware.controller import netlist as reader
from hardware.controller.sheets import TITLES
from xunhe_tools.hardware.floating import Hull

FOLDER = light.FOLDER
ROOT = Path(__file__).parents[2]
RECORD = json.loads((FOLDER / "inputs.json").read_text("utf-8"))
AGAIN = "run make hardware"


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return light.files()


def drawn(pdf: bytes) -> list[bytes]:
    """What each page draws: the frame around it changes with reportlab's version."""
    pages = pypdf.PdfReader(BytesIO(pdf)).pages
    return [page.get_contents().get_data() for page in pages]


def test_light_files_come_out_the_same_byte_for_byte(made: dict[str, bytes]) -> None:
    texts = {name: content for name, content in made.items() if not name.endswith(".pdf")}
    stale = [name for name, content in texts.items() if (FOLDER / name).read_bytes() != content]
    assert stale == [], AGAIN


def test_the_pdf_comes_out_drawn_the_same(made: dict[str, bytes]) -> None:
    assert drawn(made["controller.pdf"]) == drawn((FOLDER / "controller.pdf").read_bytes()), AGAIN


def test_heavy_files_are_of_the_sources_that_lie_here() -> None:
    assert RECORD["sources"] == inputs.hashes(), AGAIN


def test_no_other_file_lies_among_the_generated_ones(made: dict[str, bytes]) -> None:
    views = {f"buoy-{view}.svg" for view in ("side", "above", "oblique")}
    known = {*made, *RECORD["sources"], *views, "inputs.json"}
    assert {path.name for path in FOLDER.iterdir()} == known


def test_the_solid_comes_out_of_build123d_the_same() -> None:
    pytest.importorskip(
        "build123d", reason="build123d（0.7 GB）没有装 / is not installed: make hardware runs this"
    )
    from hardware.buoy import cad
    from hardware.buoy.shape import Shape

    assert (FOLDER / "buoy.step").read_text("utf-8") == cad.step(cad.assembly(Hull(), Shape()))


def test_the_solid_hull_has_the_volume_of_the_formula() -> None:
    hull = Hull()
    assert RECORD["hull_solid_m3"] == pytest.approx(hull.waterplane_m2 * hull.depth_m, rel=1e-6)


def test_the_step_file_names_no_time_and_no_place() -> None:
    head = (FOLDER / "buoy.step").read_text("utf-8")[:600]
    assert "1970-01-01T00:00:00" in head
    assert not re.search(r"20\d\d-\d\d-\d\dT|/", head.replace("1970-01-01T", ""))


def test_every_drawing_is_well_formed() -> None:
    for path in FOLDER.glob("*.svg"):
        root = ElementTree.fromstring(path.read_bytes())
        assert root.tag.endswith("svg"), path.name


def test_the_pdf_has_a_page_a_sheet_with_its_nets_on_it() -> None:
    pages = pypdf.PdfReader(BytesIO((FOLDER / "controller.pdf").read_bytes())).pages
    assert len(pages) == len(TITLES)
    wired = reader.read((FOLDER / "controller.net").read_text("utf-8"))
    for page, sheet in zip(pages, TITLES, strict=True):
        text = page.extract_text()
        for part in wired.components:
            if part.sheet == sheet:
                assert part.ref in text, f"{part.ref} is not drawn on sheet {sheet}"


def test_the_harness_has_the_boards_connectors_and_their_pins() -> None:
    wired = reader.read((FOLDER / "controller.net").read_text("utf-8"))
    from hardware.controller.symbols import SYMBOLS

    drawn = (ROOT / "hardware/harness/harness.yml").read_text("utf-8")
    labels = {
        part.ref: ", ".join(name for _, name, _ in SYMBOLS[part.symbol].pins)
        for part in wired.components
        if part.symbol.startswith("J_")
    }
    for ref in re.findall(r"^  (J\d+):", drawn, re.MULTILINE):
        entry = re.search(rf"^  {ref}: .*$", drawn, re.MULTILINE)
        assert entry is not None
        names = labels[ref]
        assert f"[{names}]" in entry.group() or (
            "probe_socket" in entry.group() and f"pinlabels: [{names}]" in drawn
        ), ref
