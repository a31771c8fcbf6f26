"""The console of a whole virtual buoy: lines typed at a real MicroPython with real probes."""

import json
import subprocess
import threading
import time

import pytest
from conftest import FIRMWARE, PATIENCE_S, wait_until

LAUNCH = FIRMWARE / "xunhe_buoy" / "boards" / "virtual" / "launch.py"
DEVICE = "02a1b2c3d4e5"


class Terminal:
    """The technician's end of the USB line."""

    def __init__(self, command):
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self._replies = []
        self.lines = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            (self._replies if line.startswith("{") else self.lines).append(line)

    def ask(self, line):
        before = len(self._replies)
        self._process.stdin.write(line + "\n")
        wait_until(lambda: len(self._replies) > before, f"a reply to {line[:60]!r}")
        return json.loads(self._replies[before])

    def do(self, name, **fields):
        return self.ask(json.dumps({"do": name, **fields}))

    def exit_code(self):
        return self._process.wait(PATIENCE_S)

    def close(self):
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process.stdout.close()
        self._process.stdin.close()


@pytest.fixture
def terminal(tmp_path, probes, micropython):
    config = tmp_path / "config.json"
    virtual = {
        "serial": probes.port,
        "baud": 9600,
        "flash": "flash.bin",
        "flash_sectors": 16,
        "clock": {"wall_s": time.time(), "river_s": 1_760_000_000, "factor": 100},
        "console": True,
    }
    settings = {
        "station": "S1",
        "device": DEVICE,
        "key": "11" * 32,
        "broker": {"host": "127.0.0.1", "port": 9},  # nobody listens: the console does not care
        "sample_interval_s": 3600,
        "probes": [{"model": "Y532", "address": 2}, {"model": "Y504", "address": 77}],
        "virtual": virtual,
    }
    config.write_text(json.dumps(settings))
    found = Terminal([micropython[0], "-X", "heapsize=512k", LAUNCH, config])
    yield found
    found.close()


def test_a_technician_reads_calibrates_tests_and_restarts_a_buoy(terminal):
    about = terminal.do("config", id=1)
    assert (about["id"], about["device"], about["board"]) == (1, DEVICE, "virtual")
    assert terminal.do("config", set={"sample_interval_s": 5})["ok"] is False
    changed = terminal.do("config", set={"sample_interval_s": 600})
    assert changed["parameters"]["sample_interval_s"] == 600

    read = terminal.do("read")
    assert read["values"]["ph"] == pytest.approx(7.4, abs=1e-6)
    assert read["failed"] == {"Y504@77": "silence"}
    points = [[read["raw"]["Y532@2.ph"] + 0.1, read["raw"]["Y532@2.ph"], 20.0]]
    saved = terminal.do(
        "calibrate", probe="Y532@2", quantity="ph", points=points, by="Li", save=True
    )
    assert saved["saved"]
    assert terminal.do("read")["values"]["ph"] == pytest.approx(7.5, abs=1e-6)

    failed = [test["name"] for test in terminal.do("selftest")["tests"] if not test["passed"]]
    assert failed == ["Y504@77"]
    assert terminal.do("log")["status"]["device"] == DEVICE
    assert terminal.do("log", what="crashes") == {"ok": True, "crashes": []}
    assert terminal.do("log", what="records")["ok"]
    assert terminal.do("update")["slot"] == "factory"
    assert terminal.ask("{{{") == {"ok": False, "reason": "no JSON object"}
    assert terminal.do("reset", device=DEVICE)["ok"]
    assert terminal.exit_code() == 44
