"""The broker that the buoys speak to, as a destination: the desk's messages to offices."""

import json
from collections.abc import Sequence

from paho.mqtt.enums import MQTTErrorCode

from xunhe.adapters.mqtt import Link
from xunhe.domain.outward import DONE, Message, Outcome, Pace, Sent

_CONFIRM_S = 5.0


class Broker:
    """Publishes with QoS 1 and waits for the broker's word; receivers tell repetitions by `key`."""

    name = "broker"
    pace = Pace()

    def __init__(self, link: Link) -> None:
        self._link = link

    def wants(self, message: Message) -> bool:
        """Everything of its one source."""
        return True

    def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """DONE with the broker's PUBACK; LATER ends it."""
        outcomes: list[Outcome] = []
        for message in messages:
            outcome = self._publish(message)
            outcomes.append(outcome)
            if outcome is not DONE:
                break
        return outcomes

    def _publish(self, message: Message) -> Outcome:
        if not self._link.is_up:
            return Outcome(Sent.LATER, "the broker is not connected")
        body = {"key": message.key, **message.body["payload"]}
        payload = json.dumps(body, ensure_ascii=False).encode()
        info = self._link.publish(message.body["topic"], payload)
        if info.rc is MQTTErrorCode.MQTT_ERR_SUCCESS:
            info.wait_for_publish(_CONFIRM_S)
            if info.is_published():
                return DONE
        return Outcome(Sent.LATER, f"the broker has not confirmed it within {_CONFIRM_S:g} s")
