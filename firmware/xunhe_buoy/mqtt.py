"""MQTT 3.1.1 client on an injected stream: a time-out on every wait, one thread, no callbacks.

A socket will do, or any stream as links/__init__.py has it. `clock` offers `ticks_ms` and
`ticks_diff`. Every failure is an MqttError; afterwards the client is closed and only good for
throwing away. PUBACKs say that the broker has a message, nothing more: see uplink.py.
"""

import errno

from xunhe_buoy import links
from xunhe_buoy import mqtt_codec as codec
from xunhe_buoy.mqtt_codec import MqttError

# CPython raises TimeoutError("timed out"), MicroPython OSError with either number.
_TIMED_OUT = (errno.EAGAIN, errno.ETIMEDOUT, "timed out")

_PIECE = 256  # bytes taken from the stream at once: an acknowledgement has sixty


class Client:
    """Connects on `connect`; `timeout_ms` bounds every answer that is waited for."""

    def __init__(self, stream, clock, timeout_ms=5000, keepalive_s=60):
        self._stream = stream
        self._clock = clock
        self._timeout_ms = timeout_ms
        self._keepalive_s = keepalive_s
        self._buf = bytearray()
        self._packet_id = 0
        self._sent_ms = self._heard_ms = clock.ticks_ms()
        self._pinged_ms = None  # when a PINGREQ went out that has no answer yet
        self.unacknowledged = {}  # packet id → topic of QoS 1 publishes
        self._inbox = []

    def connect(self, client_id, user=None, password=None, will=None):
        self._send(codec.connect(client_id, user, password, self._keepalive_s, will))
        codec.parse_connack(self._wait_for(codec.CONNACK))

    def subscribe(self, *topics):
        self._send(codec.subscribe(self._next_id(), topics))
        codec.parse_suback(self._wait_for(codec.SUBACK))

    def publish(self, topic, payload, qos=0, retain=False):
        """Send and return at once; the packet id, 0 for QoS 0."""
        packet_id = self._next_id() if qos else 0
        self._send(codec.publish(topic, payload, qos, packet_id, retain))
        if qos:
            self.unacknowledged[packet_id] = topic
        return packet_id

    def poll(self, timeout_ms):
        """The next received Message, or None when the time is up. Keeps the connection alive.

        None means that everything which had arrived was looked at, so that a caller who slept for
        long may judge time-outs then, and so does this client.
        """
        start = self._clock.ticks_ms()
        while not self._inbox:
            packet = self._receive(timeout_ms - self._since(start))
            if packet is None:
                self._keep_alive()
                return None
            self._handle(packet)
        return self._inbox.pop(0)

    def close(self):
        try:
            self._send(codec.disconnect())
        except MqttError:
            pass  # it is closed, which is what was asked for
        self._stream.close()

    def abandon(self):
        """Close without a word, so that the broker publishes the will."""
        self._stream.close()

    def _next_id(self):
        self._packet_id = self._packet_id % 0xFFFF + 1
        return self._packet_id

    def _wait_for(self, kind):
        start = self._clock.ticks_ms()
        while True:
            left = self._timeout_ms - self._since(start)
            packet = self._receive(left) if left > 0 else None
            if packet is None:
                raise self._fail(links.R_TIMEOUT, "no packet of kind %d" % kind)
            if packet[0] >> 4 == kind:
                return packet[1]
            self._handle(packet)

    def _handle(self, packet):
        first, body = packet
        kind = first >> 4
        if kind == codec.PUBLISH:
            message = codec.parse_publish(first, body)
            if message.qos:
                self._send(codec.puback(message.packet_id))
            self._inbox.append(message)
        elif kind == codec.PUBACK:
            self.unacknowledged.pop(codec.parse_packet_id(body), None)
        elif kind == codec.PINGRESP:
            self._pinged_ms = None
        else:
            raise self._fail(links.R_MALFORMED, "unexpected packet of kind %d" % kind)

    def _keep_alive(self):
        """PINGREQ after half the keep-alive of silence; a half-open socket shows by no answer."""
        if self._pinged_ms is not None:
            if self._since(self._pinged_ms) > self._timeout_ms:
                raise self._fail(links.R_TIMEOUT, "no PINGRESP")
        elif max(self._since(self._heard_ms), self._since(self._sent_ms)) > self._keepalive_s * 500:
            self._send(codec.pingreq())
            self._pinged_ms = self._clock.ticks_ms()

    def _receive(self, timeout_ms):
        """The next whole packet, or None when the time is up."""
        packet = codec.take_packet(self._buf)
        start = self._clock.ticks_ms()
        while packet is None:
            left = timeout_ms - self._since(start)
            if not self._fill(max(0, left)):
                return None
            packet = codec.take_packet(self._buf)
        return packet

    def _fill(self, timeout_ms):
        """True where bytes came in time."""
        self._stream.settimeout(max(1, timeout_ms) / 1000)
        try:
            data = self._stream.recv(_PIECE)
        except OSError as error:
            if _is_late(error):
                return False
            raise self._fail(_reason(error), str(error))
        if not data:
            raise self._fail(links.R_CLOSED, "the broker closed the connection")
        self._buf.extend(data)
        self._heard_ms = self._clock.ticks_ms()
        return True

    def _send(self, data):
        """All of it, or MqttError: half a packet sent is a broken connection."""
        self._stream.settimeout(self._timeout_ms / 1000)
        try:
            while data:
                data = data[self._stream.send(data) :]
        except OSError as error:
            raise self._fail(links.R_TIMEOUT if _is_late(error) else _reason(error), str(error))
        self._sent_ms = self._clock.ticks_ms()

    def _since(self, start):
        return self._clock.ticks_diff(self._clock.ticks_ms(), start)

    def _fail(self, reason, message):
        self._stream.close()
        return MqttError(reason, message)


def _is_late(error):
    return bool(error.args) and error.args[0] in _TIMED_OUT


def _reason(error):
    return error.reason if isinstance(error, links.LinkError) else links.R_NETWORK
