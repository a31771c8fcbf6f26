"""Each device reaches its own topics and nothing else, over TLS, at both brokers alike."""

import asyncio
import gc
import ssl
import warnings
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from xunhe.adapters import broker_gate
from xunhe.adapters.broker_rights import DOWN, UP, password_of, rights_of
from xunhe.adapters.https import authority
from xunhe.adapters.https.names import Names
from xunhe.adapters.store.devices import Device
from xunhe.domain.clock import SystemClock
from xunhe_buoy import mqtt_codec
from xunhe_tools.bench.gateway import access_matrix
from xunhe_tools.bench.gateway.mqtt_peer import Peer, RefusedError
from xunhe_tools.bench.gateway.secured_broker import (
    HOST,
    MOSQUITTO,
    Running,
    certify,
    drawn_devices,
    running,
)

# amqtt 0.12 leaves sockets of sessions open when it shuts down; they go with the process.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

DEVICES = drawn_devices(7, 3)
BOTH = ["embedded", "mosquitto"]


@dataclass(frozen=True)
class Site:
    """A secured broker that knows DEVICES, and what a buoy trusts."""

    broker: Running
    folder: Path
    context: ssl.SSLContext

    async def join(self, device: Device, **said: str) -> Peer:
        password = said.pop("password", password_of(device.key, device.device))
        address = self.broker.address
        return await Peer.join(address, self.context, device.device, password, **said)


@pytest.fixture(params=BOTH)
def kind(request: pytest.FixtureRequest) -> str:
    if request.param == "mosquitto" and MOSQUITTO is None:
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    return str(request.param)


@pytest.fixture
def site(kind: str, tmp_path: Path) -> Iterator[Site]:
    certify(tmp_path)
    with running(kind, tmp_path, rights_of(DEVICES, bytes(32), {})) as broker:
        yield Site(broker, tmp_path, access_matrix.trusting(tmp_path))


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def told() -> None:
        await story()
        await asyncio.sleep(0.05)  # what was aborted is closed in the loop's next turns

    asyncio.run(told())
    gc.collect()  # here, where the warning above is expected


def test_no_device_reaches_a_topic_that_is_not_its_own(kind: str) -> None:
    matrix = access_matrix.measure(kind, seed=1, devices=5)
    assert (matrix.foreign_allowed, matrix.own_denied) == (0, 0)
    assert matrix.tried == 5 * (2 * (5 * 7 + 4) + 8)


def test_the_matrix_sees_what_a_broker_without_rights_lets_through(kind: str) -> None:
    matrix = access_matrix.measure(kind, seed=1, devices=2, without_rights=True)
    every = 2 * 2 * (2 * 7 + 4)
    assert matrix.foreign_allowed == every - 2 * len(UP) - 2 * len(DOWN)


@pytest.mark.slow
def test_a_hundred_devices_reach_nothing_of_each_other() -> None:
    assert access_matrix.cross_device_allowed(seed=2, devices=100) == 0


def test_who_has_no_name_or_a_wrong_password_stays_outside(site: Site) -> None:
    first, second = DEVICES[:2]
    strangers = [
        (None, None),
        (first.device, None),
        (first.device, "wrong"),
        (first.device, password_of(second.key, second.device)),
        (first.device, password_of(first.key, second.device)),
        (first.device, first.key.hex()),
        ("000000000000", password_of(first.key, first.device)),
        ("", ""),
        ("+", ""),
        ("#", ""),
        (f"{first.device}/", password_of(first.key, first.device)),
    ]

    async def story() -> None:
        for user, password in strangers:
            with pytest.raises(RefusedError):
                await Peer.join(site.broker.address, site.context, user, password)

    run(story)


def test_another_authority_another_name_and_plain_text_end_before_a_password_is_said(
    site: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("other")
    certify(elsewhere)
    other = access_matrix.trusting(elsewhere)

    async def story() -> None:
        with pytest.raises(ssl.SSLCertVerificationError, match="verify failed"):
            await Peer.join(site.broker.address, other, *_who(DEVICES[0]))
        with pytest.raises(ssl.SSLCertVerificationError, match="not valid for"):
            await Peer.join(("127.0.0.1", site.broker.port), site.context, *_who(DEVICES[0]))
        reader, writer = await asyncio.open_connection("127.0.0.1", site.broker.port)
        writer.write(mqtt_codec.connect(DEVICES[0].device, *_who(DEVICES[0])))
        said = b""
        with suppress(ConnectionError):
            said = await reader.read()
        assert not said.startswith(b"\x20"), "a CONNACK in the clear"
        writer.close()

    run(story)


def test_a_certificate_that_is_past_is_refused(kind: str, tmp_path: Path) -> None:
    long_ago = SystemClock().now() - authority.SERVER_HOLDS - timedelta(days=1)
    names = Names((), ()).with_more([HOST])
    made = authority.plan(tmp_path, names, long_ago, is_constrained=False)
    authority.carry_out(made, long_ago)

    async def story(broker: Running) -> None:
        context = access_matrix.trusting(tmp_path)
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            await Peer.join(broker.address, context, *_who(DEVICES[0]))

    with running(kind, tmp_path, rights_of(DEVICES, bytes(32), {})) as broker:
        run(lambda: story(broker))


def test_old_versions_of_tls_are_refused(site: Site) -> None:
    site.context.maximum_version = ssl.TLSVersion.TLSv1_2
    site.context.set_ciphers("DEFAULT:@SECLEVEL=0")

    async def story() -> None:
        (await site.join(DEVICES[0])).abandon()
        with warnings.catch_warnings(action="ignore"):  # Python advises against it too
            site.context.minimum_version = ssl.TLSVersion.TLSv1_1
            site.context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await site.join(DEVICES[0])

    run(story)


def test_nobody_takes_the_session_of_another_by_naming_its_id(site: Site) -> None:
    first, second = DEVICES[:2]

    async def story() -> None:
        watched = await site.join(first)
        await watched.subscribe(access_matrix.own_topics(first, DOWN))
        for said in ({"password": "wrong"}, {}):
            try:
                thief = await site.join(second, client_id=first.device, **said)
            except RefusedError:
                continue
            await thief.subscribe(access_matrix.own_topics(first, DOWN))
        gateway = await _gateway(site)
        await gateway.publish(access_matrix.own_topics(first, DOWN)[0], b"still here")
        await watched.hear(b"still here")
        for peer in (watched, gateway):
            peer.abandon()

    run(story)


def test_nobody_leaves_a_will_on_a_topic_of_another(site: Site) -> None:
    async def story() -> None:
        gateway = await _gateway(site)
        await gateway.subscribe(["xunhe/v1/+/status"])
        theirs = access_matrix.own_topics(DEVICES[1], ("status",))[0]
        mine = access_matrix.own_topics(DEVICES[0], ("status",))[0]
        with suppress(RefusedError):  # mosquitto lets him in, and keeps his will to itself
            (await site.join(DEVICES[0], will_topic=theirs)).abandon()
        (await site.join(DEVICES[0], will_topic=mine)).abandon()
        await gateway.hear(b"gone")
        assert [topic for topic, _ in gateway.heard] == [mine]
        gateway.abandon()

    run(story)


def test_what_is_retained_for_others_is_not_sent_at_the_door(site: Site) -> None:
    async def story() -> None:
        gateway = await _gateway(site)
        await gateway.subscribe(["xunhe/v1/+/status", "xunhe/v1/+/ack"])
        for device in DEVICES:
            status = access_matrix.own_topics(device, ("status",))[0]
            await gateway.publish(status, device.device.encode(), retain=True)
        await gateway.hear(DEVICES[-1].device.encode())
        peer = await site.join(DEVICES[0])
        ack = access_matrix.own_topics(DEVICES[0], ("ack",))
        await peer.subscribe(ack)
        await gateway.publish(ack[0], b"end")
        await peer.hear(b"end")
        assert {topic for topic, _ in peer.heard} == set(ack)
        for each in (peer, gateway):
            each.abandon()

    run(story)


def test_a_revoked_device_is_put_out_and_stays_out_and_the_others_go_on(site: Site) -> None:
    async def story() -> None:
        lost, kept = await site.join(DEVICES[0]), await site.join(DEVICES[1])
        site.broker.change(rights_of(DEVICES[1:], bytes(32), {}))
        assert await lost.ended()
        with pytest.raises(RefusedError):
            await site.join(DEVICES[0])
        await kept.subscribe(access_matrix.own_topics(DEVICES[1], DOWN))
        gateway = await _gateway(site)
        await gateway.publish(access_matrix.own_topics(DEVICES[1], DOWN)[0], b"on")
        await kept.hear(b"on")
        for each in (kept, gateway):
            each.abandon()

    run(story)


def test_a_new_key_comes_in_and_the_old_one_goes(site: Site) -> None:
    renewed = replace(DEVICES[0], key=bytes(31) + b"\1")

    async def story() -> None:
        old = await site.join(DEVICES[0])
        site.broker.change(rights_of([renewed], bytes(32), {}))
        assert await old.ended()
        with pytest.raises(RefusedError):
            await site.join(DEVICES[0])
        (await site.join(renewed)).abandon()

    run(story)


def test_a_renewed_certificate_is_shown_without_a_restart(site: Site) -> None:
    async def story() -> None:
        (site.folder / authority.SERVER).unlink()
        certify(site.folder)
        site.broker.change(rights_of(DEVICES, bytes(32), {}))
        shown = authority.read(site.folder / authority.SERVER).serial_number
        async with asyncio.timeout(20):
            while await _serial(site) != shown:
                await asyncio.sleep(0.1)

    run(story)


def test_a_program_that_reads_gets_values_and_may_say_nothing(kind: str, tmp_path: Path) -> None:
    from xunhe.adapters.broker_rights import hashed

    certify(tmp_path)
    rights = rights_of(DEVICES, bytes(32), {"panel": hashed("of the wall", b"salt of 12 b")})

    async def story(site: Site) -> None:
        panel = await Peer.join(site.broker.address, site.context, "panel", "of the wall")
        gateway = await _gateway(site)
        await panel.subscribe(["xunhe/v1/+/values", "xunhe/v1/+/readings", "xunhe/v1/#"])
        await gateway.subscribe(["xunhe/v1/#"])
        await panel.publish("xunhe/v1/S-000/command", b"open")
        await gateway.publish("xunhe/v1/S-000/readings", b"raw")
        await gateway.publish("xunhe/v1/S-000/values", b"{}")
        await panel.hear(b"{}")
        assert {topic for topic, _ in panel.heard} == {"xunhe/v1/S-000/values"}
        await gateway.hear(b"{}")
        assert (b"open") not in {payload for _, payload in gateway.heard}
        for each in (panel, gateway):
            each.abandon()

    with running(kind, tmp_path, rights) as broker:
        run(lambda: story(Site(broker, tmp_path, access_matrix.trusting(tmp_path))))


@pytest.mark.parametrize(
    "sent", [b"", b"\x10", b"\x10\xff\xff\xff\x7f", b"\x10\x80\x80\x80\x80", b"GET / HTTP/1.1\r\n"]
)
def test_who_says_no_connect_is_sent_away_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(broker_gate, "_CONNECT_S", 0.3)
    certify(tmp_path)

    async def story(broker: Running) -> None:
        context = access_matrix.trusting(tmp_path)
        reader, writer = await asyncio.open_connection(*broker.address, ssl=context)
        writer.write(sent)
        assert await asyncio.wait_for(reader.read(), 10) == b"\x20\x02\x00\x05"
        writer.close()

    with running("embedded", tmp_path, rights_of(DEVICES, bytes(32), {})) as broker:
        run(lambda: story(broker))


def test_a_packet_of_any_size_ends_the_session_and_not_the_broker(site: Site) -> None:
    async def story() -> None:
        peer = await site.join(DEVICES[0])
        topic = access_matrix.own_topics(DEVICES[0], UP)[0]
        await peer.publish(topic, bytes(broker_gate.MOST_BYTES + 1))
        assert await peer.ended()
        (await site.join(DEVICES[0])).abandon()

    run(story)


def _who(device: Device) -> tuple[str, str]:
    return device.device, password_of(device.key, device.device)


async def _gateway(site: Site) -> Peer:
    name = "xunhe-gateway"
    return await Peer.join(site.broker.address, site.context, name, password_of(bytes(32), name))


async def _serial(site: Site) -> int:
    from cryptography import x509

    _, writer = await asyncio.open_connection(*site.broker.address, ssl=site.context)
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return x509.load_der_x509_certificate(shown).serial_number
