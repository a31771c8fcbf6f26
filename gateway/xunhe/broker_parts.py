"""The broker and the gateway's link to it, put together: open on this machine, or secured."""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from xunhe.adapters import broker_files
from xunhe.adapters.broker import BrokerError, EmbeddedBroker, Secured
from xunhe.adapters.broker_keeper import EVERY_S, Keeper, RightsBook
from xunhe.adapters.broker_rights import Rights
from xunhe.adapters.https import authority
from xunhe.adapters.mqtt import Link
from xunhe.adapters.store.database import Database
from xunhe.domain.clock import SystemClock
from xunhe.settings import MqttSettings
from xunhe.supervisor import Supervisor

log = logging.getLogger(__name__)

_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104  where one listens; one connects to this machine


@dataclass(frozen=True, slots=True)
class Wire:
    """The link to the broker; `keeper` where the broker has rights."""

    link: Link
    keeper: Keeper | None

    def keep(self, parts: Supervisor) -> None:
        """Let enrolments and revocations reach the broker."""
        keeper = self.keeper
        if keeper is None:
            return

        def look() -> None:
            keeper.step()
            parts.wait(EVERY_S)

        parts.start("broker rights", look)


def open_wire(settings: MqttSettings, database: Database, stack: ExitStack) -> Wire:
    """Start the embedded broker, unless another one is there, and the link. BrokerError."""
    if settings.secured is None:
        wire = _open(settings, stack)
    else:
        wire = _secured(settings, settings.secured, database, stack)
    wire.link.start()
    stack.callback(wire.link.stop)
    return wire


def _open(settings: MqttSettings, stack: ExitStack) -> Wire:
    if settings.embedded:
        _start(EmbeddedBroker(settings.host, settings.port), stack)
    return Wire(Link(settings), None)


def _secured(settings: MqttSettings, folder: Path, database: Database, stack: ExitStack) -> Wire:
    if not (folder / authority.SERVER).exists():
        raise BrokerError(
            f"mqtt.secured = {folder}：没有证书，请运行 xunhe broker configure / there is no"
            " certificate: run xunhe broker configure"
        )
    clock = SystemClock()
    try:
        book = RightsBook(database, settings.readers, clock)
        rights = book.rights()
    except ValueError as error:
        raise BrokerError(f"mqtt.readers: {error}") from error
    apply: Callable[[Rights], None] = partial(_give_to_mosquitto, folder)
    if settings.embedded:
        broker = EmbeddedBroker(settings.host, settings.port, Secured(folder, rights))
        _start(broker, stack)
        apply = broker.change
    host = "127.0.0.1" if settings.host in _EVERY_ADDRESS else settings.host
    reached = settings.model_copy(update={"host": host})
    link = Link(reached, credentials=book.credentials(folder))
    return Wire(link, Keeper(book, folder, clock, apply))


def _start(broker: EmbeddedBroker, stack: ExitStack) -> None:
    broker.start()
    stack.callback(broker.stop)


def _give_to_mosquitto(folder: Path, rights: Rights) -> None:
    broker_files.write(folder, rights)
    if not broker_files.have_read_again(folder):
        log.warning("no mosquitto of %s runs: it will know the rights when it starts", folder)
