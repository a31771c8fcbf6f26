"""The Modbus master: noise, echo and silence on a fake UART; pymodbus as the peer on a PTY."""

import json
import subprocess
import sys
import time

import pytest
from conftest import FIRMWARE

from xunhe_buoy import modbus
from xunhe_buoy.drivers.yosemitech import MODELS, Probe
from xunhe_buoy.modbus_master import Master, silence_ms


class Clock:
    """Time that passes only by sleeping, and a millisecond a look."""

    def __init__(self):
        self.now = 0

    def ticks_ms(self):
        self.now += 1
        return self.now

    def ticks_diff(self, later, earlier):
        return later - earlier

    def sleep_ms(self, ms):
        self.now += ms


class Uart:
    """Answers each request with the next of `answers`; b"" stays silent."""

    def __init__(self, *answers, noise=b""):
        self.answers = list(answers)
        self.waiting = noise
        self.written = []

    def write(self, data):
        self.written.append(bytes(data))
        self.waiting += self.answers.pop(0) if self.answers else b""

    def any(self):
        return len(self.waiting)

    def read(self):
        data, self.waiting = self.waiting[:3], self.waiting[3:]  # in dribs, as a UART gives
        return data


REPLY = modbus.with_crc(b"\x01\x03\x04\x00\x01\x00\x02")
REQUEST = modbus.read_request(1, 0x2800, 2)


def read(uart, **settings):
    master = Master(uart, Clock(), **settings)
    return master.read(1, 0x2800, 2), master


@pytest.mark.parametrize(
    "answer",
    [REPLY, REQUEST + REPLY, b"\x00\x00" + REPLY, b"\xff" * 40 + REPLY],
    ids=["plain", "echo first", "break first", "noise first"],
)
def test_a_reply_is_found_in_what_arrives(answer):
    assert read(Uart(answer))[0] == b"\x00\x01\x00\x02"


def test_noise_of_before_is_thrown_away():
    stale = modbus.with_crc(b"\x01\x03\x04\xaa\xaa\xaa\xaa")  # a late reply to another question
    assert read(Uart(REPLY, noise=stale))[0] == b"\x00\x01\x00\x02"


@pytest.mark.parametrize("lost", [b"", REPLY[:-1], REPLY[:-1] + b"\x00", REQUEST])
def test_a_lost_reply_is_asked_for_again(lost):
    uart = Uart(lost, lost, REPLY)
    value, master = read(uart)
    assert value == b"\x00\x01\x00\x02"
    assert (master.retried, len(uart.written)) == (2, 3)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(b"", "silence"), (REPLY[:4], "short"), (REQUEST, "echo"), (b"\x55" * 9, "crc")],
)
def test_the_last_retry_says_why(answer, reason):
    uart = Uart(answer, answer, answer)
    with pytest.raises(modbus.ModbusError) as caught:
        read(uart)
    assert caught.value.reason == reason
    assert len(uart.written) == 3


def test_a_refusal_is_an_answer_and_not_asked_again():
    uart = Uart(modbus.with_crc(b"\x01\x83\x02"), REPLY)
    with pytest.raises(modbus.ModbusError) as caught:
        read(uart)
    assert (caught.value.reason, caught.value.code, len(uart.written)) == ("exception", 2, 1)


def test_a_babbling_bus_ends_in_time():
    class Babble(Uart):
        def any(self):
            return 1

        def read(self):
            return b"\x55"

    start = time.monotonic()
    with pytest.raises(modbus.ModbusError):
        read(Babble())
    assert time.monotonic() - start < 5


def test_a_port_that_fails_is_a_reason_too():
    class Gone(Uart):
        def any(self):
            raise OSError(5)

    with pytest.raises(modbus.ModbusError) as caught:
        read(Gone())
    assert caught.value.reason == "bus"


@pytest.mark.parametrize(("baud", "ms"), [(4800, 9), (9600, 5), (19200, 3), (115200, 2)])
def test_silence_is_three_and_a_half_characters(baud, ms):
    assert silence_ms(baud) == ms


@pytest.mark.parametrize("model", sorted(MODELS))
def test_every_model_says_its_times(model):
    times = MODELS[model]
    assert 0 < times.warm_up_ms <= 10_000
    assert 0 < times.measure_ms <= times.stabilise_ms <= 30_000


def test_a_probe_that_refuses_start_is_read_all_the_same():
    probe = Probe(Master(Uart(modbus.with_crc(b"\x01\x83\x03")), Clock()), "Y504", 1)
    assert probe.start() is None
    assert probe.errors == {}


def test_rubbish_is_no_value_and_counted():
    nan = modbus.with_crc(b"\x01\x03\x04\x00\x00\xc0\x7f")
    ok = modbus.with_crc(b"\x01\x03\x04\x00\x00\xa0\x41")
    probe = Probe(Master(Uart(nan, ok, ok), Clock()), "Y532", 1)
    values, reason = probe.read()
    assert (values["ph"], values["temp_c"], reason) == (None, 20.0, "rubbish")
    assert probe.errors == {"rubbish": 1}


READ_ALL = """
import sys
sys.path.insert(0, sys.argv[2]); sys.path.insert(0, sys.argv[2] + "/xunhe_buoy/boards/virtual")
import board, json
from xunhe_buoy.drivers.yosemitech import Probe
from xunhe_buoy.modbus_master import Master
master = Master(board.uart(9600), board)
out = []
for model, address in (("Y504", 1), ("Y532", 2), ("Y560", 3), ("Y532", 9)):
    probe = Probe(master, model, address)
    out.append([probe.start(), probe.read(), probe.errors])
print(json.dumps(out))
"""


@pytest.mark.parametrize("interpreter", ["cpython", "micropython"])
def test_probes_are_read_from_pymodbus_over_a_pty(interpreter, probes, tmp_path, request):
    command = [sys.executable]
    if interpreter == "micropython":
        command = request.getfixturevalue("micropython")
    config, script = tmp_path / "config.json", tmp_path / "read.py"
    config.write_text(json.dumps({"virtual": {"serial": probes.port}}))
    script.write_text(READ_ALL)
    done = subprocess.run(
        [*command, script, config, FIRMWARE],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    oxygen, ph, ammonium, absent = json.loads(done.stdout)
    assert oxygen[0] is None
    assert oxygen[1][0] == pytest.approx({"temp_c": 20.0, "do_fraction": 0.9, "do_mg_l": 8.18})
    assert ph[1][0] == pytest.approx({"ph": 7.4, "temp_c": 20.1, "ph_mv": -20.0})
    assert ammonium[1][0] == pytest.approx(
        {"nh4_n_mg_l": 0.55, "temp_c": 20.2, "nh4_mv": 180.0, "ph": 7.38}
    )
    assert absent == [None, [{}, "silence"], {"silence": 1}]
