"""The Modbus master: noise, echo and silence on a fake UART; pymodbus as the peer on a PTY."""

import json
import subprocess
import sys

import pytest
from conftest import FIRMWARE, PATIENCE_S

from xunhe_buoy import modbus
from xunhe_buoy.drivers.yosemitech import MODELS, Probe
from xunhe_buoy.modbus_master import Master, Slave, silence_ms


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
    master = Master(lambda baud: uart, Clock(), **settings)
    return Slave(master, 1).read(0x2800, 2), master


def probe_of(uart, model):
    slave = Slave(Master(lambda baud: uart, Clock()), 1)
    return Probe({"model": model, "name": model}, slave)


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


def test_a_babbling_bus_is_given_up():
    class Babble(Uart):
        def any(self):
            return 1

        def read(self):
            return b"\x55"

    with pytest.raises(modbus.ModbusError):
        read(Babble())


def test_a_port_that_fails_is_a_reason_too():
    class Gone(Uart):
        def any(self):
            raise OSError(5)

    with pytest.raises(modbus.ModbusError) as caught:
        read(Gone())
    assert caught.value.reason == "bus"


WRITE = modbus.write_one_request(1, 0x1010, 2)


def slave_of(uart, **settings):
    return Slave(Master(lambda baud: uart, Clock()), 1, **settings)


def test_fc06_and_fc16_are_confirmed_by_what_comes_back():
    uart = Uart(WRITE)
    slave_of(uart).write_one(0x1010, 2)
    many = modbus.write_request(1, 0x1100, b"abcd")
    again = Uart(modbus.with_crc(many[:6]))
    slave_of(again).write(0x1100, b"abcd")
    assert (uart.written, again.written) == ([WRITE], [many])


def test_an_echo_is_no_confirmation_of_fc06_once_the_bus_was_heard_to_echo():
    uart = Uart(REQUEST + REPLY, WRITE, WRITE + WRITE)
    slave = slave_of(uart)
    slave.read(0x2800, 2)
    slave.write_one(0x1010, 2)  # only its own echo came the first time
    assert uart.written == [REQUEST, WRITE, WRITE]


def test_a_busy_probe_is_asked_again():
    busy = modbus.with_crc(b"\x01\x83\x06")
    clock, uart = Clock(), Uart(busy, busy, REPLY)
    slave = Slave(Master(lambda baud: uart, clock), 1, reply_ms=300)
    assert slave.read(0x2800, 2) == b"\x00\x01\x00\x02"
    assert clock.now > 600  # it was given time twice
    with pytest.raises(modbus.ModbusError) as caught:
        read(Uart(busy, busy, busy))
    assert (caught.value.reason, caught.value.code) == ("exception", 6)


def test_an_answer_from_another_probe_is_not_taken():
    stranger = modbus.with_crc(b"\x02\x03\x04\xaa\xaa\xaa\xaa")
    with pytest.raises(modbus.ModbusError) as caught:
        read(Uart(stranger, stranger, stranger))
    assert caught.value.reason == "wrong id"
    assert read(Uart(stranger + REPLY))[0] == b"\x00\x01\x00\x02"


class Slow(Uart):
    """Answers every request correctly, so many milliseconds late; the register is the value."""

    def __init__(self, clock, delay_ms):
        super().__init__()
        self.clock, self.delay_ms, self.due = clock, delay_ms, []

    def write(self, data):
        super().write(data)
        answer = modbus.with_crc(bytes((data[0], 3, 2)) + bytes(data[2:4]))
        self.due.append((self.clock.now + self.delay_ms, answer))

    def any(self):
        ready = [answer for at, answer in self.due if at <= self.clock.now]
        self.due = [(at, answer) for at, answer in self.due if at > self.clock.now]
        self.waiting += b"".join(ready)
        return super().any()


def read_or_none(slave, register):
    try:
        return slave.read(register, 1)
    except modbus.ModbusError:
        return None


@pytest.mark.parametrize("delay_ms", [10, 190, 210, 250, 390, 430, 500, 600])
def test_a_late_answer_is_never_taken_for_another_registers(delay_ms):
    clock = Clock()
    uart = Slow(clock, delay_ms)
    slave = Slave(Master(lambda baud: uart, clock), 1)
    for register in (0x1111, 0x2222, 0x3333, 0x1111, 0x4444):
        value = bytes((register >> 8, register & 0xFF))
        assert read_or_none(slave, register) in ((value,) if delay_ms < 200 else (value, None))


def test_a_slow_probe_is_given_its_time():
    clock = Clock()
    uart = Slow(clock, 450)
    slave = Slave(Master(lambda baud: uart, clock), 1, reply_ms=500)
    assert slave.read(0x1111, 1) == b"\x11\x11"
    assert len(uart.written) == 1


def test_each_probe_is_spoken_to_at_its_own_baud_rate():
    opened = []

    def open_uart(baud):
        opened.append(baud)
        return Uart(*[REPLY] * 9)

    master = Master(open_uart, Clock())
    fast, slow = Slave(master, 1, 9600), Slave(master, 1, 4800)
    for slave in (fast, fast, slow, fast):
        slave.read(0x2800, 2)
    assert opened == [9600, 4800, 9600]


def test_a_port_that_cannot_be_opened_is_opened_again_next_time():
    tries = []

    def open_uart(baud):
        tries.append(baud)
        if len(tries) <= 3:
            raise OSError(5)
        return Uart(REPLY)

    slave = Slave(Master(open_uart, Clock()), 1)
    with pytest.raises(modbus.ModbusError) as caught:
        slave.read(0x2800, 2)
    assert caught.value.reason == "bus"
    assert slave.read(0x2800, 2) == b"\x00\x01\x00\x02"


@pytest.mark.parametrize(("baud", "ms"), [(4800, 9), (9600, 5), (19200, 3), (115200, 2)])
def test_silence_is_three_and_a_half_characters(baud, ms):
    assert silence_ms(baud) == ms


@pytest.mark.parametrize("model", sorted(MODELS))
def test_every_model_says_its_times(model):
    times = MODELS[model].times
    assert 0 < times.warm_up_ms <= 10_000
    assert 0 < times.measure_ms <= times.stabilise_ms <= 30_000


def test_a_probe_that_refuses_start_is_read_all_the_same():
    probe = probe_of(Uart(modbus.with_crc(b"\x01\x83\x03")), "Y504")
    assert probe.start() is None
    assert probe.errors == {}


def test_rubbish_is_no_value_and_counted():
    nan = modbus.with_crc(b"\x01\x03\x04\x00\x00\xc0\x7f")
    ok = modbus.with_crc(b"\x01\x03\x04\x00\x00\xa0\x41")
    probe = probe_of(Uart(nan, ok, ok), "Y532")
    values, reason = probe.read()
    assert (values["ph"], values["temp_c"], reason) == (None, 20.0, "rubbish")
    assert probe.errors == {"rubbish": 1}


READ_ALL = """
import sys
sys.path.insert(0, sys.argv[2]); sys.path.insert(0, sys.argv[2] + "/xunhe_buoy/boards/virtual")
import board, json
from xunhe_buoy import drivers
from xunhe_buoy.probe_config import probe_entries
class Settings:
    salinity_psu, pressure_kpa = 0.0, 101.325
    probes = probe_entries(board.config())
out = []
for probe in drivers.build(board, Settings):
    out.append([probe.start(), probe.read(), probe.errors])
print(json.dumps(out))
"""
CONFIGURED = [
    {"model": "Y504", "address": 1},
    {"model": "Y532", "address": 2},
    {"model": "Y560", "address": 3},
    {
        "model": "modbus",
        "role": "outfall",
        "address": 9,
        "registers": [{"register": 0, "type": "float", "quantity": "level_m"}],
    },
]


@pytest.mark.parametrize("interpreter", ["cpython", "micropython"])
def test_probes_are_read_from_pymodbus_over_a_pty(interpreter, probes, tmp_path, request):
    command = [sys.executable]
    if interpreter == "micropython":
        command = request.getfixturevalue("micropython")
    config, script = tmp_path / "config.json", tmp_path / "read.py"
    config.write_text(json.dumps({"probes": CONFIGURED, "virtual": {"serial": probes.port}}))
    script.write_text(READ_ALL)
    done = subprocess.run(
        [*command, script, config, FIRMWARE],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
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
