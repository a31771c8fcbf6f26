"""The whole firmware under MicroPython over a 4G modem, TLS and radio."""

import json
import os
import time

import pytest
from certificates import Authority
from conftest import PATIENCE_S, wait_until
from whole_buoy import DEVICE, KEY, Gateway

from tests.fakes.beside import modem, radio_air
from tests.fakes.mosquitto import listening
from xunhe_buoy import record
from xunhe_buoy.radio_frame import UP, Assembler, Deframer, encode
from xunhe_buoy.radio_queue import AirTime, Clock, Outgoing
from xunhe_tools.virtual_river.modem import ModemFaults
from xunhe_tools.virtual_river.radio_air import AirFaults


def with_port(river, **ports):
    return json.loads(json.dumps(river.settings["virtual"])) | ports


@pytest.mark.parametrize("dialect", ["sim7600", "air780e"])
def test_readings_travel_by_a_modem_that_chatters_and_is_acknowledged(river, dialect):
    river.gateway.acknowledging = True
    faults = ModemFaults(seed=2, chatter_rate=0.2, keeps_echo=True)
    with modem(river.folder, dialect, faults) as simulated:
        buoy = river(
            uplink={"carrier": "modem", "modem": {"dialect": dialect, "apn": "cmnet"}},
            virtual=with_port(river, modem=str(simulated.path)),
        )
        buoy.wait_for("acked", count=3)
        buoy.kill()
    assert (1, 0) in river.gateway.stored


def test_a_modem_that_hangs_in_mid_traffic_is_given_new_power_and_nothing_is_lost(river):
    river.gateway.acknowledging = True
    with modem(river.folder, "sim7600", ModemFaults(hangs_after=40, boot_s=0.2)) as simulated:
        buoy = river(
            uplink={"carrier": "modem", "modem": {"dialect": "sim7600"}},
            virtual=with_port(river, modem=str(simulated.path)),
        )
        buoy.wait_for("link down")
        buoy.wait_for("link up", count=2)
        sampled = len(buoy.said("sampled"))
        wait_until(lambda: len(river.gateway.stored) >= sampled, "the backlog arrives")
        buoy.kill()
    assert {(1, seq) for seq in range(sampled)} <= set(river.gateway.stored)


def test_a_connection_that_the_network_drops_is_built_again(river):
    river.gateway.acknowledging = True
    with modem(river.folder, "air780e", ModemFaults(drops_after_bytes=300)) as simulated:
        buoy = river(
            uplink={"carrier": "modem", "modem": {"dialect": "air780e"}},
            virtual=with_port(river, modem=str(simulated.path)),
        )
        buoy.wait_for("link up", count=3)
        buoy.kill()
    assert len(river.gateway.stored) >= 4


@pytest.fixture
def secure_broker(tmp_path):
    """mosquitto with TLS for the buoy and without for the gateway: both ports, and the CA."""
    authority = Authority(tmp_path)
    certificate, key = authority.certify("broker.example")

    def listeners(tls, plain):
        return (
            f"listener {plain} 127.0.0.1\n"
            f"listener {tls} 127.0.0.1\ncertfile {certificate}\nkeyfile {key}\n"
        )

    with listening(tmp_path, 2, listeners) as (tls, plain):
        yield tls, plain, authority


def test_readings_travel_by_tls_through_a_modem(river, secure_broker):
    tls, plain, authority = secure_broker
    gateway = Gateway(plain, river.settings["station"])
    gateway.acknowledging = True
    secure = {"ca": authority.der.name, "hostname": "broker.example"}
    virtual = with_port(river, modem=str(river.folder / "modem.tty"))
    virtual["clock"] = {"wall_s": time.time(), "river_s": time.time(), "factor": 200}
    with modem(river.folder, "sim7600"):
        buoy = river(
            broker={"host": "localhost", "port": tls, "tls": secure},
            uplink={"carrier": "modem", "modem": {"dialect": "sim7600"}},
            virtual=virtual,
        )
        buoy.wait_for("acked", count=2)
        buoy.kill()
    gateway.close()
    assert (1, 0) in gateway.stored


def test_a_buoy_that_knows_no_time_asks_the_network_before_it_judges_certificates(
    river, secure_broker
):
    tls, _, authority = secure_broker
    secure = {"ca": authority.der.name, "hostname": "broker.example"}
    virtual = with_port(river, modem=str(river.folder / "modem.tty"))
    virtual["clock"] = {"unset": True, "factor": 200}
    began_s = time.time()
    now = time.strftime("%y/%m/%d,%H:%M:%S+00", time.gmtime(began_s))
    with modem(river.folder, "air780e", ModemFaults(clock=now)):
        buoy = river(
            broker={"host": "localhost", "port": tls, "tls": secure},
            uplink={"carrier": "modem", "modem": {"dialect": "air780e"}},
            virtual=virtual,
        )
        buoy.wait_for("link up")
        heard = len(buoy.said("sampled"))
        buoy.wait_for("sampled", count=heard + 2)
        buoy.kill()
    last_s = int(buoy.said("sampled")[-1].rsplit("=", 1)[1])
    river_s = 200 * (time.time() - began_s)  # have passed at most, since the network was asked
    assert began_s - 1 <= last_s <= began_s + river_s + 1


def test_without_the_brokers_name_in_its_certificate_nothing_is_sent(river, secure_broker):
    tls, plain, authority = secure_broker
    gateway = Gateway(plain, river.settings["station"])
    virtual = with_port(river)
    virtual["clock"] = {"wall_s": time.time(), "river_s": time.time(), "factor": 200}
    buoy = river(
        broker={"host": "127.0.0.1", "port": tls, "tls": {"ca": authority.der.name}},
        virtual=virtual,
    )
    buoy.wait_for("link down tls", count=3)
    buoy.kill()
    gateway.close()
    assert gateway.batches == 0


class MachineClock(Clock):
    def ticks_ms(self):
        return time.monotonic_ns() // 1_000_000

    def ticks_diff(self, later, earlier):
        return later - earlier


def test_readings_travel_by_radio_through_an_air_that_loses_packets(river):
    stored, deframer, assembler = {}, Deframer(), Assembler()
    outgoing = Outgoing(DEVICE, MachineClock(), AirTime(MachineClock(), 57600, 1000))
    faults = AirFaults(seed=5, loss_rate=0.15, air_bps=57600)

    def take(message):
        head = record.parse_head(message)
        assert record.is_signed(message, KEY)
        for entry in record.decode_batch(message, head):
            stored[entry.boot, entry.seq] = entry
        ack = record.Ack(head.boot, head.seq, head.count)
        outgoing.put("ack", record.encode_ack(DEVICE, ack, KEY))

    def serve(port):
        deframer.feed(port.read() or b"")
        while (frame := deframer.take()) is not None:
            if frame.kind in UP:
                port.write(encode(frame.receipt()))
                if (message := assembler.take(frame)) and frame.kind == "readings":
                    take(message)
            else:
                outgoing.received(frame)
        if (data := outgoing.next(0.5)) is not None:
            port.write(data)

    with radio_air(river.folder, "gateway", "buoy", faults=faults) as air:
        buoy = river(
            uplink={"carrier": "radio", "radio": {"air_bps": 57600, "duty_permille": 1000}},
            virtual=with_port(river, radio=str(air.paths["buoy"])),
        )
        with air.paths["gateway"].open("r+b", buffering=0) as port:
            os.set_blocking(port.fileno(), False)
            end = time.monotonic() + PATIENCE_S
            while len(buoy.said("acked")) < 5:
                assert time.monotonic() < end, buoy.lines
                serve(port)
                time.sleep(0.005)
        buoy.kill()
    assert [seq for _, seq in sorted(stored)][:5] == [0, 1, 2, 3, 4]
    assert air.lost > 0
