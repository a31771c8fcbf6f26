"""The start of a slot on both interpreters, with real files: what boot.py and launch.py share."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import FIRMWARE, PATIENCE_S

from xunhe_tools import bundle

HERE = Path(__file__).parent
MAIN = """
import board
def run():
    from xunhe_boot import start
    print("%s", board.NAME, start.slots.running, start.slots.on_trial)
    %s
"""


class Bed:
    """A folder with a factory's copy and releases; every call is a process of its own."""

    def __init__(self, folder, interpreter):
        self.folder = folder
        self.interpreter = interpreter
        self.package("factory", "factory", "pass")

    def package(self, name, words, action):
        boards = self.folder / name / "xunhe_buoy" / "boards" / "virtual"
        boards.mkdir(parents=True)
        package = self.folder / name / "xunhe_buoy"
        (package / "__init__.py").write_text('"""A firmware."""\n')
        (package / "main.py").write_text(MAIN % (words, action))
        (boards / "board.py").write_text('NAME = "virtual"\n')
        return package

    def release(self, number, action="pass", main=None):
        package = self.package(f"source{number}", f"release {number}", action)
        if main is not None:
            (package / "main.py").write_text(main)
        (self.folder / str(number)).write_bytes(bundle.build(package, "virtual"))
        self.call(str(number))

    def call(self, *args):
        command = [*self.interpreter, HERE / "slot_start.py", FIRMWARE, self.folder, *args]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
        self.lines = done.stdout.split("\n")[:-1]
        self.errors = done.stderr
        return done.returncode

    def start(self):
        """What was said, and whether the board was reset."""
        code = self.call()
        return self.lines, code == 44


CONFIRM = "start.slots.confirm()"
FACTORY = ["factory virtual factory False"]


@pytest.fixture
def bed(micropython, tmp_path):
    return Bed(tmp_path, micropython)


def test_a_slot_on_trial_is_started_twice_and_then_left(bed):
    assert bed.start() == (FACTORY, True)
    bed.release(1)
    trial = ["guard", "release 1 virtual a True"]
    assert [bed.start()[0] for _ in range(4)] == [trial, trial, FACTORY, FACTORY]


def test_a_confirmed_slot_stays_and_the_next_goes_into_the_other(bed):
    bed.release(1, CONFIRM)
    bed.start()
    assert bed.start()[0] == ["release 1 virtual a False"]
    bed.release(2, CONFIRM)
    bed.start()
    assert bed.start()[0] == ["release 2 virtual b False"]


def test_a_slot_that_raises_at_import_is_left_at_once(bed):
    bed.release(1, main="import a_module_that_is_missing\n")
    lines, is_reset = bed.start()
    assert is_reset
    assert lines[0] == "guard"
    assert lines[1].startswith("slot a given up: ImportError")
    assert bed.start()[0] == FACTORY


def test_a_slot_that_crashes_is_left_after_two_starts(bed):
    bed.release(1, "raise ValueError('a bug')")
    for _ in range(2):
        assert "release 1 virtual a True" in bed.start()[0]
        assert "ValueError: a bug" in bed.lines + bed.errors.split("\n")
    assert bed.start()[0] == FACTORY


def test_a_confirmed_slot_whose_flash_is_worn_gives_way_to_the_factorys_copy(bed):
    bed.release(1, CONFIRM)
    bed.start()
    (bed.folder / "slots/a/xunhe_buoy/main.mpy").write_bytes(b"\xff" * 60)
    assert bed.start()[1]
    assert bed.start()[0] == FACTORY


def test_a_factorys_copy_that_cannot_be_imported_says_why(bed):
    (bed.folder / "factory/xunhe_buoy/main.py").write_text("import nothing_like_that\n")
    assert bed.call() not in (0, 44)
    assert "nothing_like_that" in bed.errors + "\n".join(bed.lines)


def test_the_same_files_choose_slots_on_cpython(tmp_path):
    bed = Bed(tmp_path, [sys.executable, "-W", "error"])
    assert bed.start() == (FACTORY, True)
    bed.release(1)
    # CPython cannot read the byte code: the slot is given up, and the factory's copy runs.
    assert bed.start()[1]
    assert bed.start()[0] == FACTORY
