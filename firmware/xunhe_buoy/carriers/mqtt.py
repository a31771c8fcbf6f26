"""MQTT 3.1.1 over any link. Topics: xunhe/v1/<station>/<kind>, the kinds are the carrier's.

The status is retained, and so is the will, which the broker publishes when the buoy goes without
a word. A polite goodbye publishes none: a buoy that sleeps is not off line.
"""

import gc
import json

from xunhe_buoy import mqtt
from xunhe_buoy.links import R_CLOSED, LinkError

WAIT_MS = 3000  # for CONNACK, SUBACK, PINGRESP and for room to send
KEEPALIVE_S = 60
_DOWN = ("ack", "command", "update")


def _ignore(_time_s):
    return None


class MqttCarrier:
    """`on_network_time(unix_s)`: what the mobile network says the time is, at every opening."""

    max_batch = 40  # records in a batch: 550 bytes on the wire, some 12 kB of heap
    ack_timeout_ms = 8000
    status_ms = 5000

    def __init__(self, board, settings, link):
        self._board = board
        self._broker = settings.broker
        self._device = settings.device.hex()
        self._link = link
        self._prefix = "xunhe/v1/%s/" % settings.station
        self._client = None
        self.on_network_time = _ignore

    def open(self):
        if not self._link.prepare():
            return False
        time_s = self._link.network_time_s()
        if time_s is not None:  # before TLS, which judges certificates by the clock
            self.on_network_time(time_s)
        gc.collect()
        stream = self._link.connect(self._broker.host, self._broker.port)
        self._client = mqtt.Client(stream, self._board, WAIT_MS, KEEPALIVE_S)
        gone = json.dumps({"device": self._device, "online": False}).encode()
        will = (self._prefix + "status", gone)
        self._client.connect(self._device, self._broker.user, self._broker.password, will)
        self._client.subscribe(*[self._prefix + kind for kind in _DOWN])
        return True

    def close(self):
        if self._client is not None:
            self._client.close()
            self._client = None
        self._link.off()

    def drop(self):
        if self._client is not None:
            self._client.abandon()
            self._client = None

    def send(self, kind, payload):
        is_status = kind == "status"
        self._up().publish(self._prefix + kind, payload, 0 if is_status else 1, is_status)

    def poll(self, wait_ms):
        received = self._up().poll(wait_ms)
        if received is None or not received.topic.startswith(self._prefix):
            return None
        return received.topic[len(self._prefix) :], received.payload

    def is_free(self):
        return True

    def is_exhausted(self):
        return False

    def memory(self):
        return None

    def remember(self, kept):
        """Nothing of a connection outlives it."""

    def used_bytes(self):
        return self._link.used_bytes

    def _up(self):
        if self._client is None:
            raise LinkError(R_CLOSED, "the carrier is not open")
        return self._client
