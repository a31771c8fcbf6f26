"""The MQTT client under MicroPython against mosquitto and against servers that misbehave."""

import json
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from conftest import PATIENCE_S
from hypothesis import given
from hypothesis import strategies as st

from xunhe_buoy import mqtt_codec
from xunhe_buoy.mqtt import Client

HERE = Path(__file__).parent
CONNACK = b"\x20\x02\x00\x00"


def session(micropython, port):
    done = subprocess.run(
        [*micropython, HERE / "mqtt_session.py", HERE.parents[1], str(port)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_speaks_with_mosquitto_and_stays_alive(micropython, mosquitto):
    said = session(micropython, mosquitto)
    assert "error" not in said, said
    assert said["messages"] == [[1500, 1], [1, 0]]
    assert said["unacknowledged"] == 0


@pytest.fixture
def misbehaving():
    """A server that sends fixed bytes and then waits, or closes."""
    server = socket.create_server(("127.0.0.1", 0))
    opened = [server]

    def start(answer, close=False):
        def serve():
            peer, _ = server.accept()
            opened.append(peer)
            peer.sendall(answer)
            if close:
                peer.close()

        threading.Thread(target=serve, daemon=True).start()
        return server.getsockname()[1]

    yield start
    for sock in opened:
        sock.close()


@pytest.mark.parametrize(
    ("answer", "close", "reason"),
    [
        (b"", False, "timeout"),
        (CONNACK, False, "timeout"),
        (b"", True, "closed"),
        (b"\x20\x02\x00\x05", False, "refused"),
        (CONNACK + b"\x90\x03\x00\x01\x80", False, "refused"),
        (b"\x20\xff\xff\xff\xff", False, "malformed"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", False, "timeout"),  # "H" opens a packet of 84
    ],
)
def test_a_broker_that_misbehaves_is_a_reason_in_time(
    micropython, misbehaving, answer, close, reason
):
    said = session(micropython, misbehaving(answer, close))
    if close and said["error"] == "network":
        return  # the reset overtook the end of file
    assert said["error"] == reason


def test_no_broker_is_a_reason(micropython):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # taken, and nobody listens
        assert session(micropython, deaf.getsockname()[1])["error"] == "network"


topics = st.text(
    st.characters(blacklist_characters="\0+#", blacklist_categories=["Cs"]), min_size=1
)


@given(topics, st.binary(max_size=2000), st.integers(0, 1), st.integers(1, 65535), st.data())
def test_a_publish_survives_any_chunking(topic, payload, qos, packet_id, data):
    wire = mqtt_codec.publish(topic, payload, qos, packet_id) + mqtt_codec.pingreq()
    buf, found, at = bytearray(), [], 0
    while at < len(wire):
        step = data.draw(st.integers(1, 700))
        buf.extend(wire[at : at + step])
        at += step
        while (packet := mqtt_codec.take_packet(buf)) is not None:
            found.append(packet)
    assert not buf
    message = mqtt_codec.parse_publish(*found[0])
    assert (message.topic, message.payload, message.qos) == (topic, payload, qos)
    assert message.packet_id == (packet_id if qos else 0)
    assert found[1] == (0xC0, b"")


@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_packets_or_a_reason(data):
    buf = bytearray(data)
    try:
        while (packet := mqtt_codec.take_packet(buf)) is not None:
            mqtt_codec.parse_publish(*packet)
    except mqtt_codec.MqttError:
        return


class Wire:
    """A socket that gives what is in `waiting` and keeps what is sent; and a clock set by hand."""

    def __init__(self):
        self.waiting, self.sent, self.now = [], b"", 0

    def send(self, data):
        self.sent += data
        return len(data)

    def recv(self, size):
        if not self.waiting:
            raise TimeoutError("timed out")
        return self.waiting.pop(0)

    def settimeout(self, seconds):
        self.now += 1

    def close(self):
        pass

    def ticks_ms(self):
        return self.now

    def ticks_diff(self, later, earlier):
        return later - earlier


def test_after_a_long_sleep_what_arrived_counts_before_any_time_out():
    wire = Wire()
    client = Client(wire, wire, timeout_ms=3000, keepalive_s=60)
    wire.now += 31_000
    assert client.poll(10) is None
    assert wire.sent == mqtt_codec.pingreq()
    wire.now += 27_000  # the probes warm up and settle
    ack = mqtt_codec.publish("ack", b"signed")
    wire.waiting = [b"\xd0\x00" + mqtt_codec.puback(9) + ack]
    assert client.poll(10).payload == b"signed"
    assert client.poll(10) is None


def test_a_ping_without_answer_ends_the_connection():
    wire = Wire()
    client = Client(wire, wire, timeout_ms=3000, keepalive_s=60)
    wire.now += 31_000
    client.poll(10)
    wire.now += 4_000
    with pytest.raises(mqtt_codec.MqttError) as caught:
        client.poll(10)
    assert caught.value.reason == "timeout"
