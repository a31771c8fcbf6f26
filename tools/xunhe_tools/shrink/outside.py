"""Names that keep their letters because somebody outside the program says them too.

Python and its libraries, the hardware's classes, modules and the path to them, whoever imports from
the program, strings, and keywords in calls of what is not the program's.
"""

import array
import ast
import builtins
import hashlib
import importlib
import keyword
import select
import socket
import ssl
from collections.abc import Iterable, Iterator

from xunhe_tools.shrink.words import Program, given, is_pythons, said, strings

# Methods of MicroPython's classes and parameters that nothing on this machine tells of.
HARDWARE = frozenset(
    {
        *("any", "read", "readinto", "readline", "write", "readblocks", "writeblocks", "ioctl"),
        *("feed", "memory", "datetime", "value", "read_uv", "active", "isconnected", "connect"),
        *("status", "config", "find", "writeto", "readfrom_into", "reset", "writebyte"),
        *("readbyte", "settimeout", "send", "recv", "close", "setblocking", "register"),
        *("unregister", "modify", "poll"),
    }
)
_KINDS = (
    *(str, bytes, bytearray, memoryview, int, float, dict, list, tuple, set, range),
    *(array.array, OSError, socket.socket, ssl.SSLContext, ssl.SSLSocket),
    *(type(hashlib.sha256()), type(select.poll())),
)


def kept(program: Program, others: Iterable[ast.Module]) -> set[str]:
    """All of them."""
    names = {*HARDWARE, *dir(builtins), *keyword.kwlist}
    names.update(word for kind in _KINDS for word in dir(kind))
    names.update(word for tree in others for word in said(tree))
    names.update(word for module in program for word in module.split("."))
    own = {word for tree in program.values() for word in given(tree)} - _open_ended(program)
    for tree in program.values():
        names.update(word for word in given(tree) if is_pythons(word))
        names.update(strings(tree))
        names.update(_of_libraries(tree, program))
        names.update(_keywords(tree, own))
    return names


def _of_libraries(tree: ast.Module, program: Program) -> Iterator[str]:
    """What the module imports from outside, and all that those libraries are known to have."""
    libraries: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            libraries.update(alias.name for alias in node.names if alias.name not in program)
        elif isinstance(node, ast.ImportFrom) and not _is_ours(node, program):
            yield from (alias.name for alias in node.names)
            libraries.add(node.module or "")
    for name in libraries:
        yield from name.split(".")
        yield from _known_of(name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", None) in libraries:
            yield node.attr


def _is_ours(node: ast.ImportFrom, program: Program) -> bool:
    return node.module in program


def _known_of(library: str) -> list[str]:
    try:
        return dir(importlib.import_module(library))
    except ImportError:  # MicroPython's own, such as machine
        return []


def _keywords(tree: ast.Module, own: set[str]) -> Iterator[str]:
    """Of calls whose function the program does not define."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", None))
            if called not in own:
                yield from (one.arg for one in node.keywords if one.arg is not None)


def _open_ended(program: Program) -> set[str]:
    """Functions whose keywords become data: those with ** among their parameters."""
    return {
        node.name
        for tree in program.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.args.kwarg is not None
    }
