"""Everything that leaves the gateway, put together from the settings: one courier a destination."""

import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Protocol

from xunhe.adapters.inward.hj212.intake import Intake
from xunhe.adapters.inward.hj212.listener import Listener
from xunhe.adapters.mqtt import Link
from xunhe.adapters.notify.channels import channel_of
from xunhe.adapters.notify.notifier import Notifier
from xunhe.adapters.outbox.broker import Broker
from xunhe.adapters.outbox.courier import Clocks, Courier
from xunhe.adapters.outbox.pruning import prune
from xunhe.adapters.outbox.sources import Bulletins, Events, Raised, Readings, Source
from xunhe.adapters.province.uplink import Uplink
from xunhe.adapters.store.database import Database
from xunhe.adapters.upstream.bulletins import BulletinDesk
from xunhe.adapters.upstream.hj212.link import Hj212Link
from xunhe.adapters.upstream.hj212.source import Uploads
from xunhe.adapters.upstream.home_assistant import HomeAssistant
from xunhe.adapters.upstream.mqtt import MqttUpstream
from xunhe.adapters.upstream.sparkplug import Sparkplug
from xunhe.adapters.upstream.webhook import Webhook
from xunhe.desk.notices import Book
from xunhe.domain.clock import Clock, SystemClock
from xunhe.domain.outward import Destination
from xunhe.domain.registry import Registry
from xunhe.outward_settings.file import OutwardFile
from xunhe.outward_settings.hj212 import Hj212InSettings
from xunhe.outward_settings.upstream import What
from xunhe.settings import SettingsError

log = logging.getLogger(__name__)

_SOURCE = "/xunhe"  # of CloudEvents
_IDLE_S = 0.5
_PRUNE_EVERY_S = timedelta(hours=1).total_seconds()


class Parts(Protocol):
    """What runs steps again and again, each in a thread of its own: the gateway's supervisor."""

    def start(self, name: str, step: Callable[[], object]) -> None:
        """Repeat `step`."""
        ...

    def wait(self, seconds: float) -> bool:
        """Sleep; True where the gateway is stopping."""
        ...


@dataclass(frozen=True, slots=True)
class Outward:
    """What leaves: a courier for each destination, and who writes to the channels."""

    database: Database
    couriers: Sequence[Courier]
    bulletins: BulletinDesk
    notifier: Notifier | None
    hj212_in: Listener | None = None
    uplink: Uplink | None = None

    @property
    def sends_samples(self) -> bool:
        """Somebody outside wants the samples: the intake has to note them."""
        return any(courier.reads("arrival") for courier in self.couriers)

    def start(self, parts: Parts) -> None:
        """Let everything run, and forget hourly what has arrived."""
        for courier in self.couriers:
            self._follow(parts, f"to {courier.destination.name}", courier.step, courier.bells)
        self._follow(parts, "bulletins", self.bulletins.step, {Events.name})
        if self.uplink is not None:
            self._follow(parts, "to the province", self.uplink.step, ())
        if self.hj212_in is not None:
            parts.start("hj212 in", self.hj212_in.step)
        if self.notifier is not None:
            self._follow(parts, "notices", self.notifier.step, {Raised.name})
        parts.start("pruning", partial(self._prune, parts))

    def _follow(
        self, parts: Parts, name: str, step: Callable[[], int], names: Collection[str]
    ) -> None:
        """Repeat a step; one that found nothing rests until one of these bells rings, or a
        little: retries and the end of quiet hours ring none."""
        bells = self.database.bells

        def once() -> None:
            heard = bells.heard(names)
            if not step():
                bells.wait(names, heard, _IDLE_S)

        parts.start(name, once)

    def _prune(self, parts: Parts) -> None:
        names = [courier.destination.name for courier in self.couriers]
        with self.database.write() as connection:
            count = prune(connection, SystemClock().now(), names)
        if count:
            log.info("forgot %d rows that have arrived", count)
        parts.wait(_PRUNE_EVERY_S)


def put_together(
    database: Database,
    registry: Registry,
    link: Link,
    river: Clock,
    file: OutwardFile,
    page_of: Callable[[int], str],
) -> Outward:
    """The broker that the buoys speak to, and whatever the file names. SettingsError where an entry
    needs what is not installed."""
    machine = SystemClock()
    clocks = Clocks(river, machine)
    couriers = [Courier(database, Broker(link), [Raised()], clocks)]
    brokers = _brokers(file, river, registry)
    for destination, sends in (*_links(file, machine), *brokers):
        couriers.append(Courier(database, destination, _sources(sends), clocks))
    for settings in file.hj212:
        hj212 = Hj212Link(settings, database, river)
        couriers.append(Courier(database, hj212, [Uploads(settings, hj212.factors)], clocks))
    for channel in file.channel:
        couriers.append(Courier(database, channel_of(channel, machine), [], clocks))
    book = Book(file.recipient, file.rota)
    notifier = Notifier(database, registry, book, file.notify, machine, page_of)
    bulletins = BulletinDesk(database, registry, river)
    return Outward(
        database,
        couriers,
        bulletins,
        notifier if file.recipient else None,
        hj212_listener(file.hj212_in, database, registry, river) if file.hj212_in else None,
        Uplink(file.province, database) if file.province else None,
    )


def hj212_listener(
    settings: Hj212InSettings, database: Database, registry: Registry, river: Clock
) -> Listener:
    """Where stations of others report to. SettingsError where that cannot be."""
    for sender in settings.station:
        if not registry.knows(sender.place):
            raise SettingsError(f"hj212_in: {sender.place} of MN {sender.mn} is not registered")
    intake = Intake(settings, database, registry, river)
    try:
        return Listener(settings, intake, time.monotonic)
    except OSError as error:
        raise SettingsError(
            f"hj212_in cannot listen on {settings.host}:{settings.port}: {error.strerror}."
            " Stop the other program there or set another port."
        ) from error


def _links(file: OutwardFile, machine: Clock) -> Iterator[tuple[Destination, Sequence[What]]]:
    for webhook in file.webhook:
        yield Webhook(webhook, _SOURCE, machine), webhook.sends
    for mqtt in file.mqtt:
        yield MqttUpstream(mqtt), mqtt.sends


def _brokers(
    file: OutwardFile, river: Clock, registry: Registry
) -> Iterator[tuple[Destination, Sequence[What]]]:
    """Those whose form has room for readings alone."""
    for sparkplug in file.sparkplug:
        yield Sparkplug(sparkplug, river), ("readings",)
    for home in file.home_assistant:
        yield HomeAssistant(home, registry), ("readings",)


def _sources(sends: Sequence[What]) -> list[Source]:
    """Only what is sent is read: nobody wants the samples of a link of incidents noted."""
    known: dict[What, Source] = {"incident": Bulletins(), "readings": Readings()}
    return [known[what] for what in sends]
