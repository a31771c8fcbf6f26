"""A TCP connection inside a modem, as links/__init__.py has streams. `dialect` speaks for it."""

import errno

from xunhe_buoy.links import R_REFUSED, LinkError

POLL_MS = 2000  # a line that announced data may have been lost
_PAUSE_MS = 10


class ModemStream:
    """The TCP connection, as links/__init__.py has streams."""

    def __init__(self, port, dialect, clock):
        self._port, self._dialect, self._clock = port, dialect, clock
        self._timeout_ms = 0
        self._has_data = self._is_ended = False
        self._asked_ms = clock.ticks_ms()

    def hear(self, line):
        """A line that no command asked for."""
        self._has_data = self._has_data or self._dialect.is_data(line)
        self._is_ended = self._is_ended or self._dialect.is_end(line)

    def settimeout(self, seconds):
        self._timeout_ms = int(seconds * 1000)

    def send(self, data):
        if self._is_ended:
            raise OSError(errno.ECONNRESET)
        return self._dialect.send(data[: self._dialect.send_max])

    def recv(self, size):
        start = self._clock.ticks_ms()
        while True:
            self._port.listen()
            if self._has_data or self._since(self._asked_ms) > POLL_MS:
                data = self._ask(size)
                if data:
                    return data
            if self._is_ended:
                return b""
            if self._since(start) >= self._timeout_ms:
                raise OSError(errno.ETIMEDOUT)
            self._clock.sleep_ms(_PAUSE_MS)

    def close(self):
        self._is_ended = True
        if self._port.is_silent:
            return  # `prepare` gives it new power
        try:
            self._dialect.shut()
        except LinkError:
            pass  # `prepare` finds out what is wrong with it

    def _ask(self, size):
        self._asked_ms = self._clock.ticks_ms()
        self._has_data = False  # a line that comes during the answer sets it again
        try:
            data, has_more = self._dialect.read(size)
        except LinkError as error:
            if error.reason != R_REFUSED:
                raise
            return b""  # an error is how some say that nothing waits
        self._has_data = self._has_data or has_more
        return data

    def _since(self, start_ms):
        return self._clock.ticks_diff(self._clock.ticks_ms(), start_ms)
