"""Code that is needed now and then: it comes into RAM for one call and leaves with it."""

import gc
import sys

_OURS = "xunhe_buoy."
_BOARDS = "virtual_"  # what the virtual board has instead of chips
_STAYS = "xunhe_buoy.update"  # what an update has begun goes on until the restart that ends it


def call(module, function, *args):
    """Import a module of xunhe_buoy and call its function; what that imported is forgotten.

    `module` is written as a literal: what joins modules for a release looks for it.

    What comes back must be plain data: an object keeps its class, and that its whole module. The
    class of an exception is forgotten too: catch what it inherits from.
    """
    before = set(sys.modules)
    try:
        return _run(_OURS + module, function, args)
    finally:
        for name in set(sys.modules) - before:
            is_ours = name.startswith(_OURS) or name.startswith(_BOARDS)
            if is_ours and not name.startswith(_STAYS):
                _forget(name)
        _collect()


def dismiss(*modules):
    """Forget modules of xunhe_buoy that came to stay, and what lies in them."""
    for name in set(sys.modules):
        ours = name[len(_OURS) :] if name.startswith(_OURS) else ""
        if ours.split(".")[0] in modules:
            _forget(name)
    _collect()


# -- a release keeps some functions in files of their own: xunhe_tools/shrink/part.py


def call_part(module, function, *args):
    """As `call`, but what the function imports stays, as it did where the function came from."""
    path = _OURS + module
    was_here = path in sys.modules  # a function of the same file is at work
    try:
        return _run(path, function, args)
    finally:
        if not was_here:
            _forget(path)
            _collect()


def method_apart(self, name):
    """`__getattr__` of a class some of whose methods are in such files."""
    return function_apart(name, self)


def function_apart(name, *objects):
    """The function of a part by its name, r3A of file r3; `__getattr__` of a module."""
    if not name[1:2].isdigit():
        raise AttributeError(name)
    return lambda *args: call_part(name[:-1], name, *objects, *args)


def _collect():
    if hasattr(gc, "mem_free"):  # a small heap: MicroPython's
        gc.collect()


def _run(module, function, args):
    """A frame of its own: none that is still there when the visitor leaves points at him."""
    return getattr(__import__(module, None, None, (function,)), function)(*args)


def _forget(name):
    sys.modules.pop(name, None)  # not there where its import failed
    package, _, leaf = name.rpartition(".")
    if hasattr(sys.modules.get(package), leaf):
        delattr(sys.modules[package], leaf)
