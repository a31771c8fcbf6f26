"""What a modem writes, taken apart: lines, the prompt, data of a known size. Pure.

Answers are "<CR><LF>text<CR><LF>" (ITU-T V.250 5.7.1), the prompt for data is "<CR><LF>> "
(3GPP TS 27.005 3.5.1). Modems differ in the blank after a colon: it is left out here, so that
"+CIPRXGET: 1,0" and "+CIPRXGET:1,0" are one line.
"""

MAX_LINE = 256  # nothing that is waited for is longer: a longer line is noise
PROMPT = b">"


class AtReader:
    """`feed` bytes in any pieces, `take` what is complete."""

    def __init__(self):
        self._buf = bytearray()
        self._data_size = 0
        self.noise_bytes = 0

    def feed(self, data):
        self._buf.extend(data)

    def expect(self, size):
        """The next `size` bytes are data, taken in one piece."""
        self._data_size = size

    def take(self):
        """The next line without its end, PROMPT, or the data expected; None while incomplete."""
        if self._data_size:
            return self._take_data()
        line = b""
        while line == b"":
            line = self._take_line()
        return line

    def _take_data(self):
        if len(self._buf) < self._data_size:
            return None
        return self._cut(self._data_size, self._data_size)

    def _take_line(self):
        buf = self._buf
        if buf[:1] == PROMPT:
            self._cut(0, 2 if buf[1:2] == b" " else 1)
            return PROMPT
        end = bytes(buf).find(b"\n")
        if end < 0:
            if len(buf) > MAX_LINE:
                self.noise_bytes += len(buf)
                self._cut(0, len(buf))
            return None
        line = self._cut(end, end + 1).strip()
        if len(line) > MAX_LINE:
            self.noise_bytes += len(line)
            return b""
        return line.replace(b": ", b":", 1)

    def _cut(self, size, end):
        """The first `size` bytes; `end` bytes leave the buffer."""
        data = bytes(self._buf[:size])
        self._buf[:end] = b""
        self._data_size = 0
        return data
