"""The virtual board: what Espressif's and MicroPython's own tools make of it."""

import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from littlefs import LittleFS
from littlefs.context import UserContext

from tests.tools.buoy.conftest import KNOCKS_S, Bench
from xunhe_tools.buoy.console import Console
from xunhe_tools.buoy.repl import Repl
from xunhe_tools.virtual_board.board import VirtualBoard
from xunhe_tools.virtual_board.processor import Hardware
from xunhe_tools.virtual_board.rom import Watched
from xunhe_tools.virtual_board.usb_line import Cut

BIN = Path(sys.executable).parent


def mpremote(board: VirtualBoard, *words: str) -> str:
    done = subprocess.run(
        [BIN / "mpremote", "connect", board.port, *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files_of(flash: Path, sectors: int = 384) -> dict[str, bytes]:
    """What an independent littlefs reads in the image."""
    context = UserContext(sectors * 4096)
    context.buffer = bytearray(flash.read_bytes())
    fs = LittleFS(context=context, block_size=4096, block_count=sectors)
    return {
        f"{folder.rstrip('/')}/{name}": fs.open(f"{folder}/{name}", "rb").read()
        for folder, _, names in fs.walk("/")
        for name in names
    }


def wait_until(condition, what: str, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def test_mpremote_runs_code_copies_files_and_resets_the_board(bench: Bench, tmp_path: Path) -> None:
    board = bench()
    (tmp_path / "x.bin").write_bytes(bytes(range(256)) * 20)
    assert mpremote(board, "exec", "print(6 * 7)").strip() == "42"
    mpremote(board, "fs", "cp", str(tmp_path / "x.bin"), ":x.bin")
    digest = hashlib.sha256(bytes(range(256)) * 20).hexdigest()
    assert digest in mpremote(board, "fs", "sha256sum", "x.bin")
    mpremote(board, "soft-reset")
    assert "x.bin" in mpremote(board, "fs", "ls")


def test_mpremote_interrupts_a_main_program_that_never_ends(bench: Bench) -> None:
    board = bench()
    with Repl(str(board.port), entry_s=KNOCKS_S) as repl:
        repl.replace("/main.py", b"while True:\n    pass\n")
        repl.restart()
    assert mpremote(board, "exec", "print('in')").strip() == "in"


def test_another_littlefs_reads_what_was_written(bench: Bench) -> None:
    board = bench()
    with Repl(str(board.port), entry_s=KNOCKS_S) as repl:
        repl.write("/a/b/c.bin", b"\x00\xff" * 3000)
    board.close()
    assert files_of(board.hardware.flash) == {"/a/b/c.bin": b"\x00\xff" * 3000}


def test_a_board_keeps_its_files_over_a_power_cut(bench: Bench) -> None:
    board = bench()
    with Repl(str(board.port), entry_s=KNOCKS_S) as repl:
        repl.write("/kept", b"yes")
    board.pull(Cut.POWER)
    assert not board.port.is_symlink()
    board.plug_in()
    with Repl(str(board.port), entry_s=KNOCKS_S) as repl:
        assert repl.read("/kept") == b"yes"


def test_a_buoy_runs_in_a_folder_that_was_named_from_where_one_stands(
    flash_of_a_running_buoy: Path,
    silent_bus: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(flash_of_a_running_buoy, tmp_path / "desk" / "board1")
    monkeypatch.chdir(tmp_path)
    wires = {"serial": silent_bus, "baud": 9600}
    hardware = Hardware(Path("desk/board1"), buses=wires)
    with VirtualBoard(Path("desk/board1.tty"), hardware) as board, Console(str(board.port)) as buoy:
        assert buoy.ask({"do": "config"}, KNOCKS_S)["station"] == "YX-S1"


def test_a_board_outlives_every_moment_of_a_pulled_cable(bench: Bench) -> None:
    board = bench()
    for _ in range(40):  # its thread waits on what the hand takes away
        board.pull(Cut.POWER)
        board.plug_in()
    with Repl(str(board.port), entry_s=KNOCKS_S) as repl:
        assert repl.value("6 * 7") == 42


def test_a_watchdog_that_is_not_fed_starts_the_program_again(bench: Bench) -> None:
    board = bench()
    with Repl(str(board.port), entry_s=KNOCKS_S) as repl:
        repl.replace("/main.py", b"with open('/ran', 'w') as f:\n    f.write('I ' + 'ran')\n")
    with Repl(str(board.port), guard_s=0.5, entry_s=KNOCKS_S):
        assert b"I ran" not in board.hardware.flash.read_bytes()
    wait_until(lambda: b"I ran" in board.hardware.flash.read_bytes(), "the watchdog bites")


def test_the_deep_sleep_and_reset_of_the_firmware_start_it_again(bench: Bench) -> None:
    board = bench()
    with Repl(str(board.port), entry_s=KNOCKS_S) as repl:
        repl.replace("/main.py", b"import sys\nsys.exit(43)\n")
        repl.restart()
    wait_until(lambda: board.starts > 3, "it starts again and again")


# -- the ROM bootloader, told by hand what esptool sends


def request(command: int, *words: int) -> bytes:
    data = b"".join(word.to_bytes(4, "little") for word in words)
    return bytes([0, command]) + len(data).to_bytes(2, "little") + bytes(4) + data


def test_an_image_counts_only_when_its_last_block_came() -> None:
    seen = Watched(has_image=True)
    seen.see(request(0x10, 3000, 2, 0x4000, 0))
    assert not seen.has_image
    seen.see(request(0x11, 100, 0, 0, 0))
    assert not seen.has_image
    seen.see(request(0x11, 100, 1, 0, 0))
    assert seen.has_image


def test_what_is_written_elsewhere_is_no_image() -> None:
    seen = Watched(has_image=False)
    seen.see(request(0x10, 3000, 1, 0x4000, 0x200000))
    seen.see(request(0x11, 100, 0, 0, 0))
    assert not seen.has_image


@pytest.mark.parametrize(("config", "resets"), [(1 << 31, True), (0, False)])
def test_the_chip_resets_when_its_watchdog_was_armed(config: int, resets: bool) -> None:
    seen = Watched(has_image=True)
    seen.see(request(0x09, 0x60008098, config, 0xFFFFFFFF, 0))
    seen.see(request(0x09, 0x600080B0, 0, 0xFFFFFFFF, 0))
    assert seen.wants_reset is resets


@pytest.mark.parametrize("frame", [b"", b"\x00\x10", request(0x10, 1), b"\x01" + request(9)[1:]])
def test_a_frame_that_is_cut_short_or_a_reply_means_nothing(frame: bytes) -> None:
    seen = Watched(has_image=False)
    seen.see(frame)
    assert not seen.has_image
    assert not seen.wants_reset
