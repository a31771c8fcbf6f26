"""Every probe family over its wire, read by real MicroPython and by CPython.

The peer is the virtual river in its own process: pymodbus at each probe's byte order and baud rate,
EZO circuits and thermometers behind I2C and 1-Wire, a receiver that speaks NMEA. It shares no code
with the firmware.
"""

import json
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from conftest import FIRMWARE, PATIENCE_S

from tests.tools.rivers import BUOYS, START_S, config, river
from xunhe_tools.virtual_river.chemistry import oxygen_saturation_mg_l
from xunhe_tools.virtual_river.script import Script

BOARD = FIRMWARE / "xunhe_buoy/boards/virtual"
METER = {
    "model": "modbus",
    "role": "outfall",
    "address": 6,
    "baud": 19200,
    "function": 4,
    "registers": [
        {"register": 0, "type": "float", "quantity": "level_m"},
        {"register": 4, "type": "float", "quantity": "flow_l_s"},
        {"register": 16, "type": "s16", "quantity": "temp_c", "divisor": 10},
    ],
    "rating": {"a": 1400},
}
STATION = {
    "code": "B1",
    "reach": BUOYS["B1"].reach,
    "position_m": BUOYS["B1"].position_m,
    "probes": [
        {"model": "Y504", "address": 1},
        {"model": "Y532", "address": 2},
        {"model": "Y560", "address": 3},
        {"model": "RS-LDO", "address": 4},
        {"model": "RS-PH", "address": 5},
        {"model": "OUTFALL", "address": 6},
        {"model": "S-pH-01", "address": 7},
    ],
    "circuits": [{"model": "EZO-DO"}, {"model": "EZO-pH"}],
    "thermometers": [{"rom": "28ff641e8d3c0c79"}],
    "gnss": {"lat": 30.1234567, "lon": -114.7654321},
}
DISCHARGE = {
    "kind": "discharge",
    "reach": BUOYS["B1"].reach,
    "position_m": BUOYS["B1"].position_m + 20,
    "start_s": START_S - 600,
    "duration_s": 1e6,
    "flow_m3_s": 0.25,
    "nh3n_mg_l": 0.0,
}

HEAD = """
import json, sys
sys.path[:0] = sys.argv[2:4]
import board
from xunhe_buoy import drivers
from xunhe_buoy.probe_config import probe_entries
class Settings:
    salinity_psu, pressure_kpa = 0.0, 101.325
def probe(**entry):
    Settings.probes = probe_entries({"probes": [entry]})
    return drivers.build(board, Settings)[0]
out = {}
"""
TAIL = "\nprint(json.dumps(out))\n"

READ_ALL = """
bus = drivers.Buses(board)
for entry in probe_entries(board.config()):
    one = drivers.family(entry["model"]).build(entry, bus, Settings)
    if one.compensates:
        one.compensate(15.0)
    out[one.name] = [one.start(), one.read(), one.errors]
from xunhe_buoy.drivers.gnss import Gnss
fix = Gnss(board.uart("gnss", 9600), board).fix(5000)
out["gnss"] = [fix.lat_e7, fix.lon_e7, fix.time_s, fix.satellites]
"""

CALIBRATE = """
y560 = probe(model="Y560", address=3)
before = y560.read_constants()
y560.write_constants((2.0, 40.0))
out["y560"] = [before, y560.read_constants(), y560.read()[0]["nh4_n_mg_l"]]
renke = probe(model="RS-LDO", address=4)
out["renke"] = [renke.calibrate("zero"), renke.calibrate("air"), renke.errors]
ph = probe(model="EZO-pH")
out["ezo"] = [ph.calibrate("mid", 9.0), ph.read()[0]["ph"], ph.slope(), ph.errors]
"""

MISTAKES = """
out["baud"] = probe(model="RS-PH", address=5, baud=9600).read()
out["default"] = probe(model="RS-PH", address=5).read()[1]
out["nobody"] = probe(model="EZO-pH", address=0x44).read()
out["rom"] = probe(model="DS18B20", rom="28" + "00" * 7).read()
bus = drivers.Buses(board)
ezo = drivers.family("EZO-pH")
circuit = ezo.Circuit(bus.i2c(), 0x63, board)
try:
    circuit.ask("Sing", 300)
except ezo.EzoError as error:
    out["syntax"] = error.reason
circuit._bus(circuit._i2c.writeto, b"Sleep")
out["woken"] = circuit.ask("Status", 300)
out["odd"] = ezo.parse_query(circuit.ask("P,?", 300))[0]
"""


@contextmanager
def flowing(directory):
    """The river's process; yields the configuration of B1's board."""
    clock = {"wall_s": time.time(), "river_s": START_S, "factor": 1}
    file = directory / "river.json"
    file.write_text(
        json.dumps(config(directory, clock=clock, stations=[STATION], script=[DISCHARGE]))
    )
    with subprocess.Popen(
        [sys.executable, "-m", "xunhe_tools.virtual_river", file],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            told = json.loads(process.stdout.readline())
            board = {"serial": told["lines"]["B1"], **told["wires"]["B1"]}
            probes = [
                *(probe for probe in STATION["probes"] if probe["model"] != "OUTFALL"),
                METER,
                {"model": "EZO-DO"},
                {"model": "EZO-pH"},
                {"model": "DS18B20", "rom": STATION["thermometers"][0]["rom"]},
            ]
            target = directory / "board.json"
            target.write_text(json.dumps({"probes": probes, "virtual": board}))
            yield target
        finally:
            process.terminate()
            assert process.wait(PATIENCE_S) == 0


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    with flowing(tmp_path_factory.mktemp("wire")) as target:
        yield target


@pytest.fixture(params=["cpython", "micropython"])
def run(request, board, tmp_path):
    """A function that runs a script on one interpreter and returns what it put into `out`."""
    command = [sys.executable, "-W", "error"]
    if request.param == "micropython":
        command = request.getfixturevalue("micropython")

    def go(script):
        file = tmp_path / "script.py"
        file.write_text(HEAD + script + TAIL)
        done = subprocess.run(
            [*command, file, board, FIRMWARE, BOARD],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    return go


def test_every_family_shows_the_river(run):
    out = run(READ_ALL)
    truth = river(Script()).water(BUOYS["B1"], START_S)
    lat_e7, lon_e7, time_s, satellites = out.pop("gnss")
    for name, (started, (values, reason), errors) in out.items():
        assert (started, reason, errors) == (None, None, {}), name
        if "temp_c" in values:
            assert values["temp_c"] == pytest.approx(truth.water_temp_c, abs=0.2), name
        if "ph" in values and name != "EZO-pH":
            assert values["ph"] == pytest.approx(truth.ph, abs=0.14), name
        if "do_fraction" in values:
            assert values["do_mg_l"] == pytest.approx(truth.do_mg_l, abs=0.35), name
            assert values["do_fraction"] == pytest.approx(
                values["do_mg_l"] / oxygen_saturation_mg_l(values["temp_c"]), rel=1e-4
            )
    assert out["modbus@6"][1][0]["flow_l_s"] == pytest.approx(250)
    assert out["modbus@6"][1][0]["level_m"] == pytest.approx((250 / 1400) ** (1 / 1.5))
    assert out["EZO-pH"][1][0]["ph"] == pytest.approx(truth.ph, abs=0.2)  # told 15 °C
    share = oxygen_saturation_mg_l(15.0) / oxygen_saturation_mg_l(truth.water_temp_c)
    assert out["EZO-DO"][1][0]["do_mg_l"] == pytest.approx(truth.do_mg_l * share, abs=0.4)
    assert set(out["DS18B20"][1][0]) == {"temp_c"}
    assert lat_e7 == pytest.approx(301234567, abs=2)
    assert lon_e7 == pytest.approx(-1147654321, abs=2)
    assert START_S <= time_s < START_S + 600
    assert satellites == 9


def test_probes_that_calibrate_themselves_do_so_on_command(run):
    out = run(CALIBRATE)
    before, after, shown = out["y560"]
    assert after == [2.0, 40.0]
    assert before in ([1.0, 0.0], [2.0, 40.0])  # the other interpreter was here before
    assert shown > 40
    assert out["renke"] == [None, None, {}]
    reason, ph, slope, errors = out["ezo"]
    assert (reason, slope, errors) == (None, [99.7, 100.3, -0.89], {})
    assert ph == pytest.approx(9.0, abs=0.15)


def test_mistakes_of_wiring_and_configuration_have_their_reason(run):
    out = run(MISTAKES)
    assert out["baud"] == [{}, "silence"]  # deaf at 9600: it speaks 4800
    assert out["default"] is None
    assert out["nobody"] == [{}, "nack"]
    assert out["rom"] == [{"temp_c": None}, "crc"]  # a present chip, but not that one
    assert out["syntax"] == "syntax"
    assert out["woken"] == "?Status,P,5.038"
    assert out["odd"] == "p"
