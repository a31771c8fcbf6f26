"""The store's disk fails: the nth call that changes or syncs a file gets an error, for many n.

The gateway's own intake and store take frames in while calls fail (`faulty.py`, in a process with
the preloaded library of `crash_states`). Whatever it has acknowledged must be in the file, and when
the disk is well again it must go on by itself until everything is.
"""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xunhe_tools.crash_states.library import failing


@dataclass(frozen=True, slots=True)
class Faults:
    """Of so many runs with a failing call: what was lost, and how many did not heal.

    `reached`: their failing call came before the end. `told`: acknowledged records in all of them.
    """

    tried: int
    reached: int
    lost: int
    unhealed: int
    told: int


def fail_each(folder: Path, calls: Iterable[int], seed: int, say: Callable[[str], None]) -> Faults:
    """A run for each of these numbers of a call."""
    tried = reached = lost = unhealed = told = 0
    for run in _runs(folder, calls, seed):
        home = folder / str(run["nth"])
        keys = {tuple(key) for key in run["told"]}
        stored, is_sound = _stored(home / "xunhe.sqlite3")
        tried, told = tried + 1, told + len(keys)
        reached += run["calls"] >= run["nth"]
        lost += len(keys - stored)
        unhealed += not (run["is_well"] and is_sound)
        if tried % 50 == 0:
            say(f"{tried} 次输入输出故障，丢失 {lost} / calls failed, lost")
    return Faults(tried, reached, lost, unhealed, told)


def _runs(folder: Path, calls: Iterable[int], seed: int) -> Iterator[dict[str, Any]]:
    """What each run says at its end."""
    command = [sys.executable, "-m", "xunhe_tools.bench.gateway.faulty", str(folder), str(seed)]
    process = subprocess.Popen(  # noqa: S603  our own command
        [*command, *map(str, calls)],
        env={**os.environ, **failing(folder)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        if process.stdout is None:
            raise RuntimeError("the process has no output")
        for line in process.stdout:
            yield json.loads(line)
    if process.returncode:
        raise RuntimeError(f"the runs ended with {process.returncode}")


def _stored(path: Path) -> tuple[set[tuple[str, int, int]], bool]:
    """Keys in a store, and whether the file is sound."""
    with closing(sqlite3.connect(path)) as store:
        is_sound = store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return set(store.execute("SELECT device, boot, seq FROM record")), is_sound
