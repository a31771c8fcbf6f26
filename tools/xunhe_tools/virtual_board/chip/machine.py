"""What the technician's tools and boot code ask of `machine`, on a virtual board.

The exit codes tell the board what to do with its processor: virtual_board/processor.py.
"""

import os
import sys

from umachine import *  # noqa: F403

_EXIT_RESET, _EXIT_BOOTLOADER = 44, 45


def unique_id():
    """The factory MAC address."""
    return bytes.fromhex(os.getenv("XUNHE_DEVICE"))


def reset():
    sys.exit(_EXIT_RESET)


def bootloader(timeout=0):
    """Into the ROM bootloader, as the ESP32-S3's."""
    sys.exit(_EXIT_BOOTLOADER)


class WDT:
    """The chip's watchdog: whoever carries the processor looks at this file."""

    def __init__(self, id=0, timeout=5000):
        self._timeout_ms = timeout
        self.feed()

    def feed(self):
        with open("/host" + os.getenv("XUNHE_WATCHDOG"), "w") as file:
            file.write("%d" % self._timeout_ms)
