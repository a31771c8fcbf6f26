"""main.py of a virtual board that a technician flashed: starts the firmware from its slot.

The counterpart of boards/esp32s3/boot.py. launch.py starts a virtual buoy without a file system of
its own.
"""

import os
import sys

from xunhe_boot import start

_EXIT_RESET = 44  # as board.py has it: whoever started this starts it again
_CONFIG = "/data/config.json"


def _is_provisioned():
    try:
        os.stat(_CONFIG)
    except OSError:
        return False
    return True


def _reset():
    sys.exit(_EXIT_RESET)


if _is_provisioned():
    start.run("/slots", None, "virtual", _reset)
else:
    print("not provisioned: xunhe buoy provision")
