"""A serial port of the virtual board: machine.UART's `any`, `read` and `write` on a PTY."""

import errno
import select
import termios

try:  # MicroPython
    from termios import setraw
except ImportError:  # CPython
    from tty import setraw


# Linux's speed codes: MicroPython's termios lacks some names, the numbers are the same.
_SPEEDS = {1200: 9, 2400: 11, 4800: 12, 9600: 13, 19200: 14, 38400: 15, 57600: 4097, 115200: 4098}


class Uart:
    """Opened when first used, and anew after the other end went.

    The baud rate is the PTY's: a simulated chip is deaf at the wrong one.
    """

    def __init__(self, path, baud):
        self._path = path
        self._speed = _SPEEDS[baud]
        self._file = None

    def any(self):
        return 1 if self._poller().poll(0) else 0

    def read(self):
        """What is there now. Byte by byte: MicroPython's read(n) waits for all n."""
        self._poller()
        data = bytearray()
        try:
            while self._poll.poll(0):
                byte = self._file.read(1)
                if not byte:
                    raise OSError(errno.EIO)
                data.extend(byte)
        except OSError:
            self._close()
            raise
        return bytes(data)

    def read_exactly(self, size, timeout_ms):
        """So many bytes, or OSError(ETIMEDOUT)."""
        data = bytearray()
        while len(data) < size:
            if not self._poller().poll(timeout_ms):
                raise OSError(errno.ETIMEDOUT)
            data.extend(self._file.read(1) or b"")
        return bytes(data)

    def write(self, data):
        self._poller()
        try:
            self._file.write(data)
        except OSError:
            self._close()
            raise

    def _poller(self):
        if self._file is None:
            self._file = open(self._path, "r+b", 0)
            self._set_line(self._file.fileno())
            self._poll = select.poll()
            self._poll.register(self._file, select.POLLIN)
        return self._poll

    def _set_line(self, fd):
        setraw(fd)
        line = termios.tcgetattr(fd)
        line[4] = line[5] = self._speed
        termios.tcsetattr(fd, termios.TCSANOW, line)

    def _close(self):
        self._file.close()
        self._file = None
