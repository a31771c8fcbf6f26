"""Code that is needed now and then: it comes into RAM for one call and leaves with it."""

import gc
import sys

_OURS = "xunhe_buoy."
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
            if name.startswith(_OURS) and not name.startswith(_STAYS):
                _forget(name)
        _collect()


def dismiss(*modules):
    """Forget modules of xunhe_buoy that came to stay, and what lies in them."""
    for name in set(sys.modules):
        ours = name[len(_OURS) :] if name.startswith(_OURS) else ""
        if ours.split(".")[0] in modules:
            _forget(name)
    _collect()


def _collect():
    if hasattr(gc, "mem_free"):  # a small heap: MicroPython's
        gc.collect()


def _run(module, function, args):
    """A frame of its own: none that is still there when the visitor leaves points at him."""
    return getattr(__import__(module, None, None, (function,)), function)(*args)


def _forget(name):
    del sys.modules[name]
    package, _, leaf = name.rpartition(".")
    if hasattr(sys.modules.get(package), leaf):
        delattr(sys.modules[package], leaf)
