"""The embedded MQTT broker (amqtt), for tens of buoys; a site with more runs mosquitto.

It keeps nothing on disk and need not: a buoy frees a record on the gateway's acknowledgement only.
Beyond this machine it listens only with TLS and with topic rights for each device.
"""

import asyncio
import logging
import threading
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from amqtt.broker import Broker
from amqtt.errors import AMQTTError
from amqtt.errors import BrokerError as AmqttBrokerError

from xunhe.adapters.broker_gate import LISTENER, Gate, RightsBroker
from xunhe.adapters.broker_rights import InForce, Rights

log = logging.getLogger(__name__)

_START_S = 10
_OPEN_TO_ALL = {
    # Records prove themselves by their MAC; on this machine the broker is no gatekeeper.
    "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}
}


class BrokerError(RuntimeError):
    """The broker could not start; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Secured:
    """`folder` with authority.crt, server.crt and server.key; who may do what."""

    folder: Path
    rights: Rights


class EmbeddedBroker:
    """An MQTT 3.1.1 broker in a thread of its own; without `secured`, on this machine only."""

    def __init__(self, host: str, port: int, secured: Secured | None = None) -> None:
        self._host, self._port, self._secured = host, port, secured
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="broker", daemon=True)
        self._broker: Broker | None = None
        self._gate: Gate | None = None

    def start(self) -> None:
        """Listen. Raises BrokerError where the port is taken, or where others could listen in."""
        if self._secured is None and not is_this_machine(self._host):
            raise BrokerError(
                f"mqtt.host = {self._host}：内置代理没有 TLS 与每台设备的主题权限，只肯在本机监听。"
                "请运行 xunhe broker configure 并设置 mqtt.secured / the embedded broker has no TLS"
                " and no rights per device here, and refuses to listen beyond 127.0.0.1."
                " Run: xunhe broker configure, and set mqtt.secured"
            )
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(_START_S)
        except (AMQTTError, AmqttBrokerError, OSError, TimeoutError) as error:
            self.stop()
            raise BrokerError(
                f"the MQTT broker cannot listen on {self._host}:{self._port}: {error}."
                " Set another mqtt.port, or mqtt.embedded = false to use the broker there."
            ) from error

    def change(self, rights: Rights) -> None:
        """Put other rights in force, at once and for those who are inside too."""
        if self._gate is not None:
            self._loop.call_soon_threadsafe(self._gate.change, rights)

    def stop(self) -> None:
        """Close the listener and all sessions."""
        if self._gate is not None:
            self._loop.call_soon_threadsafe(self._gate.close)
        if self._broker is not None:
            stopping = asyncio.run_coroutine_threadsafe(self._broker.shutdown(), self._loop)
            try:
                stopping.result(_START_S)
            except (AMQTTError, AmqttBrokerError, TimeoutError) as error:
                log.warning("broker did not shut down cleanly: %s", error)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_S)
        self._loop.close()

    async def _start(self) -> None:
        if self._secured is None:
            broker = Broker(_listening("tcp", f"{self._host}:{self._port}", _OPEN_TO_ALL))
            await broker.start()
            self._broker = broker
            return
        in_force = InForce(self._secured.rights)
        plugin = {"xunhe.adapters.broker_plugin.RightsPlugin": {"in_force": in_force}}
        broker = RightsBroker(_listening("external", "gate", plugin))
        gate = Gate(broker, in_force, self._secured.folder)
        await broker.start()
        self._broker = broker
        await gate.open(self._host, self._port)
        self._gate = gate


def is_this_machine(host: str) -> bool:
    """Can only programs of this machine reach what listens on `host`?"""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listening(kind: str, bind: str, plugins: dict[str, Any]) -> dict[str, Any]:
    return {"listeners": {LISTENER: {"type": kind, "bind": bind}}, "plugins": plugins}
