"""Devices × topics × both directions over TLS: who gets through to what is not his.

Each device publishes on every topic while a watcher with all rights listens; then each subscribes
to every topic and to wildcards while the watcher publishes. What a broker grants proves nothing:
what counts is what arrives. A device's own topics must work, else a broker that is simply down
would pass.
"""

import asyncio
import ssl
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xunhe.adapters.broker_rights import DOWN, UP, Account, Rights, hashed, password_of, rights_of
from xunhe.adapters.https import authority
from xunhe.adapters.store.devices import Device
from xunhe_tools.bench.gateway.mqtt_peer import Peer
from xunhe_tools.bench.gateway.secured_broker import (
    Running,
    certify,
    drawn_devices,
    kinds,
    running,
)

_WATCHER, _PASSWORD = "watcher", "sees everything here"
_LAST = b"last"
_ELSEWHERE = ("xunhe/v1/desk/VILLAGE-1/tickets", "xunhe/v1", "xunhe/v2/S-000/readings", "other")
_WILDCARDS = (
    "#",
    "+/+/+/+",
    "xunhe/v1/#",
    "xunhe/v1/+/ack",
    "xunhe/v1/+/+",
    "$SYS/#",
    "$share/g/#",
    "$share/g/xunhe/v1/+/ack",
)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Matrix:
    """What was tried, what came through that should not, and what did not that should."""

    tried: int
    foreign_allowed: int
    own_denied: int


class MatrixError(RuntimeError):
    """The matrix proves nothing: a device did not even reach its own topics."""


def cross_device_allowed(seed: int, devices: int = 100, say: Say = lambda line: None) -> int:
    """How many (device, topic, direction) get through that should not, of all brokers here."""
    allowed = 0
    for kind in kinds():
        matrix = measure(kind, seed, devices)
        say(f"{kind}: {matrix.tried} tried, {matrix.foreign_allowed} foreign allowed")
        if matrix.own_denied:
            raise MatrixError(f"{kind}: {matrix.own_denied} own topics do not work")
        allowed += matrix.foreign_allowed
    return allowed


def measure(kind: str, seed: int, devices: int, *, without_rights: bool = False) -> Matrix:
    """The matrix of one broker. `without_rights`: every account may do all, as a control."""
    known = drawn_devices(seed, devices)
    rights = rights_of(known, bytes(32), {})
    accounts = dict(rights.accounts)
    if without_rights:
        accounts = {name: replace(a, sends=("#",), hears=("#",)) for name, a in accounts.items()}
    accounts[_WATCHER] = Account(_WATCHER, hashed(_PASSWORD, bytes(12)), ("#",), ("#",))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        certify(folder)
        with running(kind, folder, Rights(accounts)) as broker:
            return asyncio.run(_measured(broker, folder, known))


def trusting(folder: Path) -> ssl.SSLContext:
    """As a buoy trusts: this authority and no other, and the name must fit."""
    return ssl.create_default_context(cafile=str(folder / authority.AUTHORITY))


async def _measured(broker: Running, folder: Path, known: Sequence[Device]) -> Matrix:
    context = trusting(folder)
    watcher = await Peer.join(broker.address, context, _WATCHER, _PASSWORD)
    peers = {device: await join(broker, context, device) for device in known}
    topics = _topics(known)
    sent = await _sent(watcher, peers, topics)
    received = await _received(watcher, peers, topics)
    for peer in (watcher, *peers.values()):
        peer.abandon()
    own_up, own_down = (_pairs(known, kinds) for kinds in (UP, DOWN))
    return Matrix(
        len(known) * (2 * len(topics) + len(_WILDCARDS)),
        len(sent - own_up) + len(received - own_down),
        len(own_up - sent) + len(own_down - received),
    )


async def join(broker: Running, context: ssl.SSLContext, device: Device) -> Peer:
    """Come in as a buoy does."""
    password = password_of(device.key, device.device)
    return await Peer.join(broker.address, context, device.device, password)


def own_topics(device: Device, kinds: Sequence[str]) -> list[str]:
    """The topics of a device's station."""
    return [f"xunhe/v1/{device.station}/{kind}" for kind in kinds]


def _pairs(known: Sequence[Device], kinds: Sequence[str]) -> set[tuple[str, str]]:
    return {(device.device, topic) for device in known for topic in own_topics(device, kinds)}


async def _sent(
    watcher: Peer, peers: Mapping[Device, Peer], topics: Sequence[str]
) -> set[tuple[str, str]]:
    """(device, topic) of what devices published and the watcher got."""
    await watcher.subscribe(["#"])
    for device, peer in peers.items():
        for topic in topics:
            await peer.publish(topic, device.device.encode())
        await peer.publish(own_topics(device, UP)[0], _LAST)
    await watcher.hear(_LAST, len(peers))
    return {(payload.decode(), topic) for topic, payload in watcher.heard if payload != _LAST}


async def _received(
    watcher: Peer, peers: Mapping[Device, Peer], topics: Sequence[str]
) -> set[tuple[str, str]]:
    """(device, topic) of what the watcher published and devices got."""
    for peer in peers.values():
        await peer.subscribe([*topics, *_WILDCARDS])
    for topic in topics:
        await watcher.publish(topic, b"down")
    for device in peers:
        await watcher.publish(own_topics(device, DOWN)[0], _LAST)
    for peer in peers.values():
        await peer.hear(_LAST)
    return {(d.device, topic) for d, peer in peers.items() for topic, _ in peer.heard}


def _topics(known: Sequence[Device]) -> list[str]:
    kinds = (*UP, *DOWN, "values")
    return [topic for device in known for topic in own_topics(device, kinds)] + list(_ELSEWHERE)
