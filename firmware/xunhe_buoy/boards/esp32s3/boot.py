"""boot.py of the ESP32-S3 board: starts the firmware from the slot whose turn it is.

The image of the board carries MicroPython with xunhe_boot, xunhe_buoy and this board's board.py
frozen into it: that copy is the factory's. Ctrl-C on the USB line ends in the REPL.
"""

import sys
import time

import machine

from xunhe_boot import start

WATCHDOG_MS = 120000  # a version on trial that hangs before it feeds its own watchdog
PAUSE_S = 5  # leaves a technician the time for Ctrl-C between two starts that fail


def _guard():
    machine.WDT(timeout=WATCHDOG_MS)


try:
    start.run("/slots", None, "esp32s3", machine.reset, _guard)
except Exception as error:  # noqa: BLE001 (out of boot.py it would end in the REPL for good)
    sys.print_exception(error)
    time.sleep(PAUSE_S)
    machine.reset()
