"""Starts the firmware from the slot whose turn it is: boot.py of a board and launch.py share this.

`slots` is None until `run`; the firmware finds its own slot there.
"""

import gc
import sys

from xunhe_boot import disk
from xunhe_boot.slots import Slots

COLLECT_BYTES = 2048  # collect after so many were taken: what stays then lies close together

slots = None


def run(root, factory, board, reset, guard=None):
    """Run the firmware; returns only where `reset` does.

    root      folder of the slots
    factory   folder on sys.path that holds xunhe_buoy as the board was made, None if frozen
    board     name of the folder under boards/
    reset     restarts the board
    guard     called before a slot on trial is entered: arms the watchdog
    """
    global slots  # noqa: PLW0603 (one board, one set of slots)
    if hasattr(gc, "threshold"):  # MicroPython
        gc.threshold(COLLECT_BYTES)
    slots = Slots(disk, root)
    folder = slots.folder(slots.choose()) or factory
    if folder is not None:
        sys.path.insert(0, folder)
        sys.path.insert(0, folder + "/xunhe_buoy/boards/" + board)
    if slots.on_trial and guard is not None:
        guard()
    main = _import_main(reset)
    main.run()
    reset()


def _import_main(reset):
    """The firmware's main; a slot from which it cannot be imported is given up."""
    try:
        from xunhe_buoy import main
    except Exception as error:  # whatever is wrong with it, it will be so again
        if slots.running == "factory":
            raise
        print("slot %s given up: %r" % (slots.running, error))
        slots.abandon()
        reset()
        raise
    return main
