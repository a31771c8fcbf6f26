"""The real board's files against MicroPython's own type stubs: no board is needed to misspell."""

import importlib.metadata
import shutil
import subprocess
import sys

import pytest
from conftest import FIRMWARE

BOARD = FIRMWARE / "xunhe_buoy" / "boards" / "esp32s3" / "board.py"
BOOT = BOARD.with_name("boot.py")


def copy_of(distribution, folder):
    """The stubs of a distribution alone: beside other packages they would shadow them."""
    for file in importlib.metadata.distribution(distribution).files:
        if file.suffix == ".pyi" or file.name == "VERSIONS":
            target = folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file.locate(), target)
    return folder


@pytest.fixture(scope="module")
def check(tmp_path_factory):
    """A function that returns mypy's complaints about a file of the board."""
    folder = tmp_path_factory.mktemp("stubs")
    esp32 = copy_of("micropython-esp32-stubs", folder / "esp32")
    standard = copy_of("micropython-stdlib-stubs", folder / "standard")
    config = folder / "mypy.ini"
    config.write_text(
        f"[mypy]\nmypy_path = {esp32}:{standard}:{FIRMWARE}\ncheck_untyped_defs = True\n"
        f"follow_imports = silent\ncustom_typeshed_dir = {standard}\n"
    )

    def complaints(file):
        command = [sys.executable, "-m", "mypy", "--config-file", config, "--no-incremental", file]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        return [line for line in done.stdout.splitlines() if f"{file}:" in line]

    return complaints


@pytest.mark.parametrize("file", [BOARD, BOOT], ids=["board", "boot"])
def test_the_board_uses_the_interpreters_modules_as_they_are(check, file):
    assert check(file) == []


def test_a_misspelled_pin_is_found(check, tmp_path):
    bent = tmp_path / "bent_board.py"
    bent.write_text(BOARD.read_text().replace("machine.Pin.OUT, value=0", "machine.Pim.OUT", 1))
    assert any("Pim" in line for line in check(bent))
