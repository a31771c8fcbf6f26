"""The preloaded libraries, compiled when they are first needed."""

import shutil
import struct
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_SOURCES = Path(__file__).parent
_FLAGS = ("-shared", "-fPIC", "-O2", "-Wall", "-Werror")


class CompilerError(RuntimeError):
    """There is no C compiler, or it does not take a library."""


@cache
def library(name: str) -> Path:
    """The shared library made of `<name>.c`; CompilerError with what to do."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise CompilerError("a C compiler is missing: sudo apt install gcc libc6-dev")
    made = Path(tempfile.mkdtemp(prefix=f"xunhe-{name}-")) / f"{name}.so"
    source = _SOURCES / f"{name}.c"
    command = [compiler, *_FLAGS, "-o", str(made), str(source), "-ldl", "-lpthread"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise CompilerError(done.stderr)
    return made


def recording(folder: Path, log: Path) -> Mapping[str, str]:
    """The environment of a process whose changes below a folder are to be taken down."""
    return {**_preload(folder), "XUNHE_RECORD_LOG": str(log)}


def failing(folder: Path) -> Mapping[str, str]:
    """The environment of a process that may let calls below a folder fail, by `xunhe_fail`."""
    return _preload(folder)


def shifting(shift: Path) -> Mapping[str, str]:
    """The environment of a process whose wall clock is wrong by what `set_clock` writes there."""
    set_clock(shift, 0)
    return {"LD_PRELOAD": str(library("wall_clock")), "XUNHE_CLOCK_SHIFT": str(shift)}


def set_clock(shift: Path, ahead_s: int) -> None:
    """From now on the clock of the processes with this file is so far ahead of the machine's."""
    with shift.open("r+b" if shift.exists() else "wb") as file:
        file.write(struct.pack("=q", ahead_s))


def _preload(folder: Path) -> dict[str, str]:
    return {"LD_PRELOAD": str(library("recorder")), "XUNHE_RECORD_FOLDER": str(folder)}
