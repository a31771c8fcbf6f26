"""Counts what a link costs on the air, so that a daily budget means something."""

# A segment of TCP over IPv4 and the one that acknowledges it: 20 + 20 bytes of headers each
# (RFC 9293 3.1, RFC 791 3.1). Opening and closing a connection takes seven segments.
SEGMENT_BYTES = 80
CONNECTION_BYTES = 280


class MeteredLink:
    """A link whose streams count into `used_bytes`, headers as estimated above."""

    def __init__(self, link):
        self._link = link
        self.used_bytes = 0
        self.prepare, self.off, self.network_time_s = link.prepare, link.off, link.network_time_s

    def connect(self, host, port):
        self.used_bytes += CONNECTION_BYTES
        return _MeteredStream(self._link.connect(host, port), self)


class _MeteredStream:
    def __init__(self, stream, meter):
        self._stream = stream
        self._meter = meter
        self.settimeout, self.close = stream.settimeout, stream.close

    def send(self, data):
        count = self._stream.send(data)
        self._meter.used_bytes += count + SEGMENT_BYTES
        return count

    def recv(self, size):
        data = self._stream.recv(size)
        self._meter.used_bytes += len(data) + SEGMENT_BYTES
        return data
