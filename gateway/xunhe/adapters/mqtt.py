"""The MQTT link (paho, manual acknowledgement): frames in, acknowledgements and values out.

The broker gets its PUBACK, and the buoy its acknowledgement, only after the COMMIT.
"""

import json
import logging
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from xunhe.adapters.frames import Message
from xunhe.adapters.ingest import TOPICS, Ingest, Reply
from xunhe.adapters.intake import Intake
from xunhe.adapters.store.records import PAYLOAD_KEPT
from xunhe.domain.observation import Sample
from xunhe.settings import MqttSettings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Credentials:
    """By what the gateway and a broker with TLS know each other."""

    user: str
    password: str = field(repr=False)
    context: ssl.SSLContext


@dataclass(frozen=True, slots=True)
class _Received:
    """A publish that the broker wants a PUBACK for."""

    message: Message
    mid: int
    qos: int


class Link:
    """Connects to the broker, and reconnects by itself."""

    def __init__(
        self,
        settings: MqttSettings,
        client_id: str = "xunhe-gateway",
        credentials: Credentials | None = None,
    ) -> None:
        self._settings = settings
        self._intake = Intake(self._answer)
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id, clean_session=False, manual_ack=True
        )
        if credentials is not None:
            self._client.username_pw_set(credentials.user, credentials.password)
            self._client.tls_set_context(credentials.context)
        elif settings.user is not None:
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

    @property
    def has_more(self) -> bool:
        """Do frames wait that are not being taken in yet?"""
        return self._intake.has_more

    def pump(self, ingest: Ingest, committed: Callable[[], None], wait_s: float = 0.2) -> None:
        """Take one batch of waiting frames in, then acknowledge it: see Intake."""
        self._revive()
        self._intake.pump(ingest, committed, wait_s)

    def _revive(self) -> None:
        """paho's thread ends with an error of memory and tells nobody; the next one takes the
        message that it was at."""
        if self._client.loop_start() is MQTTErrorCode.MQTT_ERR_SUCCESS:
            log.error("the thread of the broker's link had ended: begun again")

    def _answer(self, part: Iterable[_Received], reply: Reply) -> None:
        for station, frame in reply.acks:
            # QoS 0: a buoy that misses it sends again, and its clean session keeps nothing anyhow.
            self._client.publish(f"xunhe/v1/{station}/ack", frame)
        for down in reply.down:
            self.publish(f"xunhe/v1/{down.station}/{down.level}", down.frame)
        for received in part:
            self._client.ack(received.mid, received.qos)
        self.publish_values(reply)

    def publish_values(self, reply: Reply) -> None:
        """The latest samples as plain values, for other programs."""
        for sample in reply.latest.values():
            topic = f"xunhe/v1/{sample.station}/values"
            self._client.publish(topic, _plain(sample), retain=True)

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
        self._intake.put(_Received(taken, message.mid, message.qos))


def _plain(sample: Sample) -> bytes:
    """A sample as plain JSON, for other programs."""
    values = {prop: {"value": value, "flag": flag} for prop, (value, flag) in sample.values.items()}
    body = {"station": sample.station, "time": sample.time.isoformat(), "values": values}
    return json.dumps(body).encode()
