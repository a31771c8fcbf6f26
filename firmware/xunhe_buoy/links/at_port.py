"""Commands to a modem and their answers; every line that no command asked for goes to `on_line`."""

from xunhe_buoy.links import R_MODEM, R_REFUSED, R_TIMEOUT, LinkError
from xunhe_buoy.links.at import PROMPT, AtReader

DATA_MS = 5000
OK = b"OK"
_ERRORS = (b"ERROR", b"+CME ERROR", b"+CMS ERROR")  # V.250 5.7.1, TS 27.007 9.1, TS 27.005 3.2.5
_PAUSE_MS = 5


class AtPort:
    """`uart` has `any`, `read` and `write`; `clock` sleep_ms, ticks_ms and ticks_diff."""

    answer_ms = 3000  # for commands that only ask or set

    def __init__(self, uart, clock, on_line):
        self._uart = uart
        self._clock = clock
        self._on_line = on_line
        self._reader = AtReader()
        self.is_silent = False  # the last answer did not come

    def listen(self):
        """Hear what the modem says unasked."""
        while True:
            line = self._take(0)
            if line is None:
                return
            self._on_line(line)

    def ask(self, command, until=(OK,), timeout_ms=None, fails=()):
        """Lines that begin with each of `until`, in their order of arrival, which is free.

        An entry may be a tuple of alternatives. LinkError: "refused" on an error line or one that
        begins like one of `fails`, "timeout" where lines are missing.
        """
        self.listen()  # what came before is no answer to this
        self._write(command + b"\r")
        return self._await(command, until, timeout_ms, fails)

    def ask_data(self, command, header, size_of, most):
        """(header line, data): `size_of(line)` bytes follow the line, at most `most`; then OK."""
        (line,) = self.ask(command, (header,))
        size = size_of(line)
        if not 0 <= size <= most:
            raise LinkError(R_MODEM, "%d bytes where %d were asked for" % (size, most))
        data = b""
        if size:
            self._reader.expect(size)
            data = self._take(DATA_MS)
            if data is None:
                self._reader.expect(0)
                raise LinkError(R_TIMEOUT, "data after %r" % line)
        self._await(command, (OK,), None, ())
        return line, data

    def send_data(self, command, data, until, timeout_ms, fails=()):
        """Data after the prompt; the lines of `until` as `ask` has them."""
        self.ask(command, (PROMPT,), fails=fails)
        self._write(data)
        return self._await(data, until, timeout_ms, fails)

    def _await(self, command, until, timeout_ms, fails):
        timeout_ms = timeout_ms or self.answer_ms
        start = self._clock.ticks_ms()
        missing, found = list(until), []
        while missing:
            spent_ms = self._clock.ticks_diff(self._clock.ticks_ms(), start)
            line = self._take(timeout_ms - spent_ms)
            self.is_silent = line is None
            if line is None:
                raise LinkError(R_TIMEOUT, "%s: no %r" % (shown(command), missing[0]))
            wanted = _first(missing, line)
            if wanted is not None:
                missing.remove(wanted)
                found.append(line)
            elif _first(_ERRORS, line) or _first(fails, line):
                raise LinkError(R_REFUSED, "%s: %s" % (shown(command), shown(line)))
            elif line != command:  # an echo
                self._on_line(line)
        return found

    def _take(self, timeout_ms):
        """The next line or data within the time, None otherwise. What is there costs no time."""
        start = self._clock.ticks_ms()
        while True:
            item = self._reader.take()
            if item is not None:
                return item
            if not self._read():
                if self._clock.ticks_diff(self._clock.ticks_ms(), start) >= timeout_ms:
                    return None
                self._clock.sleep_ms(_PAUSE_MS)

    def _read(self):
        try:
            data = self._uart.read() if self._uart.any() else None
        except OSError as error:
            raise LinkError(R_MODEM, "serial port: %s" % error)
        if data:
            self._reader.feed(data)
        return bool(data)

    def _write(self, data):
        try:
            self._uart.write(data)
        except OSError as error:
            raise LinkError(R_MODEM, "serial port: %s" % error)


def _first(starts, line):
    """The first entry of `starts` with which the line begins; an entry may be alternatives."""
    for start in starts:
        for text in start if isinstance(start, tuple) else (start,):
            if line.startswith(text):
                return start
    return None


def shown(line):
    """For a message: text, and never a whole payload."""
    return "".join(chr(c) if 32 <= c < 127 else "?" for c in line[:40])


def numbers(line):
    """The whole numbers after the colon of a line such as b"+CEREG:0,1"; LinkError otherwise."""
    try:
        return [int(field) for field in str(line.split(b":", 1)[1], "utf-8").split(",")]
    except (IndexError, ValueError):
        raise LinkError(R_MODEM, "no numbers in %s" % shown(line))
