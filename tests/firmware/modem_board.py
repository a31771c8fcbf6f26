"""The board functions that a modem's link uses, on the real clock and a PTY."""

import os
import select
import time
import tty


class Modem7600:
    """Settings."""

    dialect, apn, baud = "sim7600", "cmnet", 115200


class Uart:
    def __init__(self, path):
        self._fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._fd)

    def any(self):
        return bool(select.select([self._fd], [], [], 0)[0])

    def read(self):
        return os.read(self._fd, 256)

    def write(self, data):
        os.write(self._fd, data)


class Board:
    """`powers`: what the load switch was told."""

    def __init__(self, folder):
        self._path = folder / "modem.tty"
        self.powers = []

    def modem_power(self, on):
        if not self.powers or self.powers[-1] != on:
            self.powers.append(on)
        (self._path.parent / "modem.tty.power").write_text("1" if on else "0")

    def uart(self, name, baud):
        assert (name, baud) == ("modem", 115200)
        return Uart(self._path)

    def ticks_ms(self):
        return int(time.monotonic() * 1000)

    def ticks_diff(self, later, earlier):
        return later - earlier

    def sleep_ms(self, ms):
        time.sleep(ms / 1000)
