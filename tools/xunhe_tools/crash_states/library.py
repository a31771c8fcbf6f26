"""The recorder, compiled when it is first needed."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_SOURCE = Path(__file__).with_name("recorder.c")
_FLAGS = ("-shared", "-fPIC", "-O2", "-Wall", "-Werror")


class CompilerError(RuntimeError):
    """There is no C compiler, or it does not take the recorder."""


@cache
def library() -> Path:
    """The shared library; CompilerError with what to do."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise CompilerError("a C compiler is missing: sudo apt install gcc libc6-dev")
    made = Path(tempfile.mkdtemp(prefix="xunhe-recorder-")) / "recorder.so"
    command = [compiler, *_FLAGS, "-o", str(made), str(_SOURCE), "-ldl", "-lpthread"]
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


def _preload(folder: Path) -> dict[str, str]:
    return {"LD_PRELOAD": str(library()), "XUNHE_RECORD_FOLDER": str(folder)}
