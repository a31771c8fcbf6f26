"""Sparkplug B over a real broker, read by the generated code of another library."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from esio_spb_builder.core import sparkplug_b_pb2
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.conftest import START, StandingClock
from tests.gateway.upstream.listener import WAIT_S, Listener, readings, sent
from xunhe.adapters.upstream.sparkplug import Sparkplug, asks_for_rebirth, is_online
from xunhe.adapters.upstream.sparkplug_node import EdgeNode
from xunhe.codecs.protobuf import WireError, decode
from xunhe.codecs.sparkplug import DataType, Metric, commands, payload
from xunhe.domain.outward import Sent
from xunhe.outward_settings.upstream import SparkplugSettings

MINUTE = timedelta(minutes=1)
VALUES: dict[str, list[float | None]] = {"ph": [7.1, 1], "do_mg_l": [None, 9]}


def read(data: bytes) -> Any:
    """By the code that protoc made of Eclipse Tahu's sparkplug_b.proto."""
    found = sparkplug_b_pb2.Payload()
    found.ParseFromString(data)
    return found


def rebirth(name: str = "Node Control/Rebirth") -> bytes:
    asked = sparkplug_b_pb2.Payload()
    metric = asked.metrics.add()
    metric.name, metric.datatype, metric.boolean_value = name, 11, True
    return bytes(asked.SerializeToString())


@st.composite
def metrics(draw: st.DrawFn) -> Metric:
    kind = draw(st.sampled_from(DataType))
    value = {
        DataType.INT32: st.integers(-(2**31), 2**31 - 1),
        DataType.INT64: st.integers(0, 2**63 - 1),
        DataType.DOUBLE: st.floats(allow_nan=False),
        DataType.BOOLEAN: st.booleans(),
        DataType.STRING: st.text(),
    }[kind]
    return Metric(
        kind,
        draw(st.none() | value),
        draw(st.text(min_size=1)),
        draw(st.none() | st.integers(0, 2**32)),
        draw(st.none() | st.just(START)),
        draw(st.booleans()),
        draw(st.lists(st.tuples(st.text(), st.integers(0, 2**31 - 1) | st.text()), max_size=3)),
    )


@given(st.lists(metrics(), max_size=4), st.none() | st.integers(0, 255))
def test_every_payload_is_what_the_generated_code_reads(
    said: list[Metric], seq: int | None
) -> None:
    found = read(payload(said, START, seq))
    assert found.timestamp == round(START.timestamp() * 1000)
    assert (found.seq if found.HasField("seq") else None) == seq
    assert len(found.metrics) == len(said)
    for got, metric in zip(found.metrics, said, strict=True):
        assert (got.name, got.datatype, got.is_null) == (
            metric.name,
            metric.type,
            metric.value is None,
        )
        assert (got.alias if got.HasField("alias") else None) == metric.alias
        assert got.is_historical == metric.is_historical
        assert list(got.properties.keys) == [name for name, _ in metric.properties]
        if metric.value is not None:
            assert value_of(got) == metric.value


def value_of(metric: Any) -> Any:
    value = getattr(metric, metric.WhichOneof("value"))
    if metric.datatype == DataType.INT32 and value >= 2**31:
        return value - 2**32
    return value


@given(st.binary(max_size=60))
def test_no_command_is_too_strange(data: bytes) -> None:
    try:
        assert all(isinstance(each.name, str) for each in commands(data))
    except WireError:
        assert asks_for_rebirth(data) is False


def test_every_prefix_of_a_command_is_read_or_refused() -> None:
    whole = rebirth()
    for end in range(len(whole)):
        assert asks_for_rebirth(whole[:end]) in (True, False)
    assert asks_for_rebirth(whole)
    assert not asks_for_rebirth(rebirth("Node Control/Reboot"))


@pytest.mark.parametrize("data", [b"\x08", b"\x0a\x05ab", b"\x0b", b"\x80" * 11, b"\x09\x00"])
def test_damaged_bytes_are_an_error(data: bytes) -> None:
    with pytest.raises(WireError):
        list(decode(data))


def test_the_sequence_goes_round_after_255_and_begins_anew_with_a_birth() -> None:
    node = EdgeNode("g", "n")
    node.will(START)
    seqs = [read(data).seq for _, data in node.births(START)]
    for _ in range(300):
        for _, data in node.data("YX-S1", VALUES, START, START, is_late=False):
            seqs.append(read(data).seq)
    assert seqs == [number % 256 for number in range(302)]  # NBIRTH, DBIRTH, 300 DDATA
    assert [read(data).seq for _, data in node.births(START)] == [0, 1]


def test_each_connection_has_its_own_bd_seq_and_births_repeat_it() -> None:
    node = EdgeNode("g", "n")
    for number in [*range(256), 0]:
        topic, will = node.will(START)
        assert (topic, read(will).metrics[0].long_value) == ("spBv1.0/g/NDEATH/n", number)
        assert not read(will).HasField("seq")
        ((_, birth),) = node.births(START)
        assert read(birth).metrics[0].long_value == number


def test_a_host_that_knows_no_aliases_gets_names() -> None:
    node = EdgeNode("g", "n", has_aliases=False)
    born, data = (read(p) for _, p in node.data("YX-S1", VALUES, START, START, is_late=False))
    assert [m.name for m in born.metrics] == [m.name for m in data.metrics] == list(VALUES)
    assert not any(m.HasField("alias") for m in (*born.metrics, *data.metrics))


def test_an_older_value_is_sent_and_never_born_again() -> None:
    node = EdgeNode("g", "n")
    for at, ph in ((START, 7.1), (START - MINUTE, 6.9)):
        *_, (_, data) = node.data("YX-S1", {"ph": [ph, 1]}, at, START, is_late=False)
        assert read(data).metrics[0].double_value == ph
    *_, (_, born) = node.births(START)
    assert read(born).metrics[0].double_value == 7.1


@pytest.fixture
def host(broker: int) -> Iterator[Listener]:
    """A host application."""
    host = Listener(broker, "spBv1.0/district-7/#")
    yield host
    host.close()


def link(port: int, at: datetime = START, **changed: Any) -> Sparkplug:
    given = {"name": "scada", "host": "127.0.0.1", "port": port, "tls": False, "confirm_s": WAIT_S}
    settings = SparkplugSettings.model_validate(given | {"group": "district-7"} | changed)
    return Sparkplug(settings, StandingClock(at))


def kinds(heard: list[tuple[str, bytes, bool]]) -> list[str]:
    return [topic.split("/", 2)[2] for topic, _, _ in heard]


def test_a_host_application_hears_births_before_data(broker: int, host: Listener) -> None:
    up = link(broker)
    old = readings("b", at=START - timedelta(hours=1), **VALUES)
    outcomes = sent(up, readings("a", **VALUES), old)
    assert [outcome.sent for outcome in outcomes] == [Sent.DONE] * 2
    heard = host.wait_for(4)
    node = "xunhe"
    assert kinds(heard) == [
        f"NBIRTH/{node}",
        f"DBIRTH/{node}/YX-S1",
        f"DDATA/{node}/YX-S1",
        f"DDATA/{node}/YX-S1",
    ]
    born, live, late = (read(data) for _, data, _ in heard[1:])
    assert [(m.name, m.alias, m.is_null) for m in born.metrics] == [
        ("ph", 0, False),
        ("do_mg_l", 1, True),
    ]
    ph, do = live.metrics
    assert (ph.name, ph.alias, ph.double_value, ph.is_historical) == ("", 0, 7.1, False)
    quality = {
        k: v.int_value for k, v in zip(do.properties.keys, do.properties.values, strict=True)
    }
    assert quality == {"Quality": 0, "QARTOD": 9}
    assert all(metric.is_historical for metric in late.metrics)
    assert born.metrics[0].properties.values[2].string_value == "[pH]"
    up.close()


def test_a_rebirth_is_answered_even_where_nothing_waits(broker: int, host: Listener) -> None:
    up = link(broker)
    sent(up, readings("a"))
    assert up.send([]) == []
    host.publish("spBv1.0/district-7/NCMD/xunhe", rebirth())
    host.wait_for(4)
    sent(up)
    heard = [each for each in host.wait_for(6) if "NCMD" not in each[0]]
    assert kinds(heard)[-2:] == ["NBIRTH/xunhe", "DBIRTH/xunhe/YX-S1"]
    assert [read(data).seq for _, data, _ in heard] == [0, 1, 2, 0, 1]
    up.close()


def test_a_broken_connection_is_a_death_with_the_number_of_its_birth(
    broker: int, host: Listener
) -> None:
    up = link(broker)
    sent(up, readings("a"))
    up._client.socket().close()  # type: ignore[union-attr]
    topic, death, _ = host.wait_for(4)[3]
    assert topic == "spBv1.0/district-7/NDEATH/xunhe"
    assert read(death).metrics[0].name == "bdSeq"
    assert read(death).metrics[0].long_value == read(host.heard[0][1]).metrics[0].long_value
    up.close()


def test_who_leaves_in_order_says_so(broker: int, host: Listener) -> None:
    up = link(broker)
    sent(up, readings("a"))
    up.close()
    topic, death, _ = host.wait_for(4)[3]
    assert topic == "spBv1.0/district-7/NDEATH/xunhe"
    assert read(death).metrics[0].long_value == 0


def test_readings_wait_while_the_primary_host_is_away(broker: int, host: Listener) -> None:
    state = "spBv1.0/STATE/office"
    up = link(broker, primary_host="office")
    (outcome,) = sent(up, readings("a"))
    assert (outcome.sent, "office" in outcome.detail) == (Sent.LATER, True)
    host.publish(state, b'{"online": true, "timestamp": 1}', retain=True)
    assert up._host_is_there.wait(WAIT_S)
    assert [each.sent for each in up.send([readings("a")])] == [Sent.DONE]
    assert kinds(host.wait_for(3))[0] == "NBIRTH/xunhe"
    up.close()


@pytest.mark.parametrize("said", [b"ONLINE", b"[]", b'{"online": false}', b'{"online": 1}', b""])
def test_only_a_plain_word_says_that_a_host_is_there(said: bytes) -> None:
    assert not is_online(said)
