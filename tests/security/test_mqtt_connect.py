"""The CONNECT at the gate: the buoy's own codec and amqtt's reader are the independent peers."""

import asyncio
from contextlib import suppress

import pytest
from amqtt.adapters import BufferReader
from amqtt.mqtt.connect import ConnectPacket
from hypothesis import given
from hypothesis import strategies as st

from xunhe.codecs.mqtt_connect import MOST_BYTES, ConnectError, body_size, parse
from xunhe_buoy import mqtt_codec

_TEXT = st.text(
    st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1, max_size=20
)


def body_of(packet: bytes) -> bytes:
    for size in range(2, 6):
        found = body_size(packet[:size])
        if found is not None:
            assert len(packet) == size + found
            return packet[size:]
    raise AssertionError(packet)


@given(
    client_id=_TEXT,
    user=st.none() | _TEXT,
    password=_TEXT,
    will=st.none() | st.tuples(_TEXT, st.binary(max_size=200)),
)
def test_what_a_buoy_says_is_understood(
    client_id: str, user: str | None, password: str, will: tuple[str, bytes] | None
) -> None:
    said = parse(body_of(mqtt_codec.connect(client_id, user, password, 60, will)))
    assert (said.client_id, said.user) == (client_id, user)
    assert said.password == (password if user is not None else None)
    assert said.will_topic == (None if will is None else will[0])


@given(st.binary(max_size=80), st.integers(0, 255))
def test_whom_the_gate_understands_the_broker_behind_it_understands_alike(
    tail: bytes, flags: int
) -> None:
    body = b"\x00\x04MQTT\x04" + bytes([flags]) + b"\x00\x3c" + tail
    try:
        said = parse(body)
    except ConnectError:
        return
    packet = b"\x10" + bytes([len(body)]) + body
    theirs = asyncio.run(ConnectPacket.from_stream(BufferReader(packet)))
    assert said.user == theirs.username
    assert said.password == theirs.password
    assert said.client_id == (theirs.client_id if said.client_id else "")
    assert said.will_topic == theirs.will_topic


@given(st.binary(max_size=300))
def test_any_bytes_are_a_connect_or_an_error(body: bytes) -> None:
    with suppress(ConnectError):
        parse(body)


def test_no_prefix_of_a_connect_is_one() -> None:
    body = body_of(mqtt_codec.connect("id", "user", "password", 60, ("t", b"w")))
    for size in range(len(body)):
        with pytest.raises(ConnectError):
            parse(body[:size])


@pytest.mark.parametrize(
    ("flags", "tail"),
    [
        (0x03, b"\0\1a"),  # the reserved bit
        (0x42, b"\0\1a\0\1p"),  # a password without a user
        (0x0A, b"\0\1a"),  # the will's QoS without a will
        (0x22, b"\0\1a"),  # its retain flag without one
        (0x1E, b"\0\1a\0\1t\0\1m"),  # QoS 3
        (0x00, b"\0\0"),  # no id and no clean session
        (0x02, b"\0\1a!"),  # a byte too many
        (0x02, b"\0\2\xff\xff"),  # no UTF-8
        (0x02, b"\0\1\0"),  # NUL
    ],
)
def test_what_the_standard_forbids_is_refused(flags: int, tail: bytes) -> None:
    with pytest.raises(ConnectError):
        parse(b"\x00\x04MQTT\x04" + bytes([flags]) + b"\x00\x3c" + tail)


@pytest.mark.parametrize("size", [MOST_BYTES - 1, MOST_BYTES, MOST_BYTES + 1])
def test_a_connect_has_at_most_so_many_bytes(size: int) -> None:
    head = b"\x10" + bytes([size & 0x7F | 0x80, size >> 7])
    if size > MOST_BYTES:
        with pytest.raises(ConnectError, match="at most"):
            body_size(head)
    else:
        assert body_size(head) == size
        assert body_size(head[:2]) is None


def test_a_password_stands_in_no_representation() -> None:
    said = parse(body_of(mqtt_codec.connect("id", "user", "hidden words")))
    assert "hidden" not in repr(said)
