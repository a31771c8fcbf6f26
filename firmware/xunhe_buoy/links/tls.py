"""TLS over any stream, by the interpreter's mbedTLS. MicroPython only: CPython's ssl wants sockets.

Rules
    1. The CA is DER (MicroPython 1.29 takes no PEM text here); the broker's certificate must lead
       to it and carry the host's name. There is no way to switch either off, and no fallback.
    2. MicroPython's context begins with CERT_NONE even as PROTOCOL_TLS_CLIENT: so it is set, and
       read back, before a byte goes out.
    3. mbedTLS asks for bytes through the stream protocol and would ask for ever: `_Wire` ends a
       wait when the stream's time is up.
"""

import errno
import io
import ssl

from xunhe_buoy.links import R_CLOSED, R_TLS, LinkError

HANDSHAKE_MS = 15000  # the curve's arithmetic takes an ESP32 some seconds (to be measured)
_CLOSE = 4  # ioctl request of MicroPython's stream protocol


class TlsLink:
    """A link whose streams are TLS. `wanted` is config's: `ca` a file's name, `hostname`."""

    def __init__(self, link, board, wanted):
        self._link = link
        self._board = board
        self._wanted = wanted
        self.prepare, self.off, self.network_time_s = link.prepare, link.off, link.network_time_s

    @property
    def used_bytes(self):
        return self._link.used_bytes

    def connect(self, host, port):
        context = self._context()
        stream = self._link.connect(host, port)
        try:
            return TlsStream(stream, context, self._wanted.hostname, self._board)
        except (OSError, ValueError) as error:  # ValueError: mbedTLS dislikes an argument
            stream.close()
            raise LinkError(R_TLS, "%s: %s" % (self._wanted.hostname, error))

    def _context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.verify_mode = ssl.CERT_REQUIRED
        try:
            with open(self._board.path(self._wanted.ca), "rb") as file:
                context.load_verify_locations(cadata=file.read())
        except (OSError, ValueError) as error:
            raise LinkError(R_TLS, "CA %s: %s" % (self._wanted.ca, error))
        if context.verify_mode != ssl.CERT_REQUIRED:
            raise LinkError(R_TLS, "this build does not verify certificates")
        return context


class TlsStream:
    """A stream as links/__init__.py has it; `clock` offers `ticks_ms` and `ticks_diff`."""

    def __init__(self, stream, context, hostname, clock):
        self._wire = _Wire(stream, clock)
        self._wire.allow(HANDSHAKE_MS)
        self._wire.is_patient = True
        self._tls = context.wrap_socket(self._wire, server_hostname=hostname)
        self._wire.is_patient = False
        self._timeout_ms = HANDSHAKE_MS

    def settimeout(self, seconds):
        self._timeout_ms = int(seconds * 1000)

    def recv(self, size):
        self._wire.allow(self._timeout_ms)
        buf = bytearray(size)
        while True:
            count = self._tls.readinto(buf)
            if count is not None:
                return bytes(memoryview(buf)[:count])
            if not self._wire.fill():
                raise OSError(errno.ETIMEDOUT)

    def send(self, data):
        self._wire.allow(self._timeout_ms)
        self._wire.is_patient = True  # a renegotiation may want to read
        try:
            count = self._tls.write(data)
        finally:
            self._wire.is_patient = False
        if not count:
            raise LinkError(R_CLOSED, "TLS takes no more")
        return count

    def close(self):
        self._tls.close()


class _Wire(io.IOBase):
    """The encrypted side, as mbedTLS calls it: bytes that are there, or "not now".

    `is_patient`: wait for bytes within the time allowed, as the handshake must.
    """

    def __init__(self, stream, clock):
        self._stream = stream
        self._clock = clock
        self._arrived = b""
        self._is_ended = False
        self.is_patient = False

    def allow(self, timeout_ms):
        self._since_ms, self._timeout_ms = self._clock.ticks_ms(), timeout_ms

    def fill(self):
        """True where bytes arrived, or the end of them, in the time allowed."""
        left_ms = self._timeout_ms - self._clock.ticks_diff(self._clock.ticks_ms(), self._since_ms)
        if left_ms <= 0:
            return False
        self._stream.settimeout(left_ms / 1000)
        try:
            self._arrived = self._stream.recv(512)
        except OSError as error:
            if error.args[0] in (errno.EAGAIN, errno.ETIMEDOUT):
                return False
            raise
        self._is_ended = not self._arrived
        return True

    def readinto(self, buf):
        if not self._arrived and not self._is_ended and self.is_patient and not self.fill():
            return -errno.ETIMEDOUT
        if not self._arrived:
            return 0 if self._is_ended else None
        count = min(len(buf), len(self._arrived))
        buf[:count] = self._arrived[:count]
        self._arrived = self._arrived[count:]
        return count

    def write(self, buf):
        self._stream.settimeout(self._timeout_ms / 1000)
        return self._stream.send(bytes(buf))

    def ioctl(self, request, _argument):
        if request == _CLOSE:
            self._stream.close()
        return 0
