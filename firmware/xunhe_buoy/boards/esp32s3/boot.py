"""Starts the firmware of the ESP32-S3 board from the slot whose turn it is.

It is boot.py where the image carries xunhe_boot, xunhe_buoy and this board's board.py frozen into
it: that copy is the factory's. On a stock image `xunhe buoy flash` puts it in as main.py, beside
xunhe_boot and a first slot. Ctrl-C on the USB line ends in the REPL.
"""

import os
import sys
import time

import machine

from xunhe_boot import start

WATCHDOG_MS = 120000  # a version on trial that hangs before it feeds its own watchdog
PAUSE_S = 5  # leaves a technician the time for Ctrl-C between two starts that fail
_CONFIG = "/data/config.json"


def _guard():
    machine.WDT(timeout=WATCHDOG_MS)


def _is_provisioned():
    try:
        os.stat(_CONFIG)
    except OSError:
        return False
    return True


def _run():
    try:
        start.run("/slots", None, "esp32s3", machine.reset, _guard)
    except Exception as error:  # noqa: BLE001 (out of here it would end in the REPL for good)
        sys.print_exception(error)
        time.sleep(PAUSE_S)
        machine.reset()


if _is_provisioned():
    _run()
else:
    print("not provisioned: xunhe buoy provision")
