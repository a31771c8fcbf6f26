"""A platform's broker as a destination, with the platform's own acknowledgement.

    topic/<lane>/readings | incident   JSON with `key`, QoS 1
    topic/ack                          from the platform: {"keys": ["…", …]} or {"key": "…"}
A PUBACK is a broker's word; with `ack = "application"` only the platform's word ends a delivery.
"""

import json
import logging
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode

from xunhe.adapters.upstream.connection import Connection
from xunhe.domain.outward import DONE, Message, Outcome, Pace, Sent
from xunhe.outward_settings.upstream import MqttUpstreamSettings

log = logging.getLogger(__name__)

_BATCH = 100
_KEPT = 10_000  # acknowledged keys that nobody has asked for yet


class MqttUpstream:
    """Connects when it is first asked to send, and reconnects by itself."""

    def __init__(self, settings: MqttUpstreamSettings) -> None:
        self.name = f"mqtt.{settings.name}"
        self.pace = Pace(batch=_BATCH, live_for=timedelta(seconds=settings.live_s))
        self._settings = settings
        self._acked: dict[str, None] = {}
        self._told = threading.Condition()
        # The session is kept: what the platform acknowledges meanwhile is waiting.
        self._link = Connection(
            settings, self._listen, client_id=f"xunhe-{settings.name}", keeps_session=True
        )
        self._client = self._link.client
        self._client.on_message = self._on_message

    def wants(self, message: Message) -> bool:
        """What the settings say that it sends."""
        return message.kind in self._settings.sends

    def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Publish all, then wait for the word on each; those without it wait for another turn."""
        if (trouble := self._link.trouble()) is not None:
            return [Outcome(Sent.LATER, trouble)]
        sent = [(message, self._publish(message)) for message in messages]
        end_s = time.monotonic() + self._settings.ack_wait_s
        outcomes: list[Outcome] = []
        for message, info in sent:
            outcomes.append(self._outcome(message, info, end_s))
            if outcomes[-1] is not DONE:
                break
        return outcomes

    def close(self) -> None:
        """Leave the broker."""
        self._link.close()

    def _publish(self, message: Message) -> paho.MQTTMessageInfo:
        place = message.lane.replace(":", "/") if message.kind == "readings" else ""
        levels = [self._settings.topic, place, message.kind]
        body = {"key": message.key, "at": message.at.isoformat(), **message.body}
        payload = json.dumps(body, ensure_ascii=False).encode()
        return self._client.publish("/".join(filter(None, levels)), payload, qos=1)

    def _outcome(self, message: Message, info: paho.MQTTMessageInfo, end_s: float) -> Outcome:
        if self._settings.ack == "application":
            if self._is_acked(message.key, end_s):
                return DONE
            return Outcome(Sent.LATER, "the platform has not acknowledged it")
        if info.rc is MQTTErrorCode.MQTT_ERR_SUCCESS:
            info.wait_for_publish(max(end_s - time.monotonic(), 0))
            if info.is_published():
                return DONE
        return Outcome(Sent.LATER, "the broker has not confirmed it")

    def _is_acked(self, key: str, end_s: float) -> bool:
        with self._told:
            wait_s = max(end_s - time.monotonic(), 0)
            found = self._told.wait_for(lambda: key in self._acked, wait_s)
            self._acked.pop(key, None)
            return found

    def _listen(self, client: paho.Client) -> None:
        client.subscribe(f"{self._settings.topic}/ack", 1)

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        keys = acknowledged(bytes(message.payload))
        if not keys:
            log.warning(
                "to=%s unreadable acknowledgement of %d bytes", self.name, len(message.payload)
            )
        with self._told:
            self._acked.update(dict.fromkeys(keys))
            while len(self._acked) > _KEPT:
                self._acked.pop(next(iter(self._acked)))
            self._told.notify_all()


def acknowledged(payload: bytes) -> list[str]:
    """The keys that an acknowledgement names; none where it is unreadable."""
    try:
        said = json.loads(payload)
    except (ValueError, RecursionError):  # the latter by a thousand brackets
        return []
    if not isinstance(said, dict):
        return []
    keys = said.get("keys", [said.get("key")])
    return [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []
