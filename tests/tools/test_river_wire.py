"""The virtual river from outside: its own process, read over the serial line like a real buoy.

Raw frames are built here with an own CRC, and pymodbus's client is a second opinion; nothing of the
code under test takes part on this side of the wire, except for the truth it is compared with.
"""

import json
import math
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import serial
from pymodbus.client import ModbusSerialClient

from tests.tools.rivers import BUOYS, START_S, config, river
from xunhe_tools.virtual_river.chemistry import free_ammonia_share, oxygen_saturation_mg_l
from xunhe_tools.virtual_river.config import config_from
from xunhe_tools.virtual_river.script import Script
from xunhe_tools.virtual_river.serial_line import Corruptor, LineFaults

COMMAND = [sys.executable, "-m", "xunhe_tools.virtual_river"]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "tools")}
SILENCE_S = 0.12  # answers take a few milliseconds
FOREVER = {"start_s": START_S - 100, "duration_s": 1e6}


def crc(data: bytes) -> bytes:
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value.to_bytes(2, "little")


def frame(*data: int) -> bytes:
    return bytes(data) + crc(bytes(data))


def read_frame(address: int, register: int, count: int, function: int = 3) -> bytes:
    return frame(address, function, register >> 8, register & 255, count >> 8, count & 255)


def write_frame(address: int, register: int, raw: bytes) -> bytes:
    head = (address, 16, register >> 8, register & 255, 0, len(raw) // 2, len(raw))
    return frame(*head, *raw)


@contextmanager
def flowing(directory: Path, **changes: Any) -> Iterator[dict[str, str]]:
    """The process of the river; yields station → tty."""
    clock = {"wall_s": time.time(), "river_s": START_S, "factor": 1}
    file = directory / "config.json"
    file.write_text(json.dumps(config(directory, **({"clock": clock} | changes))))
    with subprocess.Popen(
        [*COMMAND, str(file)], stdout=subprocess.PIPE, env=ENVIRONMENT, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["lines"]
        finally:
            process.terminate()
            assert process.wait(5) == 0
            assert process.stdout.read() == ""  # one line, no more


@contextmanager
def opened(tty: str) -> Iterator[serial.Serial]:
    with serial.Serial(tty, 9600, timeout=1) as port:
        port.reset_input_buffer()
        yield port


def ask(port: serial.Serial, request: bytes, size: int) -> bytes:
    port.write(request)
    return bytes(port.read(size))


def ask_floats(port: serial.Serial, address: int, register: int, floats: int) -> tuple[float, ...]:
    answer = ask(port, read_frame(address, register, 2 * floats), 5 + 4 * floats)
    assert answer[:3] == bytes((address, 3, 4 * floats))
    assert answer[-2:] == crc(answer[:-2])
    return struct.unpack(f"<{floats}f", answer[3:-2])


def is_silent(port: serial.Serial, request: bytes) -> bool:
    port.timeout = SILENCE_S
    heard = ask(port, request, 256)
    port.timeout = 1
    return heard == b""


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with flowing(tmp_path_factory.mktemp("river")) as ttys:
        yield ttys


@pytest.fixture
def port(lines: dict[str, str]) -> Iterator[serial.Serial]:
    with opened(lines["B1"]) as one:
        yield one


def test_own_crc_matches_the_modbus_specification() -> None:
    # MODBUS over serial line V1.02, appendix B: the frame 02 07 has the CRC 41 12.
    assert frame(2, 7) == bytes.fromhex("02074112")


def test_every_station_has_its_stable_path(lines: dict[str, str]) -> None:
    assert set(lines) == set(BUOYS)
    for station, tty in lines.items():
        assert Path(tty).name == f"{station}.tty"
        assert Path(tty).resolve().is_char_device()


def test_start_is_answered_by_exactly_five_bytes(port: serial.Serial) -> None:
    port.timeout = SILENCE_S
    assert ask(port, read_frame(1, 0x2500, 0), 256) == frame(1, 3, 0)


def test_stop_is_answered_by_exactly_seven_bytes(port: serial.Serial) -> None:
    port.timeout = SILENCE_S
    assert ask(port, read_frame(1, 0x2E00, 1), 256) == frame(1, 3, 2, 0, 0)
    ask(port, read_frame(1, 0x2500, 0), 5)


def test_y504_shows_oxygen(port: serial.Serial) -> None:
    ask(port, read_frame(1, 0x2500, 0), 5)
    temp_c, fraction, do_mg_l = ask_floats(port, 1, 0x2600, 3)
    truth = river(Script()).water(BUOYS["B1"], START_S)
    assert temp_c == pytest.approx(truth.water_temp_c, abs=0.2)
    assert do_mg_l == pytest.approx(truth.do_mg_l, abs=0.35)
    assert fraction == pytest.approx(do_mg_l / oxygen_saturation_mg_l(temp_c), rel=1e-5)


def test_y532_shows_ph(port: serial.Serial) -> None:
    (ph,), (temp_c,) = ask_floats(port, 2, 0x2800, 1), ask_floats(port, 2, 0x2400, 1)
    (potential_mv,) = ask_floats(port, 2, 0x1200, 1)
    truth = river(Script()).water(BUOYS["B1"], START_S)
    assert ph == pytest.approx(truth.ph, abs=0.14)
    assert temp_c == pytest.approx(truth.water_temp_c, abs=0.2)
    assert potential_mv == pytest.approx(57.57 * (7 - truth.ph), abs=10)  # at 17 °C


def test_y560_shows_ammonium_not_the_total(port: serial.Serial) -> None:
    potential_mv, ph = ask_floats(port, 3, 0x2600, 2)
    (temp_c,), (nh4n_mg_l,) = ask_floats(port, 3, 0x2400, 1), ask_floats(port, 3, 0x2800, 1)
    truth = river(Script()).water(BUOYS["B1"], START_S)
    share = free_ammonia_share(truth.ph, truth.water_temp_c)
    assert nh4n_mg_l == pytest.approx(truth.nh3n_mg_l * (1 - share), abs=0.25)
    assert ph == pytest.approx(truth.ph, abs=0.14)
    assert temp_c == pytest.approx(truth.water_temp_c, abs=0.2)
    assert 150 < potential_mv < 300


def test_pymodbus_as_a_second_opinion(lines: dict[str, str]) -> None:
    client = ModbusSerialClient(lines["B2"], baudrate=9600, timeout=1, retries=0)
    assert client.connect()
    try:
        answer = client.read_holding_registers(0x2800, count=2, device_id=2)
    finally:
        client.close()
    swapped = b"".join(register.to_bytes(2, "big") for register in answer.registers)
    assert 7.2 < struct.unpack("<f", swapped)[0] < 8.1


@pytest.mark.parametrize(
    "request_frame",
    [
        pytest.param(read_frame(9, 0x2600, 6), id="absent address"),
        pytest.param(read_frame(0, 0x2600, 6), id="broadcast read"),
        pytest.param(write_frame(0, 0x1100, bytes(8)), id="broadcast write"),
        pytest.param(read_frame(1, 0x2700, 2), id="register outside the list"),
        pytest.param(read_frame(1, 0x2600, 7), id="one register too many"),
        pytest.param(read_frame(1, 0x2602, 0), id="count 0 elsewhere"),
        pytest.param(read_frame(1, 0x2500, 1), id="start with a count"),
        pytest.param(read_frame(1, 0x2600, 0xFFFF), id="absurd count"),
        pytest.param(read_frame(2, 0x2500, 0), id="start of a probe that has none"),
        pytest.param(read_frame(1, 0x2600, 6, function=4), id="function 04"),
        pytest.param(frame(1, 6, 0x11, 0, 0, 0), id="function 06"),
        pytest.param(frame(1, 0x83, 2), id="an exception as request"),
        pytest.param(frame(1, 0x2B, 14, 1, 0), id="device identification"),
        pytest.param(write_frame(1, 0x2600, bytes(8)), id="write to a reading"),
        pytest.param(write_frame(1, 0x1100, bytes(4)), id="half a calibration"),
        pytest.param(frame(1, 16, 0x11, 0, 0, 4, 2, 0, 0), id="write with a false length"),
        pytest.param(frame(1, 16, 0x11, 0, 0, 0, 0), id="write of nothing"),
        pytest.param(read_frame(1, 0x2600, 6)[:-1] + b"\0", id="wrong CRC"),
        pytest.param(read_frame(1, 0x2600, 6)[:5], id="half a frame"),
        pytest.param(b"\x01\x10\x11\x00\x00\x7b\xf6", id="the beginning of a long write"),
    ],
)
def test_the_bus_stays_silent(port: serial.Serial, request_frame: bytes) -> None:
    assert is_silent(port, request_frame)
    assert ask_floats(port, 1, 0x1100, 2) == (1, 0)  # nothing changed, and the next is answered


def test_calibration_is_kept_and_applied(lines: dict[str, str]) -> None:
    with opened(lines["B2"]) as port:
        written = ask(port, write_frame(3, 0x1100, struct.pack("<2f", 2, 40)), 8)
        assert written == frame(3, 16, 0x11, 0, 0, 4)
        assert ask_floats(port, 3, 0x1100, 2) == (2, 40)
        assert ask_floats(port, 3, 0x2800, 1)[0] == pytest.approx(40.7, abs=0.5)
        ask(port, write_frame(3, 0x1100, struct.pack("<2f", 3e38, 3e38)), 8)
        assert ask_floats(port, 3, 0x2800, 1)[0] > 3e38  # beyond single precision, yet an answer
        assert ask_floats(port, 2, 0x2900, 6) == pytest.approx(
            (6.86, -6.72, 0.04, 6.86, -6.56, -1.04)
        )


def test_y504_shows_zeros_before_its_start_and_stands_still_after_its_stop(
    tmp_path: Path,
) -> None:
    clock = {"wall_s": time.time(), "river_s": START_S, "factor": 1000}
    with flowing(tmp_path, clock=clock) as ttys, opened(ttys["B3"]) as port:
        assert ask_floats(port, 1, 0x2600, 3) == (0, 0, 0)
        ask(port, read_frame(1, 0x2500, 0), 5)
        first = ask_floats(port, 1, 0x2600, 3)
        assert ask_floats(port, 1, 0x2600, 3) != first
        ask(port, read_frame(1, 0x2E00, 1), 7)
        held = ask_floats(port, 1, 0x2600, 3)
        assert ask_floats(port, 1, 0x2600, 3) == held


def test_the_line_survives_closing_and_reopening(lines: dict[str, str]) -> None:
    for _ in range(5):
        with opened(lines["B3"]) as port:
            assert 7 < ask_floats(port, 2, 0x2800, 1)[0] < 8.2


def test_half_a_frame_of_a_buoy_that_died_does_not_spoil_the_next(lines: dict[str, str]) -> None:
    with opened(lines["B3"]) as port:
        port.write(read_frame(2, 0x2800, 2)[:6])
    time.sleep(0.05)
    with opened(lines["B3"]) as port:
        assert 7 < ask_floats(port, 2, 0x2800, 1)[0] < 8.2


def test_a_frame_may_come_in_pieces(port: serial.Serial) -> None:
    request = read_frame(2, 0x2800, 2)

    def answers() -> bool:
        port.write(request[:3])
        time.sleep(0.002)  # much more, where the machine is busy: then it was no frame
        return len(ask(port, request[3:], 9)) == 9

    assert any(answers() for _ in range(20))


# --- a plume and bad probes


def test_the_plume_reaches_the_registers(tmp_path: Path) -> None:
    arrival_s = river().arrival_s(BUOYS["B1"])
    assert arrival_s is not None
    clock = {"wall_s": time.time(), "river_s": arrival_s + 1800, "factor": 1}
    (event,) = ({"kind": "discharge"} | _fields(d) for d in river().script.discharges)
    with flowing(tmp_path, clock=clock, script=[event]) as ttys:
        with opened(ttys["B1"]) as port:
            assert ask_floats(port, 3, 0x2800, 1)[0] > 2.5
        with opened(ttys["B3"]) as port:
            assert ask_floats(port, 3, 0x2800, 1)[0] < 0.8


def _fields(discharge: Any) -> dict[str, Any]:
    return {name: getattr(discharge, name) for name in discharge.__dataclass_fields__}


def test_scripted_faults_are_seen_on_the_wire(tmp_path: Path) -> None:
    script = [
        {"kind": "silent", "station": "B1", "model": "Y532"} | FOREVER,
        {"kind": "rubbish", "station": "B2", "model": "Y560"} | FOREVER,
        {"kind": "stuck", "station": "B3"} | FOREVER,
    ]
    clock = {"wall_s": time.time(), "river_s": START_S, "factor": 1000}
    with flowing(tmp_path, script=script, clock=clock) as ttys:
        with opened(ttys["B1"]) as port:
            assert is_silent(port, read_frame(2, 0x2800, 2))
            assert ask_floats(port, 3, 0x2800, 1)[0] > 0  # its neighbour still answers
        with opened(ttys["B2"]) as port:
            values = [ask_floats(port, 3, 0x2800, 1)[0] for _ in range(40)]
            assert any(math.isnan(value) for value in values)
            assert any(not math.isnan(value) and not 0.01 < value < 10 for value in values)
        with opened(ttys["B3"]) as port:
            assert len({ask_floats(port, 2, 0x2800, 1) for _ in range(20)}) == 1


def test_a_restart_shows_the_same_river(tmp_path: Path) -> None:
    stuck = {"kind": "stuck", "station": "B1"} | FOREVER  # so that the second does not matter
    shown = []
    for _ in range(2):
        with flowing(tmp_path, script=[stuck]) as ttys, opened(ttys["B1"]) as port:
            shown.append(ask_floats(port, 3, 0x2600, 2))
    assert shown[0] == shown[1]


# --- a bad line


def stations_with(faults: dict[str, Any]) -> list[dict[str, Any]]:
    return [config("/tmp/x")["stations"][0] | {"faults": faults}]


def test_a_bad_line_corrupts_answers_and_recovers(tmp_path: Path) -> None:
    faults = {"seed": 1, "bit_error_rate": 0.002, "drop_rate": 0.01, "noise_rate": 0.01}
    with flowing(tmp_path, stations=stations_with(faults)) as ttys, opened(ttys["B1"]) as port:
        port.timeout = 0.03
        answers = [ask(port, read_frame(2, 0x2800, 2), 256) for _ in range(40)]
    good = [a for a in answers if len(a) == 9 and a[-2:] == crc(a[:-2])]
    assert 5 < len(good) < 38
    assert any(a and a not in good for a in answers)
    assert all(7 < struct.unpack("<f", a[3:7])[0] < 8.2 for a in good)


def test_an_echo_comes_before_the_answer(tmp_path: Path) -> None:
    echo = stations_with({"echo": True})
    with flowing(tmp_path, stations=echo) as ttys, opened(ttys["B1"]) as port:
        request = read_frame(2, 0x2800, 2)
        heard = ask(port, request, 17)
    assert heard[:8] == request
    assert heard[8:11] == b"\x02\x03\x04"


def test_faults_are_off_by_default_and_repeat_with_their_seed() -> None:
    data = bytes(range(256)) * 8
    assert Corruptor(LineFaults(), "x")(data) == data
    bad = LineFaults(3, 0.01, 0.02, 0.03)
    assert Corruptor(bad, "x")(data) == Corruptor(bad, "x")(data) != data
    assert Corruptor(bad, "y")(data) != Corruptor(bad, "x")(data)
    assert Corruptor(LineFaults(drop_rate=1), "x")(data) == b""
    doubled = Corruptor(LineFaults(noise_rate=1), "x")(data)
    assert doubled[1::2] == data
    assert Corruptor(LineFaults(bit_error_rate=1), "x")(b"\x0f") == b"\xf0"


# --- the process


def test_mistakes_end_with_status_2_and_their_name(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config(tmp_path) | {"reaches": []}))
    for arguments, said in [([str(file)], "unknown reach 'U'"), ([], "用法")]:
        done = subprocess.run(
            [*COMMAND, *arguments], capture_output=True, text=True, env=ENVIRONMENT, check=False
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_it_cleans_up_its_paths(tmp_path: Path) -> None:
    with flowing(tmp_path) as ttys:
        assert all(Path(tty).is_symlink() for tty in ttys.values())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json"]


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config(tmp_path)))
    code = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen({[*COMMAND, str(file)]!r}, stdout=subprocess.PIPE)\n"
        "child.stdout.readline(); print(child.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    assert soon(lambda: not (tmp_path / "B1.tty").is_symlink()), child


def soon(condition: Callable[[], bool], seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_rest_costs_nothing(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config(tmp_path)))
    with subprocess.Popen([*COMMAND, str(file)], stdout=subprocess.PIPE, env=ENVIRONMENT) as one:
        assert one.stdout is not None
        one.stdout.readline()
        before = _cpu_ticks(one.pid)
        time.sleep(1)
        spent = _cpu_ticks(one.pid) - before
        one.terminate()
    assert spent <= 2  # of 100: the bridge waits, it does not poll


def _cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def test_the_configuration_of_these_tests_is_valid(tmp_path: Path) -> None:
    assert len(config_from(config(tmp_path)).stations) == 3
