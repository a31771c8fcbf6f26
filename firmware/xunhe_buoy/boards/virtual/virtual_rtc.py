"""What the virtual board's RTC domain keeps while the rest is off: a file beside the boot number.

Deep sleep, `reset` and the watchdog keep it, as they keep an ESP32's RTC memory. Whoever kills the
process takes the power away: what is left then says "running" and counts for nothing.
"""

import json
import os
import time


POWER, DEEP_SLEEP, RESET, WATCHDOG = "power", "deepsleep", "reset", "watchdog"
MEMORY_SIZE = 2000  # bytes; an ESP32 has 2048, its board file takes some for the clock
_RUNNING = "running"


class Rtc:
    """`reason` says why the board started; memory and the clock outlive all but a power cut."""

    def __init__(self, path):
        self._path = path
        kept = _read(path)
        self.reason = self._why(kept)
        if self.reason == POWER:
            kept = {}
            self.write_memory(b"")
        self.started_s = kept.get("started_s", time.time())  # wall, of the power-up
        self.clock_offset_s = kept.get("clock_offset_s")
        self.time_quality = kept.get("time_quality")
        self.wake_s = kept.get("wake_s", 0)  # wall; where to sleep on until then
        self.save(_RUNNING)

    def save(self, reason=_RUNNING, wake_s=0):
        kept = {
            "reason": reason,
            "wake_s": wake_s,
            "started_s": self.started_s,
            "clock_offset_s": self.clock_offset_s,
            "time_quality": self.time_quality,
        }
        with open(self._path + ".new", "w") as file:
            json.dump(kept, file)
        os.rename(self._path + ".new", self._path)

    def read_memory(self):
        """A file of its own, read anew: it is not kept in RAM."""
        try:
            size = os.stat(self._path + ".memory")[6]
            with open(self._path + ".memory", "rb") as file:
                return file.read(size)  # MicroPython sets aside as much as it is asked for
        except OSError:
            return b""

    def write_memory(self, data):
        with open(self._path + ".memory.new", "wb") as file:
            file.write(data)
        os.rename(self._path + ".memory.new", self._path + ".memory")

    def _why(self, kept):
        reason = kept.get("reason", POWER)
        if reason != _RUNNING:
            return reason
        try:
            os.remove(self._path + ".bitten")
        except OSError:
            return POWER
        return WATCHDOG


def _read(path):
    try:
        with open(path) as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}
