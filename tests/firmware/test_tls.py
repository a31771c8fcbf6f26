"""TLS under MicroPython against mosquitto: the right CA and name, and nothing else."""

import json
import shutil
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest
from certificates import Authority
from conftest import accepts, free_port, wait_until

from xunhe.adapters.broker_rights import rights_of
from xunhe_tools.bench.gateway.secured_broker import certify, running

HERE = Path(__file__).parent


def session(micropython, port, ca, hostname):
    done = subprocess.run(
        [*micropython, HERE / "mqtt_session.py", HERE.parents[1], str(port), ca, hostname],
        capture_output=True,
        text=True,
        timeout=60,
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
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    if not Path(program).exists():
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    ports, lines = (free_port(), free_port()), ["allow_anonymous true", "user root"]
    for port, days in zip(ports, ("1", "-1"), strict=True):
        certificate, key = authority.certify("broker.example", days=days)
        lines += [f"listener {port} 127.0.0.1", f"certfile {certificate}", f"keyfile {key}"]
    settings = tmp_path_factory.mktemp("tls") / "mosquitto.conf"
    settings.write_text("\n".join(lines) + "\n")
    process = subprocess.Popen([program, "-c", settings], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: all(map(accepts, ports)), 10, "mosquitto listens")
        yield ports
    finally:
        process.kill()
        process.wait()


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
        assert said["ms"] < 3000
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
