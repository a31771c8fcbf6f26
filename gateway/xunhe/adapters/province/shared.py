"""Parcels through one broker with shared subscriptions (mosquitto), for a province of middle size.

Three of four brokers grant a shared subscription and then deliver nothing: whether this one shares
is tried with messages of our own before anything else. The broker's PUBACK goes out with the
receipts; should a worker die, what it held comes again from its gateways.
"""

import contextlib
import logging
import queue
import secrets
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from xunhe.adapters.province import topics
from xunhe.adapters.province.intake import Carried
from xunhe.adapters.province.line import Delivered, LineError
from xunhe.settings import StreamSettings

log = logging.getLogger(__name__)

_GROUP = "$share/xunhe-desk"
_TRIAL = "xunhe/province/trial"
_TRIAL_MESSAGES = 20
_TRIAL_S = 5.0
_PATIENCE_S = 10.0
_WAITING = 2000  # parcels; beyond, the broker keeps them


class SharedLine:
    """A worker's connection; it comes up again by itself."""

    def __init__(self, settings: StreamSettings) -> None:
        self._settings = settings
        self._waiting: queue.Queue[Delivered] = queue.Queue(_WAITING)
        self._client = _client(settings)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message

    def start(self) -> None:
        """Try whether the broker shares, then connect. Raises LineError."""
        prove_sharing(self._settings)
        self._client.connect_async(_host(self._settings), self._settings.mqtt_port, keepalive=30)
        self._client.loop_start()

    @property
    def is_up(self) -> bool:
        """The broker answers."""
        return self._client.is_connected()

    def fetch(self, most: int, wait_s: float) -> list[Delivered]:
        """What has come to this worker."""
        batch: list[Delivered] = []
        with contextlib.suppress(queue.Empty):
            batch.append(self._waiting.get(timeout=wait_s))
            while len(batch) < most:
                batch.append(self._waiting.get_nowait())
        return batch

    def settle(self, batch: Sequence[Delivered], receipts: Mapping[str, bytes]) -> None:
        """Receipts, then PUBACKs."""
        for gateway, receipt in receipts.items():
            self._client.publish(topics.down(gateway), receipt, qos=1)
        for each in batch:
            self._client.ack(each.handle.mid, each.handle.qos)

    def close(self) -> None:
        """Leave."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: paho.Client, _data: Any, _flags: Any, code: Any, _p: Any) -> None:
        if code.is_failure:
            log.error("the broker refused this worker: %s", code)
            return
        client.subscribe(f"{_GROUP}/{topics.UP}/+", 1)

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        carried = Carried(topics.sender(message.topic), bytes(message.payload))
        self._waiting.put(Delivered(carried, message))


def prove_sharing(settings: StreamSettings) -> None:
    """Raises LineError where a shared subscription does not hand each message to one member."""
    trial = f"{_TRIAL}/{secrets.token_hex(8)}"
    members = [_Member(settings, f"{_GROUP}/{trial}") for _ in range(2)]
    try:
        for member in members:
            member.join()
        for number in range(_TRIAL_MESSAGES):
            members[0].client.publish(trial, str(number), qos=1)
        _await(lambda: sum(len(member.got) for member in members) >= _TRIAL_MESSAGES)
        got = [len(member.got) for member in members]
        whole = {each for member in members for each in member.got}
    finally:
        for member in members:
            member.leave()
    if len(whole) != _TRIAL_MESSAGES or 0 in got:
        raise LineError(
            f"{_host(settings)}:{settings.mqtt_port} 不支持共享订阅 / shares no subscription:"
            f" of {_TRIAL_MESSAGES} messages two members got {got[0]} and {got[1]}."
            " Use mosquitto, or a NATS cluster (stream.nats)."
        )


class _Member:
    """One of those who share the trial."""

    def __init__(self, settings: StreamSettings, shared: str) -> None:
        self.got: list[bytes] = []  # payloads
        self._settings, self._shared = settings, shared
        self._granted = threading.Event()
        self.client = _client(settings)
        self.client.on_connect = lambda client, *_: client.subscribe(shared, 1)
        self.client.on_subscribe = lambda *_: self._granted.set()
        self.client.on_message = self._on_message

    def join(self) -> None:
        """Connect and subscribe. Raises LineError where the broker is not there."""
        try:
            self.client.connect(_host(self._settings), self._settings.mqtt_port)
        except OSError as error:
            where = f"{_host(self._settings)}:{self._settings.mqtt_port}"
            raise LineError(f"no MQTT broker at {where}: {error}") from error
        self.client.loop_start()
        if not self._granted.wait(_PATIENCE_S):
            raise LineError(f"the broker has not granted {self._shared} in {_PATIENCE_S:g} s")

    def leave(self) -> None:
        """Disconnect."""
        self.client.disconnect()
        self.client.loop_stop()

    def _on_message(self, client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        self.got.append(bytes(message.payload))
        client.ack(message.mid, message.qos)


def _client(settings: StreamSettings) -> paho.Client:
    client = paho.Client(CallbackAPIVersion.VERSION2, clean_session=True, manual_ack=True)
    client.reconnect_delay_set(min_delay=1, max_delay=10)
    if settings.user is not None:
        client.username_pw_set(settings.user, settings.password)
    if settings.tls:
        client.tls_set_context(ssl.create_default_context(cafile=settings.ca))
    return client


def _host(settings: StreamSettings) -> str:
    return settings.mqtt_host or "127.0.0.1"


def _await(done: Callable[[], bool]) -> None:
    """Give it some seconds."""
    end_s = time.monotonic() + _TRIAL_S
    while not done() and time.monotonic() < end_s:
        time.sleep(0.01)
