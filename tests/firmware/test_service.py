"""The technician's console: every command, every refusal, and no line that breaks it."""

import base64
import json
import random

import pytest
from conftest import FIRMWARE
from mutations import MILLION
from nor import Nor

from xunhe_buoy import calibration, record
from xunhe_buoy.checks import ConfigError
from xunhe_buoy.instruments import Measurement
from xunhe_buoy.ringlog import RingLog
from xunhe_buoy.service import service
from xunhe_tools.bench.firmware.torn_disk import TornDisk
from xunhe_tools.bench.firmware.update_bed import Buoy, Image

NOW_S = 1_760_000_000
DEVICE = "02a1b2c3d4e5"


class Board:
    NAME = "virtual"
    battery = 3.3
    clock = NOW_S

    def now_s(self):
        return self.clock

    def battery_v(self):
        return self.battery

    def solar_v(self):
        return 5.0

    def lid_open(self):
        return True

    def heap(self):
        return 50_000, 40_000


class Instruments:
    def __init__(self):
        self.reasons = {}

    def measure(self):
        raw = {"Y532@2.ph": 7.01, "Y532@2.temp_c": 20.0}
        values = {"ph": 7.01, "water_temp_c": 20.0, "battery_v": 3.9}
        return Measurement(values, raw, {"ph": "Y532@2.ph"}, self.reasons, [])


class Parameters:
    def __init__(self):
        self.kept = {"sample_interval_s": 900}

    def values(self):
        return self.kept

    def set(self, changes):
        for name in changes:
            if name not in self.kept:
                raise ConfigError(f"{name} is not a parameter")
        self.kept.update(changes)


class CrashLog:
    def entries(self):
        return ["boot 3: ValueError: a bug"]


class Settings:
    station = "S1"
    device = bytes.fromhex(DEVICE)
    key = bytes(32)


class Parts:
    """A buoy on the bench, its lid open."""

    def __init__(self, tmp_path):
        self.board = Board()
        self.settings = Settings()
        self.instruments = Instruments()
        self.probes = {"Y532@2": {"silence": 2}, "EZO": {"silence": 2}}
        self.calibrations = calibration.Calibrations(str(tmp_path / "calibration.json"))
        self.board.path = lambda name: str(tmp_path / name)
        self.ring = RingLog(Nor(2))
        self.parameters = Parameters()
        self.crash_log = CrashLog()
        self.bed = Buoy(TornDisk(), [Image(1)])
        self.bed.start()
        self.updates = self.bed.updates
        self.restarts = 0

    def describe(self):
        return {"pending": self.ring.pending_count}

    def restart(self):
        self.restarts += 1


class Console:
    def __init__(self, parts):
        self.parts = parts
        self.service = service.Service(parts)

    def ask(self, do, **fields):
        line = self.service.take(json.dumps({"do": do, **fields}))
        assert "\n" not in line
        return json.loads(line)

    def reason(self, do, **fields):
        reply = self.ask(do, **fields)
        assert reply["ok"] is False
        return reply["reason"]


@pytest.fixture
def console(tmp_path):
    return Console(Parts(tmp_path))


def test_read_shows_values_raw_values_and_where_they_came_from(console):
    assert console.ask("read") == {
        "ok": True,
        "values": {"ph": 7.01, "water_temp_c": 20.0, "battery_v": 3.9},
        "raw": {"Y532@2.ph": 7.01, "Y532@2.temp_c": 20.0},
        "sources": {"ph": "Y532@2.ph"},
        "failed": {},
    }


def test_an_id_comes_back_with_the_reply(console):
    assert console.ask("read", id=7)["id"] == 7
    assert console.ask("fly", id="x") == {
        "ok": False,
        "reason": "unknown command",
        "known": list(service.COMMANDS),
        "id": "x",
    }


# -- calibrate

POINTS = [[6.86, 8.1, 25.0], [9.18, -126.0, 25.0]]


def calibrate(**changes):
    return {"probe": "EZO", "quantity": "ph_mv", "points": POINTS, "by": "Li"} | changes


def test_a_calibration_is_shown_first_and_saved_when_asked(console):
    shown = console.ask("calibrate", **calibrate())
    assert (shown["ok"], shown["saved"], shown["warnings"]) == (True, False, [])
    assert 0.9 < shown["calibration"]["slope"] < 1.05
    assert console.parts.calibrations.of("EZO") is None
    assert console.ask("calibrate", **calibrate(save=True))["saved"]
    kept = console.parts.calibrations.of("EZO")
    assert (kept.by, kept.at_s, kept.slope) == ("Li", NOW_S, shown["calibration"]["slope"])


def test_calibrations_are_listed_with_their_age_and_can_be_forgotten(console):
    console.ask("calibrate", **calibrate(save=True))
    console.parts.board.clock = NOW_S + 86400 * 3
    listed = console.ask("calibrate")["probes"]
    assert listed["Y532@2"] == []
    assert (listed["EZO"][0]["quantity"], listed["EZO"][0]["age_days"]) == ("ph_mv", 3.0)
    assert console.ask("calibrate", probe="EZO", factory=True)["saved"]
    assert console.ask("calibrate")["probes"]["EZO"] == []


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({"probe": "X"}, "no probe X; known: Y532@2, EZO"),
        ({"probe": 5}, "give probe as text"),
        ({"quantity": "turbidity"}, "no quantity turbidity; known: "),
        ({"by": ""}, "give by as text"),
        ({"points": []}, "give one to three points"),
        ({"points": [[7, 1]]}, "give points as"),
        ({"points": [[7, 1, "warm"]]}, "give points as"),
        ({"points": [[7, 1, True]]}, "give points as"),
        ({"points": {"a": 1}}, "give points as"),
        ({"points": [[6.86, 200.0, 25.0]]}, "offset "),
        ({"save": 1}, "give save as true or false"),
        ({"probes": "EZO"}, "'probes' is not understood here"),
    ],
)
def test_a_calibration_that_must_not_be_is_refused_with_the_reason(console, changes, start):
    assert console.reason("calibrate", **calibrate(save=True) | changes).startswith(start)
    assert console.parts.calibrations.of("EZO") is None


# -- the others


def test_a_selftest_passes_where_everything_answers(console):
    reply = console.ask("selftest")
    assert reply["passed"]
    names = [test["name"] for test in reply["tests"]]
    assert names == ["flash", "supply", "lid", "clock", "heap", "Y532@2", "EZO"]
    assert reply["tests"][-1]["counts"] == {"silence": 2}


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        (lambda parts: setattr(parts.instruments, "reasons", {"EZO": "silence"}), "EZO"),
        (lambda parts: setattr(parts.board, "battery", 3.09), "supply"),
        (lambda parts: setattr(parts.board, "battery", 3.66), "supply"),
        (lambda parts: setattr(parts.board, "clock", None), "clock"),
        (lambda parts: setattr(parts.board, "heap", lambda: (90_000, 8191)), "heap"),
        (lambda parts: setattr(parts.ring, "erases", 80_000), "flash"),
    ],
)
def test_a_selftest_names_the_part_that_failed(console, change, failed):
    change(console.parts)
    reply = console.ask("selftest")
    assert not reply["passed"]
    assert [test["name"] for test in reply["tests"] if not test["passed"]] == [failed]


@pytest.mark.parametrize("volts", [3.1, 3.65])
def test_a_supply_at_its_limits_passes(console, volts):
    console.parts.board.battery = volts
    assert console.ask("selftest")["passed"]


def test_the_log_shows_status_crashes_and_records(console):
    assert console.ask("log")["status"] == {"pending": 0}
    assert console.ask("log", what="crashes")["crashes"] == ["boot 3: ValueError: a bug"]
    for seq in range(30):
        reading = record.Record(1, seq, NOW_S + seq, (2000, 7000, 8000, None, 3900), (1,) * 5)
        console.parts.ring.append(reading, [None] * 5)
    rows = console.ask("log", what="records")["records"]
    assert [row["seq"] for row in rows] == list(range(20, 30))
    assert rows[0]["values"]["ph"] == [7.0, 1]
    assert [
        r["seq"] for r in console.ask("log", what="records", count=2, **{"from": 5})["records"]
    ] == [5, 6]
    assert console.reason("log", what="records", count=11).startswith("give count as")
    assert console.reason("log", what="weather") == "give what as status, crashes or records"


def test_config_shows_parameters_and_no_secret_and_changes_what_is_checked(console):
    reply = console.ask("config")
    assert (reply["station"], reply["device"], reply["board"]) == ("S1", DEVICE, "virtual")
    assert "key" not in json.dumps(reply)
    changed = console.ask("config", set={"sample_interval_s": 600})
    assert changed["parameters"] == {"sample_interval_s": 600}
    assert console.reason("config", set={"colour": 1}) == "colour is not a parameter"
    for bad in (None, [], {}, 5):
        assert console.reason("config", set=bad).startswith("give set as")


def test_a_reset_wants_the_devices_number(console):
    assert console.reason("reset") == "give device as text"
    assert console.reason("reset", device="02a1b2c3d4e6") == f"this is device {DEVICE}"
    assert console.parts.restarts == 0
    assert console.ask("reset", device=DEVICE)["ok"]
    assert console.parts.restarts == 1


def test_an_update_goes_over_the_cable(console):
    image = console.parts.bed.images[1]
    reply = console.ask("update", manifest=image.manifest)
    while reply["wants"] is not None:
        offset = reply["wants"]["offset"]
        chunk = base64.b64encode(image.bundle[offset : offset + 768]).decode()
        reply = console.ask("update", release=1, offset=offset, chunk=chunk)
    while not console.parts.updates.restart_due:
        console.parts.updates.service()
    assert console.ask("update")["staged"]
    assert console.reason("update", manifest=image.manifest) == "on trial"
    assert console.reason("update", manifest={}) == "malformed"
    assert console.reason("update", release=1, offset=0, chunk="A") == "give chunk in base64"


def test_in_safe_mode_what_did_not_start_says_so(console):
    for name in ("instruments", "probes", "calibrations", "ring", "parameters"):
        setattr(console.parts, name, None)
    for command in ("read", "calibrate", "selftest", "config"):
        assert console.reason(command) == "not in safe mode"
    assert console.ask("update")["slot"] == "factory"
    assert console.ask("log", what="crashes")["ok"]


def test_a_bus_or_a_flash_that_fails_is_a_reason(console):
    def broken():
        raise OSError(5)

    console.parts.instruments.measure = broken
    assert console.reason("read").startswith("flash or bus: ")


# -- lines


@pytest.mark.parametrize(
    "line", ["{", "7", "[]", "null", '"read"', "\x00", "{" * 900, "[" * 2000, '{"do": NaN', "读"]
)
def test_a_line_that_is_no_object_is_told_so(console, line):
    assert json.loads(console.service.take(line)) == {"ok": False, "reason": "no JSON object"}


def test_a_line_that_is_too_long_is_not_looked_at(console):
    line = json.dumps({"do": "config", "id": "x" * service.MAX_LINE})
    assert json.loads(console.service.take(line))["reason"] == "no JSON object"


def test_an_empty_line_has_no_reply(console):
    assert console.service.take("") is None
    assert console.service.take(" \r") is None


SEEDS = [
    {"do": "read"},
    {"do": "calibrate", **calibrate()},
    {"do": "selftest"},
    {"do": "log", "what": "records", "from": 0, "count": 3},
    {"do": "config", "set": {"sample_interval_s": 60}},
    {"do": "reset", "device": DEVICE},
    {"do": "update", "manifest": Image(1).manifest},
    {"do": "update", "release": 1, "offset": 0, "chunk": "AAAA"},
]


def mutated(rng):
    """A good line with a few characters changed, or a value of another kind in it."""
    request = dict(rng.choice(SEEDS))
    if rng.random() < 0.5:
        odd = [None, True, -1, 1 << 70, 1e308, "", "x" * 50, [], [[]], {}, {"a": {}}, "ü", 0.5]
        request[rng.choice([*request, "id", "set", "what"])] = rng.choice(odd)
    line = list(json.dumps(request))
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(line))
        line[at : at + rng.randrange(3)] = rng.choices(
            '{}[]",:0e-\\\u00e9\x00 a', k=rng.randrange(3)
        )
    return "".join(line)


def hammer(console, seed, count):
    rng = random.Random(seed)
    for _ in range(count):
        line = mutated(rng)
        reply = console.service.take(line)
        assert reply is None or json.loads(reply)["ok"] in (True, False), line


def test_no_mutated_line_breaks_the_console(console):
    hammer(console, 1, 4000)


@pytest.mark.parametrize("count", [MILLION])
def test_no_mutated_line_of_a_million_breaks_the_console(console, monkeypatch, count):
    monkeypatch.setattr("xunhe_boot.files.replace", lambda disk, path, data: None)
    hammer(console, 2, count)


def test_every_command_is_documented_with_an_example_that_works(console):
    manual = (FIRMWARE / "CONSOLE.md").read_text()
    lines = [line for line in manual.split("\n") if line.startswith('{"do"')]
    assert {json.loads(line)["do"] for line in lines} == set(service.COMMANDS)
    for line in lines:
        assert json.loads(console.service.take(line))["ok"], line
