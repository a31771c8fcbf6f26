"""The 4G link against a modem simulator that forwards TCP, and against its bad days."""

import contextlib
import socket
import threading
import time

import pytest
from conftest import PATIENCE_S
from modem_board import Board, Modem7600

from tests.fakes.beside import modem
from xunhe_buoy import links
from xunhe_buoy.links import LinkError
from xunhe_buoy.links import modem as modem_link
from xunhe_buoy.links.modem import ModemLink
from xunhe_tools.virtual_river.modem import ModemFaults

DIALECTS = ("sim7600", "air780e")


@pytest.fixture
def echo():
    """A server that sends back what it gets; its port, and a list of its open connections."""
    peers = []

    def serve(peer):
        with contextlib.suppress(OSError):
            while data := peer.recv(4096):
                peer.sendall(data)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                peers.append(server.accept()[0])
                threading.Thread(target=serve, args=(peers[-1],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1], peers
        server.shutdown(socket.SHUT_RDWR)  # wakes whoever waits on it before it is closed
    for peer in peers:
        peer.close()


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """A simulated modem has no capacitors; how long it may take to answer is left as it is."""
    monkeypatch.setattr(modem_link, "OFF_MS", 60)


def build(folder, dialect):
    board = Board(folder)
    link = ModemLink(board, type("Wanted", (Modem7600,), {"dialect": dialect}))
    return board, link


def prepare(link, board):
    end = time.monotonic() + PATIENCE_S
    while not link.prepare():
        assert time.monotonic() < end, "not prepared in time"
        board.sleep_ms(10)


def exchange(stream, data):
    stream.settimeout(PATIENCE_S)
    left = data
    while left:
        left = left[stream.send(left) :]
    got = b""
    while len(got) < len(data):
        piece = stream.recv(512)
        assert piece, "the connection ended"
        got += piece
    return got


@pytest.mark.parametrize("dialect", DIALECTS)
def test_bytes_of_every_value_go_there_and_back(tmp_path, echo, dialect):
    payload = bytes(range(256)) * 12 + b"\r\nOK\r\n> +IPCLOSE: 0,1\r\nCLOSED\r\n"
    with modem(tmp_path, dialect) as simulated:
        board, link = build(tmp_path, dialect)
        prepare(link, board)
        stream = link.connect("127.0.0.1", echo[0])
        assert exchange(stream, payload) == payload
        stream.settimeout(0.05)
        with pytest.raises(OSError, match="110"):
            stream.recv(10)
        stream.close()
        link.off()
        assert "ATE0" in simulated.log


@pytest.mark.parametrize("dialect", DIALECTS)
def test_unasked_lines_noise_and_a_stubborn_echo_change_nothing(tmp_path, echo, dialect):
    faults = ModemFaults(seed=4, chatter_rate=0.4, noise_rate=0.2, keeps_echo=True)
    payload = bytes(range(200)) * 20
    with modem(tmp_path, dialect, faults):
        board, link = build(tmp_path, dialect)
        prepare(link, board)
        stream = link.connect("127.0.0.1", echo[0])
        assert exchange(stream, payload) == payload
        stream.close()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_connection_that_the_peer_ends_is_read_to_its_end(tmp_path, echo, dialect):
    port, peers = echo
    with modem(tmp_path, dialect):
        board, link = build(tmp_path, dialect)
        prepare(link, board)
        stream = link.connect("127.0.0.1", port)
        stream.settimeout(PATIENCE_S)
        stream.send(b"last words")
        got = stream.recv(4)  # the peer has said it all
        peers[0].shutdown(socket.SHUT_RDWR)
        while piece := stream.recv(4):
            got += piece
        assert got == b"last words"
        with pytest.raises(OSError, match="104"):
            stream.send(b"more")
        stream.close()
        prepare(link, board)
        again = link.connect("127.0.0.1", port)
        assert exchange(again, b"again") == b"again"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_refused_connection_is_a_reason_and_the_third_restarts_the_modem(tmp_path, dialect):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with modem(tmp_path, dialect):
        board, link = build(tmp_path, dialect)
        for _ in range(3):
            prepare(link, board)
            with pytest.raises(LinkError) as caught:
                link.connect("127.0.0.1", port)
            assert caught.value.reason in (links.R_NETWORK, links.R_REFUSED)
        assert board.powers == [True, False]
        prepare(link, board)


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        (ModemFaults(has_card=False), links.R_SIM),
        (ModemFaults(registration=(2, 3)), links.R_DENIED),
        (ModemFaults(registration=(2,)), links.R_COVERAGE),
        (ModemFaults(registration=(0, 4)), links.R_COVERAGE),
        (ModemFaults(hangs_after=0, hangs_again=True), links.R_MODEM),
    ],
)
def test_what_keeps_a_modem_from_the_network_has_its_reason(tmp_path, monkeypatch, faults, reason):
    if reason == links.R_SIM:
        monkeypatch.setattr(modem_link, "CARD_MS", 200)
    elif reason == links.R_COVERAGE:
        monkeypatch.setattr(modem_link, "SEARCH_MS", 500)
    elif reason == links.R_MODEM:
        monkeypatch.setattr("xunhe_buoy.links.sim7600.Sim7600.boot_ms", 300)
    with modem(tmp_path, "sim7600", faults):
        board, link = build(tmp_path, "sim7600")
        with pytest.raises(LinkError) as caught:
            prepare(link, board)
        assert caught.value.reason == reason


@pytest.mark.parametrize("hangs_after", [0, 3, 6, 11])
def test_a_modem_that_hangs_gets_new_power_and_works(tmp_path, echo, monkeypatch, hangs_after):
    monkeypatch.setattr("xunhe_buoy.links.sim7600.Sim7600.boot_ms", 400)
    monkeypatch.setattr("xunhe_buoy.links.at_port.AtPort.answer_ms", 100)
    for name in ("NET_MS", "OPEN_MS"):
        monkeypatch.setattr(f"xunhe_buoy.links.sim7600.{name}", 300)
    with modem(tmp_path, "sim7600", ModemFaults(hangs_after=hangs_after)):
        board, link = build(tmp_path, "sim7600")
        stream = None
        for _ in range(40):  # as the uplink would, after its pauses
            with contextlib.suppress(LinkError):
                prepare(link, board)
                stream = link.connect("127.0.0.1", echo[0])
                break
        assert stream is not None
        assert exchange(stream, b"alive") == b"alive"
        assert False in board.powers


def test_roaming_counts_as_registered(tmp_path):
    with modem(tmp_path, "sim7600", ModemFaults(registration=(2, 2, 5))):
        board, link = build(tmp_path, "sim7600")
        prepare(link, board)


def test_without_a_modem_on_the_port_the_reason_is_the_modem(tmp_path):
    board, link = build(tmp_path, "sim7600")
    with pytest.raises(LinkError) as caught:
        prepare(link, board)
    assert caught.value.reason == links.R_MODEM


def test_the_networks_time_is_told_in_utc(tmp_path):
    with modem(tmp_path, "sim7600"):
        board, link = build(tmp_path, "sim7600")
        prepare(link, board)
        assert link.network_time_s() == 1795342530  # 2026-11-22 10:15:30 UTC


def test_a_power_switch_that_is_just_being_written_changes_nothing(tmp_path):
    with modem(tmp_path, "sim7600") as simulated:
        board, link = build(tmp_path, "sim7600")
        prepare(link, board)
        simulated.power_path.write_text("")  # as a reader sees it between truncation and "1"
        board.sleep_ms(100)
        assert link.prepare()
        assert simulated.log.count("ATE0") == 1, "it was not restarted"
