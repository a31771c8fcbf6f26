"""The MQTT link (paho, manual acknowledgement): frames in, acknowledgements and values out.

The broker gets its PUBACK, and the buoy its acknowledgement, only after the COMMIT.
"""

import contextlib
import json
import logging
import queue
import time
from collections.abc import Callable, Iterable
from typing import Any

import paho.mqtt.client as paho
import sqlalchemy as sa
from paho.mqtt.enums import CallbackAPIVersion

from xunhe.adapters.ingest import TOPICS, Ingest, Message, Reply
from xunhe.adapters.store.records import PAYLOAD_KEPT
from xunhe.domain.observation import Sample
from xunhe.settings import MqttSettings

log = logging.getLogger(__name__)

_BATCH = 100  # frames a transaction: more gains nothing in SQLite
_WAITING = 2000  # frames; beyond, the link is not read until the store has caught up
_RETRY_S = 1.0
_TRIES = 4

Waiting = tuple[Message, int, int]


class Link:
    """Connects to the broker, and reconnects by itself."""

    def __init__(self, settings: MqttSettings, client_id: str = "xunhe-gateway") -> None:
        self._settings = settings
        self._waiting: queue.Queue[Waiting] = queue.Queue(_WAITING)
        self._batch: list[Waiting] = []  # taken from the queue, not yet committed
        self._tries = 0  # at the first of the batch; above 0, its frames go one by one
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id, clean_session=False, manual_ack=True
        )
        if settings.user is not None:
            self._client.username_pw_set(settings.user, settings.password)
        self._client.reconnect_delay_set(min_delay=1, max_delay=30)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    def start(self) -> None:
        """Begin to connect; the link comes up when the broker is there."""
        self._client.connect_async(self._settings.host, self._settings.port, keepalive=30)
        self._client.loop_start()

    def stop(self) -> None:
        """Leave. Frames that wait are not acknowledged and will come again."""
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> paho.MQTTMessageInfo:
        """Send with QoS 1."""
        return self._client.publish(topic, payload, qos=1, retain=retain)

    @property
    def is_up(self) -> bool:
        """True while the broker answers."""
        return self._client.is_connected()

    def pump(self, ingest: Ingest, committed: Callable[[], None], wait_s: float = 0.2) -> None:
        """Take one batch of waiting frames in, then acknowledge it. Waits at most `wait_s` for one.

        While the store fails, the batch is tried again after a pause and nothing is acknowledged.
        Any other error is raised; the frames are then tried one by one, and one that fails again
        and again is set aside, so that it holds up nothing but itself.
        """
        self._batch = self._batch or self._collect(wait_s)
        if not self._batch:
            return
        part = self._batch if self._tries == 0 else self._batch[:1]
        if self._tries >= _TRIES:
            ingest.set_aside(part[0][0])
            reply = Reply((), {})
        else:
            self._tries += 1
            try:
                reply = ingest.take([message for message, _, _ in part])
            except sa.exc.OperationalError as error:
                self._tries -= 1  # no fault of the frames
                log.error("store fails, %d frames stay unacknowledged: %s", len(part), error)
                time.sleep(_RETRY_S)
                return
        self._batch = self._batch[len(part) :]
        self._tries = 1 if self._batch else 0
        self._answer(part, reply)
        committed()

    def _answer(self, part: Iterable[Waiting], reply: Reply) -> None:
        for station, frame in reply.acks:
            self.publish(f"xunhe/v1/{station}/ack", frame)
        for _, mid, qos in part:
            self._client.ack(mid, qos)
        for sample in reply.latest.values():
            self.publish(f"xunhe/v1/{sample.station}/values", _plain(sample), retain=True)

    def _collect(self, wait_s: float) -> list[Waiting]:
        batch: list[Waiting] = []
        with contextlib.suppress(queue.Empty):
            batch.append(self._waiting.get(timeout=wait_s))
            while len(batch) < _BATCH:
                batch.append(self._waiting.get_nowait())
        return batch

    def _on_connect(self, client: paho.Client, _data: Any, _flags: Any, code: Any, _p: Any) -> None:
        if code.is_failure:
            log.error("broker refused the gateway: %s", code)
            return
        log.info("connected to broker host=%s port=%d", self._settings.host, self._settings.port)
        client.subscribe([(f"xunhe/v1/+/{kind}", 1) for kind in TOPICS])

    def _on_disconnect(self, _c: Any, _data: Any, _flags: Any, code: Any, _p: Any) -> None:
        log.warning("broker link lost: %s", code)

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        payload = bytes(message.payload)
        cut = payload if len(payload) <= PAYLOAD_KEPT else payload[:PAYLOAD_KEPT]
        taken = Message(message.topic, cut, len(payload))
        self._waiting.put((taken, message.mid, message.qos))


def _plain(sample: Sample) -> bytes:
    """A sample as plain JSON, for other programs."""
    values = {prop: {"value": value, "flag": flag} for prop, (value, flag) in sample.values.items()}
    body = {"station": sample.station, "time": sample.time.isoformat(), "values": values}
    return json.dumps(body).encode()
