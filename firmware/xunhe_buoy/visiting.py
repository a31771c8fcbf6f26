"""Code that is needed now and then: it comes into RAM for one call and leaves with it."""

import gc
import sys

_OURS = "xunhe_buoy."
_STAYS = "xunhe_buoy.update"  # what an update has begun goes on until the restart that ends it


def call(module, function, *args):
    """Import a module of xunhe_buoy and call its function; what that imported is forgotten.

    What comes back must be plain data: an object keeps its class, and that its whole module. The
    class of an exception is forgotten too: catch what it inherits from.
    """
    before = set(sys.modules)
    try:
        found = __import__(_OURS + module, None, None, (function,))
        return getattr(found, function)(*args)
    finally:
        for name in set(sys.modules) - before:
            if name.startswith(_OURS) and not name.startswith(_STAYS):
                _forget(name)
        gc.collect()


def _forget(name):
    del sys.modules[name]
    package, _, leaf = name.rpartition(".")
    if hasattr(sys.modules.get(package), leaf):
        delattr(sys.modules[package], leaf)
