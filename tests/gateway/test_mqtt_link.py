"""Frames over real brokers: the embedded one and mosquitto, with paho as the independent peer."""

import gc
import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
import sqlalchemy as sa
from paho.mqtt.enums import CallbackAPIVersion

from tests.fakes.mosquitto import MOSQUITTO, free_port, mosquitto
from tests.gateway.conftest import START, Buoy, StandingClock, minutes
from tests.gateway.test_incidents import discharge
from tests.gateway.test_ingest import counters, rows
from xunhe.adapters.broker import BrokerError, EmbeddedBroker
from xunhe.adapters.frames import Message
from xunhe.adapters.ingest import Ingest
from xunhe.adapters.mqtt import Link
from xunhe.adapters.outbox.broker import Broker
from xunhe.adapters.outbox.courier import Clocks, Courier
from xunhe.adapters.outbox.sources import Raised
from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database
from xunhe.domain.registry import Registry
from xunhe.settings import MqttSettings
from xunhe_buoy import record as wire

WAIT_S = 10.0

# amqtt 0.12 leaves sockets of sessions open when it shuts down; they go with the process.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(params=["embedded", "mosquitto"])
def port(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[int]:
    if request.param == "embedded":
        port = free_port()
        broker = EmbeddedBroker("127.0.0.1", port)
        broker.start()
        yield port
        broker.stop()
        gc.collect()  # here, where the warning below is expected
    elif MOSQUITTO is None:
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    else:
        with mosquitto(tmp_path) as port:
            yield port


class Peer:
    """An MQTT client that is not ours; collects what comes on its topics."""

    def __init__(self, port: int, *topics: str) -> None:
        self.heard: queue.Queue[paho.MQTTMessage] = queue.Queue()
        ready = threading.Event()
        self.client = paho.Client(CallbackAPIVersion.VERSION2)
        self.client.on_message = lambda _c, _d, message: self.heard.put(message)
        self.client.on_subscribe = lambda *_: ready.set()
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self.client.subscribe([(topic, 1) for topic in topics])
        assert ready.wait(WAIT_S)

    def send(self, message: Message) -> None:
        info = self.client.publish(message.topic, message.payload, qos=1)
        info.wait_for_publish(WAIT_S)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def peer(port: int) -> Iterator[Peer]:
    peer = Peer(port, "xunhe/v1/+/ack", "xunhe/v1/+/values", "xunhe/v1/desk/#")
    yield peer
    peer.close()


@pytest.fixture
def link(port: int) -> Iterator[Link]:
    link = Link(MqttSettings(host="127.0.0.1", port=port))
    link.start()
    yield link
    link.stop()


def pump_until(link: Link, ingest: Ingest, done: Callable[[], bool]) -> None:
    for _ in range(200):
        link.pump(ingest, lambda: None, wait_s=0.05)
        if done():
            return
    pytest.fail("nothing came through in 10 s")


def ready(link: Link, ingest: Ingest) -> None:
    pump_until(link, ingest, lambda: link.is_up)


def heard_ack(peer: Peer, buoy: Buoy) -> wire.Ack:
    while True:
        message = peer.heard.get(timeout=WAIT_S)
        if message.topic == f"xunhe/v1/{buoy.station}/ack":
            return wire.decode_ack(bytes(message.payload), buoy.address, buoy.key)


def test_a_reading_goes_in_and_its_acknowledgement_and_values_come_back(
    link: Link, peer: Peer, ingest: Ingest, buoys: dict[str, Buoy], database: Database
) -> None:
    ready(link, ingest)
    buoy = buoys["YX-S1"]
    peer.send(buoy.send(buoy.read(START)))
    pump_until(link, ingest, lambda: counters(database).get("readings") == 1)
    assert heard_ack(peer, buoy).refused == ()
    assert b'"nh3n_mg_l": {"value": 0.35, "flag": 1}' in peer.heard.get(timeout=WAIT_S).payload


def test_nothing_is_acknowledged_while_the_store_fails_and_nothing_is_lost_by_it(
    link: Link,
    peer: Peer,
    ingest: Ingest,
    buoys: dict[str, Buoy],
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ready(link, ingest)
    buoy = buoys["YX-S1"]
    failing = [True, True]

    def take(messages: list[Message], **named: bool) -> Any:
        if failing:
            failing.pop()
            raise sa.exc.OperationalError("COMMIT", {}, OSError("disk full"))
        return Ingest.take(ingest, messages, **named)

    monkeypatch.setattr(ingest, "take", take)
    monkeypatch.setattr("xunhe.adapters.intake._RETRY_S", 0.1)
    peer.send(buoy.send(buoy.read(START)))
    pump_until(link, ingest, lambda: not failing)
    assert peer.heard.empty()
    pump_until(link, ingest, lambda: counters(database).get("readings") == 1)
    assert heard_ack(peer, buoy).count == 1


def test_a_frame_at_which_the_gateway_itself_fails_holds_up_nothing_but_itself(
    link: Link,
    peer: Peer,
    ingest: Ingest,
    buoys: dict[str, Buoy],
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ready(link, ingest)
    buoy = buoys["YX-S1"]
    frames = [buoy.send(buoy.read(START)) for _ in range(3)]
    poison = frames[1].payload

    def take(messages: list[Message], **named: bool) -> Any:
        if any(message.payload == poison for message in messages):
            raise ZeroDivisionError("a bug")
        return Ingest.take(ingest, messages, **named)

    monkeypatch.setattr(ingest, "take", take)
    for frame in frames:
        peer.send(frame)
    failures = 0
    for _ in range(100):
        try:
            link.pump(ingest, lambda: None, wait_s=0.05)
        except ZeroDivisionError:
            failures += 1
        if counters(database).get("readings") == 2:
            break
    assert counters(database) == {"readings": 2, "rejected.internal": 1}
    assert failures <= 5
    assert {heard_ack(peer, buoy).seq, heard_ack(peer, buoy).seq} == {1, 3}
    assert [row.payload for row in rows(database, schema.rejected)] == [poison]


def test_rubbish_of_every_size_is_counted_and_good_frames_go_on(
    link: Link, peer: Peer, ingest: Ingest, buoys: dict[str, Buoy], database: Database
) -> None:
    ready(link, ingest)
    buoy = buoys["YX-S1"]
    topic = "xunhe/v1/YX-S1/readings"
    sizes = (0, 1, 31, 32, 2048, 2049, 1 << 20)
    for size in sizes:
        peer.send(Message(topic, b"\x11" * size, size))
    peer.send(buoy.send(buoy.read(START)))
    pump_until(link, ingest, lambda: counters(database).get("readings") == 1)
    assert heard_ack(peer, buoy).refused == ()
    kept = rows(database, schema.rejected)
    assert [row.size for row in kept] == list(sizes)
    assert max(len(row.payload) for row in kept) == 2048


def test_a_ticket_leaves_by_the_outbox_once(
    link: Link,
    peer: Peer,
    ingest: Ingest,
    buoys: dict[str, Buoy],
    registry: Registry,
    clock: StandingClock,
    database: Database,
) -> None:
    ready(link, ingest)
    courier = Courier(database, Broker(link), [Raised()], Clocks(clock, clock))
    courier.step()
    clock.at = START + minutes(400)
    ingest.take(discharge(registry, buoys, 3))
    assert courier.step() == 1
    message = peer.heard.get(timeout=WAIT_S)
    assert message.topic == "xunhe/v1/desk/VILLAGE-1/tickets"
    assert "氨氮" in bytes(message.payload).decode()
    assert courier.step() == 0
    assert rows(database, schema.delivery)[0].sent_at == clock.at


def test_a_port_that_is_taken_is_named_with_the_next_step() -> None:
    port = free_port()
    first = EmbeddedBroker("127.0.0.1", port)
    first.start()
    with pytest.raises(BrokerError, match=rf"{port}.*mqtt\.port"):
        EmbeddedBroker("127.0.0.1", port).start()
    first.stop()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_link_whose_thread_ended_for_want_of_memory_goes_on(
    link: Link,
    peer: Peer,
    ingest: Ingest,
    buoys: dict[str, Buoy],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ready(link, ingest)
    put, failed = link._intake.put, threading.Event()

    def put_late(received: Any) -> None:
        if not failed.is_set():
            failed.set()
            raise MemoryError
        put(received)

    monkeypatch.setattr(link._intake, "put", put_late)
    buoy = buoys["YX-S1"]
    message = buoy.send(buoy.read(START))
    peer.send(message)
    assert failed.wait(WAIT_S)
    peer.send(message)
    pump_until(link, ingest, lambda: not peer.heard.empty())
    assert heard_ack(peer, buoy).count == 1
