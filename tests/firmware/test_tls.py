"""TLS under MicroPython against mosquitto: the right CA and name, and nothing else."""

import json
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest
from certificates import Authority
from conftest import PATIENCE_S

from tests.fakes.mosquitto import MOSQUITTO, listening
from xunhe.adapters.broker_rights import rights_of
from xunhe_tools.bench.gateway.secured_broker import certify, running

HERE = Path(__file__).parent


def session(micropython, port, ca, hostname):
    done = subprocess.run(
        [*micropython, HERE / "mqtt_session.py", HERE.parents[1], str(port), ca, hostname],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def broker(authority, tmp_path_factory):
    """mosquitto with two TLS listeners: (port, port of one whose certificate is past)."""
    if MOSQUITTO is None:
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    pairs = [authority.certify("broker.example", days=days) for days in ("1", "-1")]

    def listeners(*ports):
        return "".join(
            f"listener {port} 127.0.0.1\ncertfile {certificate}\nkeyfile {key}\n"
            for port, (certificate, key) in zip(ports, pairs, strict=True)
        )

    with listening(tmp_path_factory.mktemp("tls"), len(pairs), listeners) as ports:
        yield ports


def test_the_right_authority_and_name_carry_a_session(micropython, broker, authority):
    said = session(micropython, broker[0], authority.der, "broker.example")
    assert "error" not in said, said
    assert said["messages"] == [[1500, 1], [1, 0]]
    assert said["unacknowledged"] == 0
    assert said["used_bytes"] > 2 * 1500, "what TLS adds is counted"


def test_another_name_is_refused(micropython, broker, authority):
    said = session(micropython, broker[0], authority.der, "gateway.example")
    assert said["error"] == "tls"
    assert "CN" in said["message"]
    assert "messages" not in said


def test_another_authority_of_the_same_name_is_refused(micropython, broker, tmp_path):
    other = Authority(tmp_path)
    said = session(micropython, broker[0], other.der, "broker.example")
    assert said["error"] == "tls"
    assert "not correctly signed by the trusted CA" in said["message"]


def test_a_certificate_that_is_past_is_refused(micropython, broker, authority):
    said = session(micropython, broker[1], authority.der, "broker.example")
    assert said["error"] == "tls"
    assert "expired" in said["message"]


def test_an_authority_that_cannot_be_read_is_no_reason_to_go_without(
    micropython, broker, authority, tmp_path
):
    broken = tmp_path / "broken.der"
    broken.write_bytes(authority.der.read_bytes()[:200])
    for ca in (tmp_path / "absent.der", broken, authority.pem):
        said = session(micropython, broker[0], ca, "broker.example")
        assert said["error"] == "tls"
        assert said["message"].startswith(f"CA {ca.name}")
        assert said["used_bytes"] == 0


def test_a_broker_without_tls_is_refused(micropython, mosquitto, authority):
    said = session(micropython, mosquitto, authority.der, "broker.example")
    assert said["error"] in ("tls", "network")


def test_a_peer_that_says_nothing_ends_the_handshake_in_time(micropython, authority):
    with socket.create_server(("127.0.0.1", 0)) as server:
        peers = []
        threading.Thread(target=lambda: peers.append(server.accept()), daemon=True).start()
        said = session(micropython, server.getsockname()[1], authority.der, "broker.example")
        assert said["error"] == "tls"
        for peer, _ in peers:
            peer.close()


@pytest.mark.parametrize("kind", ["embedded", "mosquitto"])
def test_a_buoy_takes_the_authority_that_the_gateway_makes_for_its_broker(
    micropython, tmp_path, kind
):
    """mbedTLS knows no name constraints, which the authority of the console has."""
    certify(tmp_path, ["broker.example"])
    der = tmp_path / "authority.der"
    der.write_bytes(ssl.PEM_cert_to_DER_cert((tmp_path / "authority.crt").read_text()))
    with running(kind, tmp_path, rights_of([], bytes(32), {})) as broker:
        said = session(micropython, broker.port, der, "broker.example")
    assert said["error"] == "refused", f"TLS went well, the nameless did not: {said}"
