"""The device's clock and how far it is to be trusted. Order never depends on it: see ringlog.py.

Unix time where it was ever set, seconds since power-up where not. It is set by whom it hears: the
gateway's acknowledgement, GNSS, the mobile network; a word from anybody counts as a synchronisation
when the clock agrees with it, and moves the clock only when it does not.
"""

from xunhe_buoy.record import TIME_DRIFTING, TIME_SYNCED, TIME_UNSET

SYNC_HOLD_S = 86400  # 20 ppm of a crystal are 2 s a day, an ESP32's own RC oscillator minutes
TOLERANCE_S = 2  # resolution of the words and of the clock


class Clock:
    """`board` offers `now_s`, `time_quality`, `set_clock` and `uptime_s`."""

    def __init__(self, board, synced_s=None):
        self._board = board
        self.synced_s = synced_s  # uptime of the last synchronisation since power-up

    def read(self):
        """(seconds, record.TIME_… quality)."""
        now_s = self._board.now_s()
        if now_s is None:
            return self._board.uptime_s(), TIME_UNSET
        return now_s, self._quality()

    def hear(self, unix_s, waited_s=0.0):
        """Somebody says that it was `unix_s` at some instant of the last `waited_s`.

        True where the clock was moved: all that was planned by it is to be planned anew.
        """
        now_s = self._board.now_s()
        is_moved = now_s is None or not (
            unix_s - TOLERANCE_S <= now_s <= unix_s + 1 + waited_s + TOLERANCE_S
        )
        if is_moved:
            self._board.set_clock(unix_s + waited_s / 2, TIME_SYNCED)
        elif self._board.time_quality() != TIME_SYNCED:
            self._board.set_clock(now_s, TIME_SYNCED)
        self.synced_s = self._board.uptime_s()
        return is_moved

    def _quality(self):
        quality = self._board.time_quality()
        if quality != TIME_SYNCED or self.synced_s is None:
            return quality
        is_fresh = self._board.uptime_s() - self.synced_s <= SYNC_HOLD_S
        return TIME_SYNCED if is_fresh else TIME_DRIFTING
