"""Parcels through a NATS JetStream cluster. Gateways reach it by its MQTT listener.

The stream hands each parcel to one worker and keeps it until that one acknowledges, or gives it to
another after 30 s. An MQTT publish that a node confirmed (PUBACK) may never have reached this
stream, as when its leader has just died: the gateway's own waiting row is what keeps it.
"""

import asyncio
import contextlib
import logging
import ssl
import threading
from collections.abc import Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, RetentionPolicy, StreamConfig
from nats.js.client import JetStreamContext

from xunhe.adapters.province import topics
from xunhe.adapters.province.intake import Carried
from xunhe.adapters.province.line import Delivered, LineError
from xunhe.settings import StreamSettings

log = logging.getLogger(__name__)

KEPT = timedelta(days=7)  # in the stream; less than gateways.STEPS_KEPT
_ACK_WAIT_S = 30.0
_START_S = 60.0
_PAUSE_S = 0.5
_MARGIN_S = 10.0

T = TypeVar("T")


class JetStreamLine:
    """A worker's connection; it finds another node by itself when its own dies."""

    def __init__(self, settings: StreamSettings) -> None:
        self._settings = settings
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="nats", daemon=True)
        self._client: Client | None = None
        self._pull: JetStreamContext.PullSubscription | None = None

    def start(self) -> None:
        """Connect, and make the stream where there is none. Raises LineError after a minute."""
        self._thread.start()
        try:
            self._run(self._start(), _START_S)
        except (NatsError, OSError, TimeoutError) as error:
            self.close()
            raise LineError(
                f"NATS 无法使用 / NATS cannot be used: {', '.join(self._settings.nats)}: {error!r}."
                " Are most of its nodes up, each with jetstream enabled?"
            ) from error

    @property
    def is_up(self) -> bool:
        """A node answers."""
        return self._client is not None and self._client.is_connected

    def fetch(self, most: int, wait_s: float) -> list[Delivered]:
        """What waits in the stream."""
        try:
            found = self._run(self._fetch(most, wait_s), wait_s + _MARGIN_S)
        except (NatsError, OSError, TimeoutError) as error:
            if not isinstance(error, TimeoutError):
                log.warning("nats: %r", error)
                self._run(asyncio.sleep(_PAUSE_S), _MARGIN_S)
            return []
        return [Delivered(Carried(topics.sender(each.subject), each.data), each) for each in found]

    def settle(self, batch: Sequence[Delivered], receipts: Mapping[str, bytes]) -> None:
        """Receipts first: a parcel that comes again gets another."""
        with contextlib.suppress(NatsError, OSError, TimeoutError):
            self._run(self._settle(batch, receipts), _MARGIN_S)

    def close(self) -> None:
        """Leave."""
        if self._client is not None:
            with contextlib.suppress(NatsError, OSError, TimeoutError):
                self._run(self._client.close(), _MARGIN_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_MARGIN_S)
        self._loop.close()

    async def _start(self) -> None:
        settings = self._settings
        self._client = await nats.connect(
            list(settings.nats),
            name="xunhe-desk",
            max_reconnect_attempts=-1,
            reconnect_time_wait=_PAUSE_S,
            error_cb=_tell,
            user=settings.user,
            password=settings.password,
            tls=ssl.create_default_context(cafile=settings.ca) if settings.tls else None,
        )
        stream = self._client.jetstream()
        await _until_there_is_a_leader(stream, settings.replicas)
        self._pull = await stream.pull_subscribe_bind(topics.CONSUMER, topics.STREAM)

    async def _fetch(self, most: int, wait_s: float) -> list[Any]:
        if self._pull is None:
            raise LineError("not started")
        return await self._pull.fetch(most, timeout=wait_s)

    async def _settle(self, batch: Sequence[Delivered], receipts: Mapping[str, bytes]) -> None:
        if self._client is None:
            raise LineError("not started")
        for gateway, receipt in receipts.items():
            await self._client.publish(topics.as_subject(topics.down(gateway)), receipt)
        for each in batch:
            await each.handle.ack()
        await self._client.flush()

    def _run(self, work: Coroutine[Any, Any, T], patience_s: float) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(patience_s)


async def _until_there_is_a_leader(stream: JetStreamContext, replicas: int) -> None:
    """Make the stream and its consumer; a cluster that has just come up needs some seconds."""
    while True:
        try:
            await stream.add_stream(_stream(replicas))
            await stream.add_consumer(topics.STREAM, _consumer())
            return
        except NatsError as error:
            log.info("nats is not ready yet: %r", error)
            await asyncio.sleep(_PAUSE_S)


def _stream(replicas: int) -> StreamConfig:
    return StreamConfig(
        name=topics.STREAM,
        subjects=[topics.UP_SUBJECTS],
        retention=RetentionPolicy.WORK_QUEUE,
        num_replicas=replicas,
        max_age=KEPT.total_seconds(),
    )


def _consumer() -> ConsumerConfig:
    return ConsumerConfig(
        durable_name=topics.CONSUMER,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=_ACK_WAIT_S,
        max_ack_pending=20_000,
    )


async def _tell(error: Exception) -> None:
    log.warning("nats: %r", error)
