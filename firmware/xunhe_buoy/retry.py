"""Pauses between attempts: doubling, capped, with jitter, so that neither one buoy storms nor a
hundred of them return in step."""

RETRY_MS = 500
RETRY_MAX_MS = 60000


class Retry:
    """Counts failures and knows how long to wait. `board`: ticks_ms, ticks_diff, jitter."""

    def __init__(self, board):
        self._board = board
        self._since_ms = board.ticks_ms()
        self._pause_ms = 0
        self.failures = 0

    def failed(self):
        self._since_ms = self._board.ticks_ms()
        self._pause_ms = retry_pause_ms(self.failures, self._board.jitter())
        self.failures += 1

    def succeeded(self):
        self.failures = 0

    def hurry(self):
        """The next attempt may begin now; later ones pause as if this had not been said."""
        self._pause_ms = 0

    def left_ms(self):
        waited_ms = self._board.ticks_diff(self._board.ticks_ms(), self._since_ms)
        return max(0, self._pause_ms - waited_ms)


def retry_pause_ms(failures, jitter):
    """Pause before the next attempt: doubling, capped, times 0.5 to 1.5 (`jitter` 0 to 1)."""
    pause = min(RETRY_MAX_MS, RETRY_MS << min(failures, 10))
    return min(RETRY_MAX_MS, int(pause * (0.5 + jitter)))
