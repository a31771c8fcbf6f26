"""`ticks_ms`, `ticks_diff` and `sleep_ms` of either interpreter: the wall's, the wires are real."""

import time

try:  # MicroPython
    from time import sleep_ms, ticks_diff, ticks_ms
except ImportError:  # CPython

    def ticks_ms():
        return int(time.monotonic() * 1000)

    def ticks_diff(later, earlier):
        return later - earlier

    def sleep_ms(ms):
        time.sleep(ms / 1000)


__all__ = ["sleep_ms", "ticks_diff", "ticks_ms"]
