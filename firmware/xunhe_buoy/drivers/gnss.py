"""A GNSS receiver on a UART: where the buoy is and what time it is, listened for and let go."""

from xunhe_buoy.drivers.nmea import Parser

BAUD = 9600  # of most receivers as delivered; to be confirmed for the one that is built in
_PAUSE_MS = 20  # 19 bytes at 9600 baud: no UART buffer overflows


class Gnss:
    """`uart` speaks NMEA 0183; `clock` offers `ticks_ms`, `ticks_diff` and `sleep_ms`."""

    def __init__(self, uart, clock):
        self._uart = uart
        self._clock = clock
        self._parser = Parser()

    @property
    def bad(self):
        """Sentences that were torn or nonsense."""
        return self._parser.bad

    def fix(self, timeout_ms):
        """The next Fix, or None in that time (wall milliseconds) or without a receiver."""
        start = self._clock.ticks_ms()
        while self._clock.ticks_diff(self._clock.ticks_ms(), start) < timeout_ms:
            try:
                data = self._uart.read() if self._uart.any() else b""
            except OSError:
                return None
            fix = self._parser.feed(data or b"")
            if fix is not None:
                return fix
            self._clock.sleep_ms(_PAUSE_MS)
        return None


def look(board, timeout_ms):
    """(latitude, longitude, Unix seconds or None) of the board's receiver; None without a fix."""
    fix = Gnss(board.uart("gnss", BAUD), board).fix(timeout_ms)
    return None if fix is None else (fix.lat, fix.lon, fix.time_s)
