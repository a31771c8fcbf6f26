"""A probe is led through its standards, at the console of a real buoy."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner, Result

from docs.terminal_picture import typed
from tests.firmware.virtual_probes import Probes
from tests.gateway.web.console_server import NAME, PASSWORD, add_administrator, serve
from tests.tools.buoy.conftest import DEVICE, Bench, provision
from tests.tools.buoy.vessels import PROBE, ph_probe, potential, put_into
from xunhe.adapters.store import devices
from xunhe.adapters.store.database import Database
from xunhe_tools.buoy import calibrate_history as history
from xunhe_tools.buoy.console import Console
from xunhe_tools.cli import app
from xunhe_tools.virtual_board.board import VirtualBoard
from xunhe_tools.virtual_board.processor import Hardware
from xunhe_tools.virtual_board.usb_line import Cut

STATION = "YX-S1"
CONFIG = {
    "station": STATION,
    "key": "5a" * 32,
    "sample_interval_s": 10,
}


@pytest.fixture
def probe() -> Iterator[Probes]:
    with Probes(ph_probe(potential("6.865"))) as probes:
        yield probes


@pytest.fixture(scope="module")
def flash_of_a_bench(
    tmp_path_factory: pytest.TempPathFactory, flash_of_a_buoy: Path, silent_bus: str
) -> Path:
    """Folder of a board that was provisioned once for all tests."""
    folder = tmp_path_factory.mktemp("bench")
    shutil.copytree(flash_of_a_buoy, folder / "board")
    hardware = Hardware(folder / "board", DEVICE, buses={"serial": silent_bus, "baud": 9600})
    with VirtualBoard(folder / "tty", hardware) as board:
        provision(board, **CONFIG)
    return folder / "board"


@pytest.fixture
def buoy(
    bench: Bench, flash_of_a_bench: Path, probe: Probes, technicians_home: Path
) -> VirtualBoard:
    """A provisioned buoy whose pH probe stands in buffer 6.865."""
    board = bench(of=flash_of_a_bench, buses={"serial": probe.port, "baud": 9600})
    with Console(str(board.port)) as console:
        console.ask({"do": "config"}, wait_s=20)
    return board


def calibrate(board: VirtualBoard, *words: str) -> Result:
    quick = ["--readings", "3", "--window-s", "0.1", "--patience-s", "2", "--json", "--yes"]
    line = ["buoy", "calibrate", PROBE, "--port", str(board.port), "--by", "李 Li", *quick, *words]
    return CliRunner().invoke(app, line)


def told(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return found


def in_force(board: VirtualBoard) -> list[dict[str, Any]]:
    with Console(str(board.port)) as console:
        found: list[dict[str, Any]] = console.ask({"do": "calibrate"})["probes"][PROBE]
    return found


def test_a_settled_point_becomes_a_calibration_a_certificate_and_a_history(
    buoy: VirtualBoard, probe: Probes, technicians_home: Path, tmp_path: Path
) -> None:
    first = calibrate(buoy, "--standard", "6.865:A17", "--due-days", "20")
    assert first.exit_code == 0, first.output
    made = told(first)["certificate"]
    assert made["line"]["offset"] == pytest.approx(6.0 + (0.97 - 1) * 0, abs=0.3)
    assert made["points"][0]["lot"] == "A17"
    assert made["points"][0]["left"] == pytest.approx(made["points"][0]["reference"], abs=1e-6)
    assert made["legal_metrology"] is False
    (kept,) = history.kept(technicians_home / "certificates", DEVICE)
    assert json.loads(kept.text()) == made
    assert (kept.due_at - kept.at).days == 20
    _looks_right(Path(told(first)["pdf"]), tmp_path)

    put_into(probe, potential("9.180", offset_mv=9.0))
    assert calibrate(buoy, "--standard", "9.180").exit_code == 0
    shown = told(calibrate(buoy, "--show"))
    (now,) = shown["in_force"][PROBE]
    (before,) = shown["history"]
    assert (before["probe"], before["offset"]) == (PROBE, pytest.approx(made["line"]["offset"]))
    assert now["offset"] != before["offset"]
    assert len(shown["certificates"]) >= 1


def _looks_right(pdf: Path, folder: Path) -> None:
    """What a person reads on the page, by two readers that know nothing of this tool."""
    text = " ".join(PdfReader(pdf).pages[0].extract_text().split())
    for word in ("A17", PROBE, DEVICE, "李 Li", "不具有法定计量效力", "claims no legal effect"):
        assert word in text
    program = shutil.which("pdftoppm")
    if program is not None:
        subprocess.run([program, "-r", "40", "-png", pdf, folder / "page"], check=True)
        assert len(list(folder.glob("page*.png"))) == 1, "one page"


def test_a_probe_in_the_wrong_bottle_changes_nothing_and_is_told_so(
    buoy: VirtualBoard, probe: Probes, technicians_home: Path
) -> None:
    put_into(probe, potential("4.008"))
    result = calibrate(buoy, "--standard", "6.865")
    assert result.exit_code == 1
    assert "wrong bottle" in told(result)["happened"]
    assert "4.008" in told(result)["happened"] or "4.01" in told(result)["happened"]
    assert in_force(buoy) == []
    assert not (technicians_home / "certificates").exists()


def test_a_probe_that_is_left_in_the_first_bottle_is_told_to_move(buoy: VirtualBoard) -> None:
    result = calibrate(buoy, "--standard", "6.865", "--standard", "7.00")
    assert result.exit_code == 1
    assert "still that of 6.865" in told(result)["happened"]
    assert in_force(buoy) == []


def test_a_probe_that_is_silent_gives_its_reason(buoy: VirtualBoard) -> None:
    result = CliRunner().invoke(
        app,
        ["buoy", "calibrate", "Y504@1", "--port", str(buoy.port), "--by", "Li", "--json"],
    )
    assert result.exit_code == 1
    assert PROBE in told(result)["next"], "the probes that do answer"


def test_what_would_be_measured_is_told_without_measuring(buoy: VirtualBoard) -> None:
    result = calibrate(buoy, "--standard", "6.865", "--dry-run")
    assert told(result)["standards"] == ["6.865"]
    assert in_force(buoy) == []


def test_the_certificate_reaches_the_gateway_now_or_with_the_next_one(
    buoy: VirtualBoard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XUNHE_PASSWORD", PASSWORD)
    away = ["--gateway", "http://127.0.0.1:9", "--user", NAME]
    result = calibrate(buoy, "--standard", "6.865", *away)
    assert result.exit_code == 0, "the calibration holds although the gateway is away"
    assert told(result)["not_at_gateway"] == 1
    database = Database(tmp_path / "gw.sqlite3")
    database.migrate()
    with serve(database) as served:
        add_administrator(database, served.wall)
        with database.write() as connection:
            enrolled = devices.Device(DEVICE, STATION, b"k" * 32)
            devices.enrol(connection, enrolled, served.wall.now())
        time.sleep(1.1)  # a certificate's number counts seconds
        there = ["--gateway", served.url, "--user", NAME]
        assert told(calibrate(buoy, "--standard", "6.865", *there))["not_at_gateway"] == 0
        with served.member() as technician:
            kept = technician.get(f"/api/v1/devices/{DEVICE}/calibrations").json()
    database.close()
    assert len(kept) == 2
    assert {row["content"]["by"] for row in kept} == {"李 Li"}


PULLED = [
    (Cut.LINE, 0.1),
    (Cut.POWER, 0.9),
    *(
        pytest.param(cut, share, marks=pytest.mark.slow)
        for cut in Cut
        for share in (0.3, 0.5, 0.7, 0.8, 0.95, 0.99)
    ),
]


@pytest.mark.parametrize(("cut", "share"), PULLED)
def test_a_cable_that_is_pulled_leaves_the_old_calibration_or_the_new_one(
    buoy: VirtualBoard, cut: Cut, share: float
) -> None:
    before = buoy.received
    assert calibrate(buoy, "--standard", "6.865").exit_code == 0
    (old,) = in_force(buoy)
    buoy.cut_after(int(share * (buoy.received - before)), cut)
    result = calibrate(buoy, "--standard", "6.865", "--by", "王 Wang")
    if result.exit_code:
        assert told(result)["next"]
    buoy.plug_in()
    with Console(str(buoy.port)) as console:
        console.ask({"do": "config"}, wait_s=20)
    (found,) = in_force(buoy)
    assert found["by"] in ("李 Li", "王 Wang")
    assert found["points"]
    if found["by"] == "李 Li":
        assert found["at_s"] == old["at_s"]


def test_the_wizard_asks_for_all_that_a_calibration_needs_and_saves_it_when_told(
    buoy: VirtualBoard,
    probe: Probes,
    tmp_path: Path,
) -> None:
    asked: list[str] = []
    buffers = iter(("6.865", "9.180"))

    def answer(question: str) -> str:
        asked.append(question)
        if "press Enter" in question:
            put_into(probe, potential(next(buffers)))
            return ""
        if "standards" in question:
            return "6.865 9.180"
        if "who calibrates" in question:
            return "李工"
        return "y" if "[y/n]" in question else ""

    words = ["buoy", "calibrate", PROBE, "--port", str(buoy.port), "--readings", "3"]
    words += ["--window-s", "0.3"]
    said = typed(words, tmp_path, {"XUNHE_BUOY_HOME": str(tmp_path / "home")}, answer)
    (found,) = in_force(buoy)
    assert len(found["points"]) == 2, said
    assert found["by"] == "李工"
    for wanted in ("standards", "who calibrates", r"\[y/n\]"):
        assert any(re.search(wanted, question) for question in asked), asked
