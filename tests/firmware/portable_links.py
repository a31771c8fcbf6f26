"""Checks of links and carriers that both interpreters run: `micropython portable_links.py ROOT`."""
# ruff: noqa: I001, PT017, UP031 (MicroPython has no pytest.raises and few formats)

import sys

ROOT = sys.argv[1] if len(sys.argv) > 1 else "."
sys.path.insert(0, ROOT + "/firmware")

from xunhe_buoy.checks import ConfigError  # noqa: E402
from xunhe_buoy.links.at import MAX_LINE, PROMPT, AtReader  # noqa: E402
from xunhe_buoy.links.at_port import AtPort, numbers  # noqa: E402
from xunhe_buoy.links import LinkError  # noqa: E402
from xunhe_buoy.links.network_clock import parse_clock  # noqa: E402
from xunhe_buoy.radio_frame import Assembler, Deframer, encode, split  # noqa: E402
from xunhe_buoy.radio_queue import HOUR_MS, AirTime, Outgoing  # noqa: E402
from xunhe_buoy.uplink_config import TlsSettings, UplinkSettings  # noqa: E402

DEVICE = bytes.fromhex("02a1b2c3d4e5")


class Clock:
    def __init__(self):
        self.now_ms = 0

    def ticks_ms(self):
        return self.now_ms

    def ticks_diff(self, later, earlier):
        return later - earlier

    def sleep_ms(self, ms):
        self.now_ms += ms


class Uart:
    """Answers of a modem, one a command; what is left is heard unasked."""

    def __init__(self, *answers):
        self._answers = list(answers)
        self._data = b""
        self.written = []

    def any(self):
        return len(self._data)

    def read(self):
        data, self._data = self._data, b""
        return data

    def write(self, data):
        self.written.append(bytes(data))
        if self._answers:
            self._data += self._answers.pop(0)


def check_at_reader():
    wire = b"\r\n+CIPRXGET: 2,0,4,0\r\nd\r\nx\r\nOK\r\n\r\n> \r\nCLOSED\r\n"
    for step in (1, 2, 3, 100):
        reader, found = AtReader(), []
        for at in range(0, len(wire), step):
            reader.feed(wire[at : at + step])
            item = reader.take()
            while item is not None:
                found.append(item)
                if item.startswith(b"+CIPRXGET:2"):
                    reader.expect(4)
                item = reader.take()
        assert found == [b"+CIPRXGET:2,0,4,0", b"d\r\nx", b"OK", PROMPT, b"CLOSED"], (step, found)
    noisy = AtReader()
    noisy.feed(b"\xff" * (MAX_LINE + 1))
    assert noisy.take() is None
    noisy.feed(b"OK\r\n")
    assert noisy.take() == b"OK"
    assert noisy.noise_bytes == MAX_LINE + 1


def reason_of(call, *args, **named):
    try:
        call(*args, **named)
    except LinkError as error:
        return error.reason
    return None


def check_at_port():
    heard = []
    uart = Uart(
        b"AT+CEREG?\r\r\n+CSQ: 20,99\r\n\r\n+CEREG: 0,1\r\n\r\nOK\r\n",
        b"\r\n+NETOPEN: 0\r\n\r\nOK\r\n",  # the other way round
        b"\r\n+CME ERROR: 10\r\n",
        b"\r\nCONNECT FAIL\r\n",
        b"",
    )
    port = AtPort(uart, Clock(), heard.append)
    assert port.ask(b"AT+CEREG?", (b"+CEREG:", b"OK")) == [b"+CEREG:0,1", b"OK"]
    assert heard == [b"+CSQ:20,99"]
    assert port.ask(b"AT+NETOPEN", (b"OK", b"+NETOPEN:")) == [b"+NETOPEN:0", b"OK"]
    assert reason_of(port.ask, b"AT+CPIN?") == "refused"
    assert reason_of(port.ask, b"AT+CIPSTART", (b"OK",), fails=(b"CONNECT FAIL",)) == "refused"
    assert not port.is_silent
    assert reason_of(port.ask, b"AT") == "timeout"
    assert port.is_silent
    assert numbers(b"+CEREG:0,1") == [0, 1]
    for line in (b"+CEREG", b"+CEREG:", b"+CEREG:0,x", b"+CEREG:\xff"):
        assert reason_of(numbers, line) == "modem", line


def check_network_clock():
    assert parse_clock(b'+CCLK:"26/11/22,18:15:30+32"') == 1795342530
    assert parse_clock(b'+CCLK:"26/11/22,10:15:30+00"') == 1795342530
    assert parse_clock(b'+CCLK:"26/11/22,02:15:30-32"') == 1795342530
    for line in (b'+CCLK:"80/01/06,00:00:10+00"', b'+CCLK:"70/01/01,00:00:10+00"'):
        assert parse_clock(line) is None, line  # where unset clocks begin
    for line in (b"+CCLK:", b'+CCLK:"', b'+CCLK:"26/13/22,10:15:30+32"', b'+CCLK:"\xff"'):
        assert parse_clock(line) is None, line


def check_radio():
    deframer, assembler, got = Deframer(), Assembler(), []
    for number, size in ((255, 1), (0, 200), (1, 201), (2, 3200)):
        for frame in split("update", DEVICE, number, bytes(size)):
            deframer.feed(b"\xa7" + encode(frame))
            found = deframer.take()
            assert found is not None
            message = assembler.take(found)
            if message is not None:
                got.append(len(message))
    assert got == [1, 200, 201, 3200]
    assert deframer.noise_bytes > 0


def check_radio_queue():
    clock = Clock()
    queue = Outgoing(DEVICE, clock, AirTime(clock, 2400, 10), 255)
    queue.put("report", b"x" * 201)
    first = queue.next(0.5)
    assert queue.next(0.5) is None
    clock.now_ms += 20000
    assert queue.next(0.5) == first
    deframer = Deframer()
    deframer.feed(first)
    frame = deframer.take()
    assert (frame.number, frame.part, frame.last) == (255, 0, 1)
    assert queue.received(frame.receipt())
    assert not queue.received(frame.receipt())
    assert queue.waiting() == 1
    air = AirTime(clock, 1000, 1)  # 3.6 s an hour, a tenth of it at once
    air.spend(30)
    assert not air.allows(30)
    clock.now_ms += HOUR_MS
    assert air.allows(30)


def check_uplink_config():
    assert UplinkSettings({}).carrier == "wifi"
    assert UplinkSettings({"daily_kib": 3}).daily_bytes == 3072
    modem = UplinkSettings({"carrier": "modem", "modem": {"dialect": "air780e", "apn": "cmnet"}})
    assert (modem.modem.dialect, modem.modem.apn, modem.modem.baud) == ("air780e", "cmnet", 115200)
    assert UplinkSettings({"carrier": "radio"}).radio.duty_permille == 10
    assert UplinkSettings({"wifi": {"ssid": "a", "password": "b"}}).wifi == ("a", "b")
    assert TlsSettings({"ca": "ca.der"}, "b.example").hostname == "b.example"
    for config, word in (
        ({"carrier": "pigeon"}, "carrier"),
        ({"carrier": "modem"}, "modem"),
        ({"carrier": "modem", "modem": {}}, "dialect"),
        ({"carrier": "modem", "modem": {"dialect": "sim7600", "apn": 'a"b'}}, "apn"),
        ({"carrier": "radio", "radio": {"duty_permille": 0}}, "duty_permille"),
        ({"carrier": "radio", "radio": {"duty_permille": 1, "air_bps": 500}}, "air_bps"),
        ({"carier": "wifi"}, "carier"),
    ):
        try:
            UplinkSettings(config)
            raise AssertionError("no error for %r" % config)
        except ConfigError as error:
            assert word in str(error), (config, str(error))


for check in (
    check_at_reader,
    check_at_port,
    check_network_clock,
    check_radio,
    check_radio_queue,
    check_uplink_config,
):
    check()
    print("ok", check.__name__)
print("all checks hold")
