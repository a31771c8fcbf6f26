"""Rights are derived, exact and kept in step with the store."""

import base64
import hashlib
import hmac
import logging
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import topic_matches_sub
from typer.testing import CliRunner

from tests.gateway.conftest import START, Buoy, StandingClock
from tests.gateway.test_mqtt_link import pump_until
from xunhe.adapters import broker_files
from xunhe.adapters.broker import BrokerError, EmbeddedBroker, is_this_machine
from xunhe.adapters.broker_keeper import Keeper, RightsBook
from xunhe.adapters.broker_rights import (
    GATEWAY,
    Account,
    Rights,
    covers,
    hashed,
    password_of,
    rights_of,
)
from xunhe.adapters.https import authority
from xunhe.adapters.ingest import TOPICS, Ingest
from xunhe.adapters.store import devices, enrolments
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.devices import Device
from xunhe.broker_parts import open_wire
from xunhe.domain.clock import SystemClock
from xunhe.settings import MqttSettings
from xunhe_tools.bench.gateway.secured_broker import MOSQUITTO, certify, running
from xunhe_tools.buoy.provision_identity import Place, configuration
from xunhe_tools.cli import app

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

_PROBE = {"model": "Y504", "address": 1}
DEVICE = Device("a4cf12000001", "YX-S1", bytes(range(32)))


def test_the_password_follows_from_the_key_as_rfc_5869_says() -> None:
    prk = hmac.digest(bytes(32), DEVICE.key, "sha256")  # no salt: zeros
    block = hmac.digest(prk, b"xunhe/v1/mqtt/a4cf12000001\x01", "sha256")
    expected = base64.urlsafe_b64encode(block[:24]).decode()
    assert password_of(DEVICE.key, DEVICE.device) == expected


def test_passwords_of_two_names_and_two_keys_differ() -> None:
    said = {password_of(key, name) for key in (bytes(32), b"\1" * 32) for name in ("a", "b")}
    assert len(said) == 4


def test_a_hash_is_what_mosquitto_passwd_writes() -> None:
    salt = base64.b64decode("a1N6UDcjtTISTaaG")
    kind, rounds, said_salt, digest = hashed("secret", salt).split("$")[1:]
    assert (kind, rounds, said_salt) == ("7", "101", "a1N6UDcjtTISTaaG")
    assert base64.b64decode(digest) == hashlib.pbkdf2_hmac("sha512", b"secret", salt, 101)


def test_the_same_devices_give_the_same_files() -> None:
    first, again = (rights_of([DEVICE], bytes(32), {}) for _ in range(2))
    assert first == again
    assert broker_files.passwords(first) == broker_files.passwords(again)


def test_every_topic_that_the_gateway_listens_to_may_be_sent() -> None:
    rights = rights_of([DEVICE], bytes(32), {})
    assert all(rights.lets_send(DEVICE.device, f"xunhe/v1/YX-S1/{kind}") for kind in TOPICS)


@pytest.mark.parametrize("asked", ["#", "+/+/+/+", "xunhe/v1/YX-S1/#", "xunhe/v1/YX-S1/+"])
def test_a_device_may_ask_for_no_wildcard_not_even_around_its_own_topics(asked: str) -> None:
    rights = rights_of([DEVICE], bytes(32), {})
    assert not rights.lets_hear(DEVICE.device, asked)
    assert not rights.lets_send(DEVICE.device, asked)


_LEVELS = st.lists(st.sampled_from(["a", "b", "+", ""]), min_size=1, max_size=4)
_FILTERS = _LEVELS.map("/".join) | _LEVELS.map(lambda levels: "/".join([*levels, "#"]))
_TOPICS = st.lists(st.sampled_from(["a", "b", "c", ""]), min_size=1, max_size=5).map("/".join)


@given(_FILTERS, _TOPICS)
def test_topics_are_matched_as_paho_matches_them(wide: str, topic: str) -> None:
    assert covers(wide, topic) == topic_matches_sub(wide, topic)


@given(_FILTERS, _FILTERS, _TOPICS)
def test_a_filter_that_is_covered_lets_nothing_through_that_its_cover_does_not(
    wide: str, narrow: str, topic: str
) -> None:
    if covers(wide, narrow) and topic_matches_sub(narrow, topic):
        assert topic_matches_sub(wide, topic)


@pytest.mark.parametrize("name", ["", "a:b", "a b", "+", "#", "a/b", "a\n", "名", "-a", "a" * 65])
def test_a_name_that_a_file_or_a_topic_could_misread_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name for the broker"):
        Account(name, "$7$1$$", (), ())


@pytest.mark.parametrize("station", ["+", "#", "a/b", "a b", "a\ntopic readwrite #", "a\0"])
def test_a_station_that_would_widen_a_right_gets_none(
    station: str, caplog: pytest.LogCaptureFixture
) -> None:
    rights = rights_of([Device("a4cf12000002", station, bytes(32))], bytes(32), {})
    assert set(rights.accounts) == {GATEWAY}
    assert "gets no topics" in caplog.text


def test_a_reader_cannot_take_the_name_of_the_gateway_or_of_a_device() -> None:
    usurper = hashed("x", b"1" * 12)
    rights = rights_of([DEVICE], bytes(32), {GATEWAY: usurper, DEVICE.device: usurper})
    assert not rights.admits(GATEWAY, "x")
    assert not rights.admits(DEVICE.device, "x")


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("", False),
        ("192.168.1.5", False),
        ("gateway.local", False),
    ],
)
def test_only_loopback_counts_as_this_machine(host: str, is_here: bool) -> None:
    assert is_this_machine(host) is is_here


def test_the_embedded_broker_refuses_to_listen_beyond_this_machine_without_rights() -> None:
    with pytest.raises(BrokerError, match=r"只肯在本机监听.*refuses to listen beyond"):
        EmbeddedBroker("0.0.0.0", 0).start()


def test_a_folder_without_certificate_is_named_with_the_next_step(
    tmp_path: Path, database: Database
) -> None:
    settings = MqttSettings(secured=tmp_path)
    with ExitStack() as stack, pytest.raises(BrokerError, match="xunhe broker configure"):
        open_wire(settings, database, stack)


@pytest.mark.parametrize("kind", ["embedded", "mosquitto"])
def test_a_reading_goes_in_and_its_acknowledgement_back_over_tls(
    kind: str, tmp_path: Path, database: Database, ingest: Ingest, buoys: dict[str, Buoy]
) -> None:
    if kind == "mosquitto" and MOSQUITTO is None:
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    import paho.mqtt.client as paho
    from paho.mqtt.enums import CallbackAPIVersion

    certify(tmp_path)
    with ExitStack() as stack:
        port = _port()
        if kind == "mosquitto":
            port = stack.enter_context(running(kind, tmp_path, Rights())).port
        settings = MqttSettings(
            embedded=kind == "embedded", host="localhost", port=port, secured=tmp_path
        )
        wire = open_wire(settings, database, stack)
        assert wire.keeper is not None
        wire.keeper.step()
        pump_until(wire.link, ingest, lambda: wire.link.is_up)
        buoy, heard = buoys["YX-S1"], []
        name = buoy.address.hex()
        client = paho.Client(CallbackAPIVersion.VERSION2, name)
        client.username_pw_set(name, password_of(buoy.key, name))
        client.tls_set(str(tmp_path / authority.AUTHORITY))
        client.on_message = lambda _c, _d, message: heard.append(message.topic)
        client.on_connect = lambda *_: client.subscribe("xunhe/v1/YX-S1/ack", 1)
        client.on_subscribe = lambda *_: client.publish(
            "xunhe/v1/YX-S1/readings", buoy.send(buoy.read(START)).payload, qos=1
        )
        client.connect("localhost", port)
        client.loop_start()
        pump_until(wire.link, ingest, lambda: bool(heard))
        client.disconnect()
        client.loop_stop()
        assert heard == ["xunhe/v1/YX-S1/ack"]


def test_enrolment_and_revocation_reach_the_broker_at_the_next_look(
    tmp_path: Path, database: Database
) -> None:
    certify(tmp_path)
    given_out: list[Rights] = []
    book = RightsBook(database, {}, SystemClock())
    keeper = Keeper(book, tmp_path, SystemClock(), given_out.append)
    assert keeper.step()
    assert not keeper.step(), "nothing new"
    with database.write() as connection:
        enrolments.enrol(connection, DEVICE, START)
    assert keeper.step()
    assert given_out[-1].admits(DEVICE.device, password_of(DEVICE.key, DEVICE.device))
    with database.write() as connection:
        enrolments.revoke(connection, DEVICE.device, START)
    assert keeper.step()
    assert set(given_out[-1].accounts) == {GATEWAY}


def test_a_device_that_was_replaced_may_still_send_what_it_measured_before(
    tmp_path: Path, database: Database
) -> None:
    with database.write() as connection:
        devices.enrol(connection, DEVICE, START)
        devices.replace(connection, Device("a4cf12000009", "YX-S1", b"\2" * 32), START)
    rights = RightsBook(database, {}, SystemClock()).rights()
    assert {DEVICE.device, "a4cf12000009"} < set(rights.accounts)


def test_a_certificate_that_ends_soon_is_renewed_and_shown(
    tmp_path: Path, database: Database
) -> None:
    certify(tmp_path)
    before = authority.read(tmp_path / authority.SERVER).serial_number
    clock = StandingClock(SystemClock().now())
    applied: list[Rights] = []
    keeper = Keeper(RightsBook(database, {}, clock), tmp_path, clock, applied.append)
    keeper.step()
    clock.at += authority.SERVER_HOLDS - authority.RENEWED_BEFORE + timedelta(days=1)
    assert keeper.step()
    assert len(applied) == 2
    assert authority.read(tmp_path / authority.SERVER).serial_number != before


def test_files_of_rights_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    broker_files.write(tmp_path, rights_of([DEVICE], bytes(32), {}))
    for name in (broker_files.PASSWORDS, broker_files.TOPICS):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_no_process_is_told_to_read_again_that_is_not_mosquitto(tmp_path: Path) -> None:
    assert not broker_files.have_read_again(tmp_path)
    (tmp_path / broker_files.PROCESS).write_text("1\n")
    assert not broker_files.have_read_again(tmp_path)
    (tmp_path / broker_files.PROCESS).write_text("no number\n")
    assert not broker_files.have_read_again(tmp_path)


def test_a_buoy_for_tls_is_given_its_name_and_derived_password() -> None:
    broker = {"host": "mqtt.example", "port": 8883, "tls": {"ca": "ca.der"}}
    place = Place("YX-S1", broker, {"carrier": "wifi"}, [_PROBE], {"sample_interval_s": 900})
    config = configuration(place, DEVICE.device, lambda size: DEVICE.key)
    assert config["broker"]["user"] == DEVICE.device
    assert config["broker"]["password"] == password_of(DEVICE.key, DEVICE.device)


def test_a_buoy_without_tls_never_says_a_password() -> None:
    broker = {"host": "mqtt.example", "port": 1883}
    place = Place("YX-S1", broker, {"carrier": "wifi"}, [_PROBE], {"sample_interval_s": 900})
    assert "password" not in configuration(place, DEVICE.device, bytes)["broker"]


def test_the_commands_write_what_mosquitto_needs_and_say_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["broker", "configure", "--name", "mqtt.example"])
    assert done.exit_code == 0, done.output
    assert "--broker mqtt.example:8883 --broker-ca var/broker/authority.crt" in done.output
    text = (tmp_path / "var/broker/mosquitto.conf").read_text()
    for line in ("allow_anonymous false", "use_username_as_clientid true", "tls_version tlsv1.2"):
        assert line in text
    reader = CliRunner().invoke(app, ["broker", "reader", "panel"])
    assert '[mqtt.readers]\n"panel" = "$7$101$' in reader.output
    refused = CliRunner().invoke(app, ["broker", "reader", "a:b"])
    assert refused.exit_code == 2


def test_neither_key_nor_password_shows_in_a_representation(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logging.getLogger().warning("%s %s", DEVICE, rights_of([DEVICE], bytes(32), {}))
    assert DEVICE.key.hex() not in caplog.text
    assert repr(DEVICE.key) not in caplog.text
    assert "$7$" not in caplog.text


def _port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
