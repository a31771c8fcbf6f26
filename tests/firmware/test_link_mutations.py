"""Mutated bytes at the parsers of the uplink: a reason or nothing comes out, nothing hangs.

Quick here; `make test-all` runs a million at each.
"""
# ruff: noqa: PT017 (what may come out is checked a million times, not expected once)

import pytest
from mutations import COUNTS, LONG, mutations
from uplink_fakes import DEVICE, KEY

from xunhe_buoy import links, mqtt, mqtt_codec, radio_frame
from xunhe_buoy.links import LinkError
from xunhe_buoy.links.air780e import Air780e
from xunhe_buoy.links.at import MAX_LINE, AtReader
from xunhe_buoy.links.at_port import AtPort, numbers
from xunhe_buoy.links.modem import ModemLink
from xunhe_buoy.links.modem_stream import ModemStream
from xunhe_buoy.links.network_clock import parse_clock
from xunhe_buoy.links.sim7600 import Sim7600
from xunhe_buoy.radio_frame import Assembler, Deframer, Frame, encode

REASONS = {value for name, value in vars(links).items() if name.startswith("R_")}


class Clock:
    """Time that passes by sleeping, and by being asked."""

    def __init__(self):
        self.now_ms = 0

    def ticks_ms(self):
        self.now_ms += 1
        return self.now_ms

    def ticks_diff(self, later, earlier):
        return later - earlier

    def sleep_ms(self, ms):
        self.now_ms += ms

    def modem_power(self, on):
        pass


def lines(*texts):
    return b"".join(b"\r\n" + text + b"\r\n" for text in texts)


# What the modems say, after the manuals named in sim7600.py and air780e.py.
COMMON = {
    b"AT\r": lines(b"OK"),
    b"ATE0\r": b"ATE0\r" + lines(b"OK"),
    b"AT+CFUN=1\r": lines(b"OK"),
    b"AT+CTZU=1\r": lines(b"OK"),
    b"AT+CPIN?\r": lines(b"+CPIN: READY", b"OK"),
    b"AT+CEREG?\r": lines(b"+CEREG: 0,1", b"OK"),
    b"AT+CREG?\r": lines(b"+CREG: 0,5", b"OK"),
    b"AT+CCLK?\r": lines(b'+CCLK: "26/11/22,18:15:30+32"', b"OK"),
}
SIM7600 = {
    b'AT+CGDCONT=1,"IP","cmnet"\r': lines(b"OK"),
    b"AT+CIPMODE=0\r": lines(b"OK"),
    b"AT+CIPSENDMODE=0\r": lines(b"OK"),
    b"AT+CIPRXGET=1\r": lines(b"OK"),
    b"AT+NETOPEN?\r": lines(b"+NETOPEN: 0", b"OK"),
    b"AT+NETOPEN\r": lines(b"OK", b"+NETOPEN: 0"),
    b'AT+CIPOPEN=0,"TCP","b.example",8883\r': lines(b"OK", b"+CIPOPEN: 0,0"),
    b"AT+CIPSEND=0,4\r": b"\r\n> ",
    b"data": lines(b"OK", b"+CIPSEND: 0,4,4", b"+CIPRXGET: 1,0"),
    b"AT+CIPRXGET=2,0,512\r": lines(b"+CIPRXGET: 2,0,4,0") + b"back" + lines(b"OK"),
    b"AT+CIPCLOSE=0\r": lines(b"OK", b"+CIPCLOSE: 0,0"),
    b"AT+NETCLOSE\r": lines(b"OK", b"+NETCLOSE: 0"),
}
AIR780E = {
    b"AT+CIPSHUT\r": lines(b"SHUT OK"),
    b"AT+CIPMUX=0\r": lines(b"OK"),
    b"AT+CIPQSEND=1\r": lines(b"OK"),
    b"AT+CIPRXGET=1\r": lines(b"OK"),
    b'AT+CSTT="cmnet"\r': lines(b"OK"),
    b"AT+CIICR\r": lines(b"OK"),
    b"AT+CIFSR\r": lines(b"10.68.27.49"),
    b'AT+CIPSTART="TCP","b.example",8883\r': lines(b"OK", b"CONNECT OK"),
    b"AT+CIPSEND=4\r": b"\r\n> ",
    b"data": lines(b"DATA ACCEPT:4", b"+CIPRXGET:1"),
    b"AT+CIPRXGET=2,512\r": lines(b"+CIPRXGET:2,4,0") + b"back" + lines(b"OK"),
}
URCS = (b"+IPCLOSE: 0,1", b"CLOSED", b"+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY", b"+PDP DEACT")
TRANSCRIPTS = [*COMMON.values(), *SIM7600.values(), *AIR780E.values(), lines(*URCS)]


class SpoiltModem:
    """A UART whose answers are spoilt one time in `every`."""

    def __init__(self, answers, every, seed):
        self._answers = answers
        self._spoilt = mutations(TRANSCRIPTS, 10**9, seed)
        self._every = every
        self._count = 0
        self._data = b""

    def any(self):
        return bool(self._data)

    def read(self):
        data, self._data = self._data, b""
        return data

    def write(self, command):
        self._count += 1
        spoilt = next(self._spoilt)
        answer = self._answers.get(bytes(command), lines(b"ERROR"))
        self._data += spoilt if self._count % self._every == 0 else answer


class Wanted:
    apn, baud = "cmnet", 115200

    def __init__(self, dialect):
        self.dialect = dialect


def life_of_a_link(dialect, answers, every, seed):
    """From power to the end of a connection; the reason where it fails, None where it does not."""
    clock = Clock()
    uart = SpoiltModem(COMMON | answers, every, seed)
    clock.uart = lambda name, baud: uart
    link = ModemLink(clock, Wanted(dialect))
    try:
        for _ in range(400):
            if link.prepare():
                break
        else:
            return "patience"
        link.network_time_s()
        stream = link.connect("b.example", 8883)
        stream.settimeout(3)
        assert 0 < stream.send(b"data") <= 4
        assert len(stream.recv(512)) <= 512
        stream.close()
    except LinkError as error:
        return error.reason
    except OSError as error:
        assert error.args[0] in (104, 110)
    return None


@pytest.mark.parametrize("runs", [400, pytest.param(20_000, marks=LONG)])
@pytest.mark.parametrize(("dialect", "answers"), [("sim7600", SIM7600), ("air780e", AIR780E)])
def test_a_modem_that_talks_nonsense_ends_in_a_reason(dialect, answers, runs):
    reasons = {life_of_a_link(dialect, answers, 2 + seed % 20, seed) for seed in range(runs)}
    assert reasons <= REASONS | {None, "patience"}
    assert None in reasons
    assert len(reasons) >= 3


@pytest.mark.parametrize("count", COUNTS)
def test_at_lines_end_in_numbers_data_or_a_reason(count):
    clock = Clock()
    port = AtPort(None, clock, None)
    stream = ModemStream(port, Sim7600(port), clock)
    other = ModemStream(port, Air780e(port), clock)
    reader, seen = AtReader(), 0
    for transcript in mutations(TRANSCRIPTS, count, "at"):
        reader.feed(transcript)
        reader.expect(len(transcript) % 3)
        while (line := reader.take()) is not None:
            seen += 1
            assert len(line) <= MAX_LINE
            stream.hear(line)
            other.hear(line)
            parse_clock(line)
            try:
                numbers(line)
            except LinkError as error:
                assert error.reason == links.R_MODEM
        assert len(reader._buf) <= MAX_LINE + 100
    assert seen > count / 2


PACKETS = (
    b"\x20\x02\x00\x00",
    b"\x90\x05\x00\x01\x01\x01\x01",
    mqtt_codec.publish("xunhe/v1/S1/ack", bytes(40), 1, 7),
    mqtt_codec.publish("xunhe/v1/S1/command", b"{}", 0),
    mqtt_codec.puback(3),
    b"\xd0\x00",
)


class Wire(Clock):
    """A socket that gives what is in `waiting`."""

    def __init__(self, *waiting):
        super().__init__()
        self.waiting = list(waiting)

    def recv(self, size):
        if not self.waiting:
            raise TimeoutError("timed out")
        return self.waiting.pop(0)

    def send(self, data):
        return len(data)

    def settimeout(self, seconds):
        self.now_ms += int(seconds * 1000)

    def close(self):
        pass


@pytest.mark.parametrize("count", COUNTS)
def test_mqtt_bytes_end_in_messages_or_a_reason(count):
    messages, reasons = 0, set()
    for wire_bytes in mutations(PACKETS, count, "mqtt"):
        wire = Wire(wire_bytes or b"\0")
        client = mqtt.Client(wire, wire, timeout_ms=100)
        try:
            while (message := client.poll(1)) is not None:
                messages += 1
                assert isinstance(message.topic, str)
        except LinkError as error:
            reasons.add(error.reason)
    assert messages > count / 20
    assert reasons == {links.R_MALFORMED}


@pytest.mark.parametrize("count", COUNTS)
def test_an_mqtt_handshake_ends_in_a_connection_or_a_reason(count):
    reasons = set()
    for wire_bytes in mutations(PACKETS[:2], count, "handshake"):
        wire = Wire(wire_bytes or b"\0", PACKETS[1])
        client = mqtt.Client(wire, wire, timeout_ms=100)
        try:
            client.connect("S1")
            client.subscribe("a", "b", "c")
            reasons.add(None)
        except LinkError as error:
            reasons.add(error.reason)
    assert reasons == {None, links.R_MALFORMED, links.R_REFUSED, links.R_TIMEOUT}


@pytest.mark.parametrize("count", COUNTS)
def test_radio_bytes_end_in_frames_or_nothing(count):
    frames = [Frame("readings", DEVICE, 1, 0, 0, KEY * 6), Frame("ack", DEVICE, 2, 1, 3, KEY)]
    frames.append(frames[0].receipt())
    deframer, assembler, found = Deframer(), Assembler(), 0
    whole = [encode(frame) for frame in frames]
    known = {encode(frame) for frame in frames}
    for i, data in enumerate(mutations(whole, count, "radio")):
        deframer.feed(data)
        while (frame := deframer.take(is_silent=i % 3 == 0)) is not None:
            found += 1
            assembler.take(frame)
            assert encode(frame) in known, "a damaged frame was believed"
        assert len(deframer._buf) < 216
    assert found > count / 20
    assert radio_frame.MAX_PAYLOAD + radio_frame.OVERHEAD == 216
