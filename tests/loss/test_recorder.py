"""The preloaded library takes down what a process does, in its order, and lets calls fail."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from xunhe_tools.bench.gateway import faults
from xunhe_tools.crash_states.library import failing, recording
from xunhe_tools.crash_states.record import Kind, read

WRITES = """
import os, socket, sqlite3, sys
store = sqlite3.connect(sys.argv[1] + "/x.sqlite3", isolation_level=None)
store.execute("PRAGMA journal_mode=WAL")
store.execute("PRAGMA synchronous=FULL")
store.execute("CREATE TABLE t (a)")
left, right = socket.socketpair()
left.send(b"told")
os._exit(0)
"""


def run(script: str, folder: Path, environment: dict[str, str]) -> str:
    command = [sys.executable, "-c", script, str(folder)]
    done = subprocess.run(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def test_a_commit_is_synced_before_what_is_sent_after_it(tmp_path: Path) -> None:
    folder, log = tmp_path / "home", tmp_path / "log"
    folder.mkdir()
    run(WRITES, folder, dict(recording(folder, log)))
    steps = list(read(log))
    kinds = [step.kind for step in steps]
    sent = next(i for i, s in enumerate(steps) if s.kind is Kind.SENT and s.data == b"told")
    assert Kind.WRITTEN in kinds[:sent]
    last_written = max(i for i in range(sent) if kinds[i] is Kind.WRITTEN)
    assert Kind.SYNCED in kinds[last_written:sent]
    assert Kind.FOLDER_SYNCED in kinds[:sent]
    opened = {Path(step.data.decode()).name for step in steps if step.kind is Kind.OPENED}
    assert {"x.sqlite3", "x.sqlite3-wal"} <= opened


def test_a_record_that_is_cut_off_is_read_up_to_there(tmp_path: Path) -> None:
    folder, log = tmp_path / "home", tmp_path / "log"
    folder.mkdir()
    run(WRITES, folder, dict(recording(folder, log)))
    whole = list(read(log))
    log.write_bytes(log.read_bytes()[:-1])
    assert list(read(log)) == whole[:-1]


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_the_call_that_is_asked_for_fails_and_no_other(tmp_path: Path, nth: int) -> None:
    script = """
import ctypes, os, sys
library = ctypes.CDLL(None)
library.xunhe_fail(%d, 28, 1)
file = os.open(sys.argv[1] + "/x", os.O_CREAT | os.O_WRONLY) if %d > 1 else 99
for call in (lambda: os.open(sys.argv[1] + "/x", os.O_CREAT | os.O_WRONLY),
             lambda: os.write(file, b"a"), lambda: os.fsync(file)):
    try:
        call()
    except OSError as error:
        print(error.errno)
print("calls", library.xunhe_calls())
"""
    said = run(script % (nth, nth), tmp_path, dict(failing(tmp_path)))
    assert said.split().count("28") == 1


def test_the_intake_loses_nothing_and_heals_when_calls_of_the_disk_fail(tmp_path: Path) -> None:
    # 1: the file cannot be opened for writing for an instant; SQLite opens it for reading then,
    # and the pool once kept that connection for ever.
    found = faults.fail_each(tmp_path, (1, 2, 9, 40, 120), 1, print)
    assert (found.tried, found.reached, found.lost, found.unhealed) == (5, 5, 0, 0)
    assert found.told == 5 * 200
