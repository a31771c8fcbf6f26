"""Start a virtual buoy: `micropython -X heapsize=512k launch.py config.json`, or CPython's python3.

Its slots lie in the folder "slots" beside the configuration; the factory's copy is this one.
"""

import sys

_HERE = __file__.rsplit("/", 1)[0] if "/" in __file__ else "."
_INSIDE = "xunhe_buoy/boards/virtual"
# Each module keeps its path in RAM: a short one.
_ABOVE = _HERE[: -len(_INSIDE)] if _HERE.endswith(_INSIDE) else _HERE + "/../../.."
_FACTORY = _ABOVE.rstrip("/") or "."
sys.path.insert(0, _FACTORY)

from xunhe_boot import start  # noqa: E402  (needs the path set above)

EXIT_RESET = 44  # as board.py has it: whoever started this starts it again


def main(config):
    root = (config.rpartition("/")[0] or ".") + "/slots"
    try:
        start.run(root, _FACTORY, "virtual", lambda: sys.exit(EXIT_RESET))
    except ValueError as error:
        if type(error).__name__ != "ConfigError":  # of the slot that runs, and forgotten there
            raise
        sys.exit("configuration: %s" % error)


if len(sys.argv) != 2:
    sys.exit("usage: launch.py config.json")
main(sys.argv[1])
