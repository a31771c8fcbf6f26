"""The embedded MQTT broker (amqtt), for tens of buoys; a site with more runs mosquitto.

It keeps nothing on disk and need not: a buoy frees a record on the gateway's acknowledgement only.
"""

import asyncio
import logging
import threading

from amqtt.broker import Broker
from amqtt.errors import AMQTTError
from amqtt.errors import BrokerError as AmqttBrokerError

log = logging.getLogger(__name__)

_START_S = 10


class BrokerError(RuntimeError):
    """The broker could not start; the message says what to do."""


class EmbeddedBroker:
    """An MQTT 3.1.1 broker in a thread of its own."""

    def __init__(self, host: str, port: int) -> None:
        self._address = f"{host}:{port}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="broker", daemon=True)
        self._broker: Broker | None = None

    def start(self) -> None:
        """Listen. Raises BrokerError where the port is taken."""
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(_START_S)
        except (AMQTTError, AmqttBrokerError, OSError, TimeoutError) as error:
            self.stop()
            raise BrokerError(
                f"the MQTT broker cannot listen on {self._address}: {error}."
                " Set another mqtt.port, or mqtt.embedded = false to use the broker there."
            ) from error

    async def _start(self) -> None:
        broker = Broker(
            {
                "listeners": {"default": {"type": "tcp", "bind": self._address}},
                "plugins": {
                    # Records prove themselves by their MAC; the broker is no gatekeeper.
                    "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}
                },
            }
        )
        await broker.start()
        self._broker = broker

    def stop(self) -> None:
        """Close the listener and all sessions."""
        if self._broker is not None:
            stopping = asyncio.run_coroutine_threadsafe(self._broker.shutdown(), self._loop)
            try:
                stopping.result(_START_S)
            except (AMQTTError, AmqttBrokerError, TimeoutError) as error:
                log.warning("broker did not shut down cleanly: %s", error)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_S)
        self._loop.close()
