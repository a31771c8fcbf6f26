"""What docs/hj212.md and docs/sl651.md show happens, to the letter."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.gateway.conftest import START, StandingClock
from tests.gateway.hj212.links import STATION
from xunhe.adapters.store.database import Database
from xunhe.adapters.upstream.hj212.link import Hj212Link
from xunhe.domain.outward import DONE, Message
from xunhe.outward_settings.file import load_outward
from xunhe_tools.cli import app
from xunhe_tools.hj212_platform.platform import Platform
from xunhe_tools.hj212_platform.wire import packed, unpacked

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "hj212.md").read_text("utf-8")
SL651 = (DOCS / "sl651.md").read_text("utf-8")


def block(kind: str) -> str:
    found = re.search(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def rows_after(page: str, sign: str) -> list[list[str]]:
    """The cells of the first table behind a sign."""
    table = re.search(r"\n\|---.*?\n((?:\|.*\n)+)", page[page.index(sign) :])
    assert table is not None
    return [[cell.strip() for cell in row.strip("|\n").split("|")] for row in table[1].splitlines()]


def test_the_worked_example_arrives_as_it_is_printed(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "outward.toml"
    file.write_text(block("toml outward"), "utf-8")
    (settings,) = load_outward(file).hj212
    values = {"water_temp_c": [17.0, 1], "ph": [7.6, 1], "do_mg_l": [7.2, 3], "battery_v": [3.9, 1]}
    message = Message("k", "readings", START, {"station": STATION, "values": values}, STATION)
    with Platform() as platform:
        here = settings.model_copy(update={"host": "127.0.0.1", "port": platform.port})
        link = Hj212Link(here, database, StandingClock())
        assert link.send([message]) == [DONE]
        link.close()
    (kept,) = platform.kept.values()
    assert kept.heard == unpacked(block("text hj212").strip().encode())


def test_the_explained_capture_reads_as_it_is_printed() -> None:
    command = re.search(r"printf '(##.*?)\\r\\n'", PAGE)
    assert command is not None
    result = CliRunner().invoke(app, ["hj212", "decode", "-"], input=command[1] + "\r\n")
    assert result.exit_code == 0
    shown = "".join(re.sub(r"[│┃━┏┓┡┩└┘─┴┬┼╇┳\s]", "", result.stdout))
    for cells in rows_after(PAGE, "printf"):
        for cell in cells:
            words = cell.replace(" ", "")
            assert words in shown or set(words) <= set(shown), cell


@pytest.mark.parametrize("as_hex", [False, True])
def test_json_has_every_field_whatever_the_capture_looks_like(tmp_path: Path, as_hex: bool) -> None:
    wire = packed("QN=1;CN=2011;MN=a;Flag=4;CP=&&w01001-Rtd=7&&") + b"##00x"
    file = tmp_path / "capture"
    file.write_bytes(wire.hex().encode() if as_hex else wire)
    result = CliRunner().invoke(app, ["hj212", "decode", str(file), "--json"])
    good, bad = json.loads(result.stdout)
    assert [field["name"] for field in good["fields"]] == ["QN", "CN", "MN", "Flag", "w01001-Rtd"]
    assert (good["good"], bad["good"], bad["offset"]) == (True, False, len(wire) - 5)


def test_a_file_that_is_not_there_is_an_error_and_no_traceback() -> None:
    result = CliRunner().invoke(app, ["hj212", "decode", "/nowhere"])
    assert result.exit_code == 2


def test_the_example_of_sl_651_reads_as_it_is_printed() -> None:
    command = re.search(r"echo ([0-9A-F]+)", SL651)
    assert command is not None
    result = CliRunner().invoke(app, ["sl651", "decode", "-", "--json"], input=command[1])
    for field, value, meaning in rows_after(SL651, "echo"):
        assert f'"field": "{field}",\n   "value": "{value}",\n   "meaning": "{meaning}"' in (
            result.stdout
        )
