"""A connection to a platform's broker: comes up when it is first asked, and again after a break."""

import ssl
import threading
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from xunhe.outward_settings.upstream import BrokerSettings

_KEEPALIVE_S = 30


class Connection:
    """`greet` runs in paho's thread at every CONNACK, before the link counts as up."""

    def __init__(
        self,
        settings: BrokerSettings,
        greet: Callable[[paho.Client], None],
        *,
        client_id: str,
        keeps_session: bool = False,
    ) -> None:
        self.client = _client(settings, client_id, keeps_session)
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = self._on_disconnect
        self._settings, self._greet = settings, greet
        self._up = threading.Event()
        self._started = False
        self._trouble = "not connected yet"

    def trouble(self) -> str | None:
        """Why nothing can be sent now; None while the link is up."""
        if not self._started:
            self.client.connect_async(self._settings.host, self._settings.port, _KEEPALIVE_S)
            self.client.loop_start()
            self._started = True
        return None if self._up.is_set() else self._trouble

    def publish(self, topic: str, payload: str | bytes, wait_s: float, *, retain: bool) -> bool:
        """Publish with QoS 1; True where the broker has said within `wait_s` that it has it."""
        info = self.client.publish(topic, payload, qos=1, retain=retain)
        if info.rc is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            return False
        info.wait_for_publish(wait_s)
        return info.is_published()

    def close(self) -> None:
        """Leave the broker."""
        self.client.disconnect()
        self.client.loop_stop()

    def _on_connect(self, client: paho.Client, _data: Any, _flags: Any, code: Any, _p: Any) -> None:
        if code.is_failure:
            self._trouble = f"the broker refused: {code}"
            return
        self._greet(client)
        self._up.set()

    def _on_disconnect(self, _client: Any, _data: Any, _flags: Any, code: Any, _p: Any) -> None:
        if self._up.is_set():
            self._trouble = f"the connection broke: {code}"
        self._up.clear()


def _client(settings: BrokerSettings, client_id: str, keeps_session: bool) -> paho.Client:
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id, clean_session=not keeps_session)
    client.reconnect_delay_set(min_delay=1, max_delay=60)
    if settings.user is not None:
        client.username_pw_set(settings.user, settings.password)
    if settings.tls:
        client.tls_set_context(ssl.create_default_context(cafile=settings.ca))
    return client
