"""`micropython live.py CONFIG CODE DAYS`: the firmware in CODE on the board beside this file."""

import gc
import sys

sys.path.insert(0, __file__.rpartition("/")[0])

import board  # noqa: F401 (puts CODE on the path; everything else finds it by its name)

from xunhe_boot import start
from xunhe_buoy import main

gc.threshold(start.COLLECT_BYTES)  # as start.run does for a slot
main.run()
