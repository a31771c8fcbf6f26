"""Uplink: pending records go to the gateway in signed batches; its signed word frees them.

Rules
    1. A record is freed by a valid acknowledgement of the application and by nothing else: the
       gateway signs it after its COMMIT. A PUBACK frees nothing. Refused records are freed too,
       the gateway keeps them with the reason.
    2. One batch is in flight. Without acknowledgement in ACK_TIMEOUT_MS the link counts as dead:
       reconnect and send again. Twice delivered is once stored, by (device, boot, seq).
    3. After a failure the pause doubles from RETRY_MS to RETRY_MAX_MS, with jitter so that a
       hundred buoys do not return in step. Only an acknowledgement resets it.

Topics: xunhe/v1/<station>/readings, ack, status. Times are wall milliseconds: wires are real.
"""

import gc
import json

from xunhe_buoy import mqtt, record
from xunhe_buoy.mqtt_codec import R_NETWORK, MqttError

ACK_TIMEOUT_MS = 8000
RETRY_MS = 500
RETRY_MAX_MS = 60000
WAIT_MS = 3000  # for the network, CONNACK, SUBACK, PINGRESP
STATUS_MS = 5000  # status goes out no oftener
MAX_BATCH = 40  # records in a batch: 550 bytes on the wire, some 12 kB of heap

R_NO_ACK = "no ack"


class Uplink:
    """`describe` returns the status as a dict; `say` prints one line."""

    def __init__(self, board, ring, settings, describe, say):
        self._board = board
        self._ring = ring
        self._settings = settings
        self._describe = describe
        self._say = say
        self._topic = "xunhe/v1/%s/" % settings.station
        self._client = None
        self._flight = None  # (boot, first seq, count, ticks when sent)
        self._failures = 0
        self._retry_from_ms = board.ticks_ms()
        self._retry_pause_ms = 0
        self._status_ms = 0
        self._status_of = None  # (next_seq, pending) the last status told
        self._oldest = (None, 0)  # (next_seq, pending) → time of the oldest record
        self.acknowledged = 0
        self.refused = 0
        self.bad_acks = 0
        self.connects = 0

    def service(self, wait_ms, now_s):
        """Do what is due and listen for up to `wait_ms`; returns early when something happened."""
        try:
            if self._client is None:
                self._reconnect(wait_ms, now_s)
            else:
                self._exchange(wait_ms, now_s)
        except MqttError as error:
            self._go_down(error.reason)

    # -- link

    def _reconnect(self, wait_ms, now_s):
        left_ms = self._retry_pause_ms - self._since(self._retry_from_ms)
        if left_ms <= 0 and self._is_due(now_s):
            self._connect()
        else:
            self._board.sleep_ms(min(wait_ms, left_ms) if left_ms > 0 else wait_ms)

    def _connect(self):
        gc.collect()
        broker = self._settings.broker
        try:
            sock = self._board.network_connect(broker.host, broker.port, WAIT_MS)
        except OSError as error:
            raise MqttError(R_NETWORK, str(error))
        self._client = mqtt.Client(sock, self._board, WAIT_MS)
        device = self._settings.device.hex()
        gone = json.dumps({"device": device, "online": False}).encode()
        self._client.connect(device, broker.user, broker.password, (self._topic + "status", gone))
        self._client.subscribe(self._topic + "ack")
        self.connects += 1
        self._say("link up")
        self._publish_status()

    def _go_down(self, reason):
        if self._client is not None:
            self._client.abandon()
        self._client = self._flight = None
        self._retry_from_ms = self._board.ticks_ms()
        self._retry_pause_ms = retry_pause_ms(self._failures, self._board.jitter())
        self._failures += 1
        self._say("link down %s" % reason)

    # -- traffic

    def _exchange(self, wait_ms, now_s):
        if self._flight is None and self._is_due(now_s):
            self._send_batch()
        self._tell_status()
        message = self._client.poll(wait_ms)
        if message is None:  # nothing is left to read: the acknowledgement is not among it
            self._check_flight()
        elif message.topic == self._topic + "ack":
            self._take_ack(message.payload)

    def _check_flight(self):
        if self._flight is not None and self._since(self._flight[3]) > ACK_TIMEOUT_MS:
            raise MqttError(R_NO_ACK, "no acknowledgement")

    def _is_due(self, now_s):
        """Enough pending records, or the oldest has waited long enough, or has an alien clock."""
        pending = self._ring.pending_count
        if pending == 0 or pending >= self._settings.batch:
            return pending > 0
        age_s = now_s - self._oldest_s()
        return not 0 <= age_s < self._settings.batch * self._settings.sample_interval_s

    def _oldest_s(self):
        state = (self._ring.next_seq, self._ring.pending_count)
        if self._oldest[0] != state:
            self._oldest = (state, self._ring.pending(1)[0].time_s)
        return self._oldest[1]

    def _send_batch(self):
        batch = self._ring.pending(MAX_BATCH)
        if not batch:
            return
        frame = record.encode_batch(self._settings.device, batch, self._settings.key)
        self._client.publish(self._topic + "readings", frame, qos=1)
        self._flight = (batch[0].boot, batch[0].seq, len(batch), self._board.ticks_ms())

    def _take_ack(self, frame):
        try:
            ack = record.decode_ack(frame, self._settings.device, self._settings.key)
        except record.FrameError as error:
            self.bad_acks += 1
            self._say("ack ignored %s" % error.reason)
            return
        try:
            freed = self._ring.acknowledge(ack.boot, ack.seq, ack.count)
        except OSError as error:
            self._say("flash %s" % error)  # the records stay pending and are sent again
            return
        if self._flight is not None and _covers(ack, self._flight):
            self._flight = None
        if not freed:
            return  # heard before
        self._failures = 0
        self.acknowledged += freed
        self.refused += len(ack.refused)
        refused = ",".join("%d" % seq for seq in ack.refused) or "-"
        fields = (ack.boot, ack.seq, ack.count, refused)
        self._say("acked boot=%d first=%d count=%d refused=%s" % fields)

    # -- status

    def _tell_status(self):
        news = (self._ring.next_seq, self._ring.pending_count)
        if news != self._status_of and self._since(self._status_ms) > STATUS_MS:
            self._publish_status()

    def _publish_status(self):
        status = self._describe()
        status["online"] = True
        self._client.publish(self._topic + "status", json.dumps(status).encode(), retain=True)
        self._status_ms = self._board.ticks_ms()
        self._status_of = (self._ring.next_seq, self._ring.pending_count)

    def _since(self, start):
        return self._board.ticks_diff(self._board.ticks_ms(), start)


def retry_pause_ms(failures, jitter):
    """Pause before the next attempt: doubling, capped, times 0.5 to 1.5 (`jitter` 0 to 1)."""
    pause = min(RETRY_MAX_MS, RETRY_MS << min(failures, 10))
    return min(RETRY_MAX_MS, int(pause * (0.5 + jitter)))


def _covers(ack, flight):
    boot, first, count, _ = flight
    return ack.boot == boot and ack.seq < first + count and first < ack.seq + ack.count
