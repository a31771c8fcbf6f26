"""An update over the air with nothing left out: MicroPython, probes, broker, releases, restarts."""

import json
import os
import re
import shutil
import subprocess
import threading
import time
from dataclasses import asdict

import paho.mqtt.client as paho
import pytest
from conftest import FIRMWARE, wait_until

from xunhe.adapters.releases import Releases
from xunhe_buoy import message, record
from xunhe_tools import bundle

LAUNCH = FIRMWARE / "xunhe_buoy" / "boards" / "virtual" / "launch.py"
DEVICE = bytes.fromhex("02a1b2c3d4e5")
KEY = bytes(range(32))
RELEASE_SEED, ROOT_SEED = bytes(range(32)), bytes(range(32, 64))
RIVER_S = 1_760_000_000
FACTOR = 60  # 60 s of river in 1 s
EXITS = (43, 44)  # deep sleep, reset: the board starts anew


class PoweredBuoy:
    """The firmware, started again whenever it ends as a board that restarts."""

    def __init__(self, command):
        self.lines = []
        self.starts = 0
        self._command = command
        self._stopping = False
        self._switch = threading.Lock()  # no start slips in while the power goes
        self._start()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _start(self):
        self.starts += 1
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def _run(self):
        while True:
            with self._process.stdout:
                self.lines.extend(line.rstrip() for line in self._process.stdout)
            ended = self._process.wait()
            with self._switch:
                if self._stopping or ended not in EXITS:
                    return
                self._start()

    def stop(self):
        with self._switch:
            self._stopping = True
            self._process.kill()
        self._thread.join()

    def wait_for(self, pattern):
        def found():
            return any(re.match(pattern, line) for line in list(self.lines))

        try:
            wait_until(found, pattern)
        except AssertionError as error:
            raise AssertionError("\n".join(self.lines[-40:])) from error


class Gateway:
    """Acknowledges readings, keeps reports, serves chunks out of the real Releases."""

    def __init__(self, port, station, folder):
        self.reports = []
        self.firmwares = []
        self._releases = Releases(folder)
        self._counter = 0
        self._topic = f"xunhe/v1/{station}/"
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self._client.on_message = self._take
        self._client.connect("127.0.0.1", port)
        self._client.subscribe(
            [(self._topic + kind, 1) for kind in ("readings", "report", "status")]
        )
        self._client.loop_start()

    def close(self):
        self._client.loop_stop()
        self._client.disconnect()

    def command(self, content):
        self._counter += 1
        frame = message.encode_command(DEVICE, self._counter, message.to_body(content), KEY)
        self._send("command", frame)

    def offer(self, release):
        self.command({"update": self._releases.manifest(release)})

    def told(self, kind):
        return [report for report in list(self.reports) if report["type"] == kind]

    def states(self):
        return [(r["state"], r["release"]) for r in self.told("event") if r["event"] == "update"]

    def _send(self, kind, frame):
        self._client.publish(self._topic + kind, frame, qos=1)

    def _take(self, client, _, found):
        kind = found.topic.rpartition("/")[2]
        if kind == "status":
            self.firmwares.append(json.loads(found.payload).get("firmware"))
        elif kind == "readings":
            head = record.parse_head(found.payload)
            ack = record.Ack(head.boot, head.seq, head.count)
            self._send("ack", record.encode_ack(DEVICE, ack, KEY))
        else:
            report = message.decode_report(found.payload, KEY)
            self._send("ack", message.encode_receipt(DEVICE, report.boot, report.number, KEY))
            self._report(message.from_body(report.body))

    def _report(self, content):
        if content["type"] == "want":
            chunk = self._releases.answer(content)
            frame = message.encode_chunk(DEVICE, chunk.release, chunk.offset, chunk.data, KEY)
            self._send("update", frame)
        elif content not in self.reports:
            self.reports.append(content)


def publish(folder, release, package):
    """A folder xunhe_buoy as a release at the gateway."""
    made = bundle.build(package, "virtual")
    manifest = bundle.sign(made, release, f"{release}.0.0", "virtual", RELEASE_SEED)
    bundle.publish(folder / "releases", manifest, made)


def this_firmware(folder, version):
    """A copy that says another version."""
    package = folder / "copy" / "xunhe_buoy"
    shutil.copytree(FIRMWARE / "xunhe_buoy", package)
    status = package / "status.py"
    status.write_text(re.sub(r'FIRMWARE = ".*"', f'FIRMWARE = "{version}"', status.read_text()))
    return package


def crashing_firmware(folder):
    """One that resets the board as soon as it runs."""
    package = folder / "crashing" / "xunhe_buoy"
    (package / "boards" / "virtual").mkdir(parents=True)
    (package / "boards" / "virtual" / "board.py").write_text("")
    (package / "__init__.py").write_text("")
    (package / "main.py").write_text("import sys\n\n\ndef run():\n    sys.exit(44)\n")
    return package


@pytest.fixture
def bed(tmp_path, mosquitto, probes, micropython):
    """A buoy in its river and a gateway with releases."""
    station = "U" + "".join(c for c in tmp_path.name if c.isalnum())[-8:]
    config = tmp_path / "config.json"
    settings = {
        "station": station,
        "device": DEVICE.hex(),
        "key": KEY.hex(),
        "broker": {"host": "127.0.0.1", "port": mosquitto, "user": None, "password": None},
        "sample_interval_s": 60,
        "batch": 2,
        "probes": [{"model": "Y532", "address": 2}],
        "update": {
            "root_key": bundle.public_key(ROOT_SEED).hex(),
            "release_key": bundle.public_key(RELEASE_SEED).hex(),
        },
        "virtual": {
            "serial": probes.port,
            "baud": 9600,
            "flash": "flash.bin",
            "flash_sectors": 64,
            "boot_file": "boot",
            "clock": {"wall_s": time.time(), "river_s": RIVER_S, "factor": FACTOR},
        },
    }
    config.write_text(json.dumps(settings))
    (tmp_path / "releases").mkdir()
    gateway = Gateway(mosquitto, station, tmp_path / "releases")
    heap = "heapsize=512k"  # the factory's copy is compiled at every start here
    buoy = PoweredBuoy([micropython[0], "-X", heap, LAUNCH, config])
    yield tmp_path, buoy, gateway
    buoy.stop()
    gateway.close()


def test_a_release_arrives_over_the_air_and_proves_itself_or_is_left(bed):
    folder, buoy, gateway = bed
    buoy.wait_for("acked")
    publish(folder, 1, this_firmware(folder, "1.0.0"))
    gateway.offer(1)
    wait_until(lambda: ("confirmed", 1) in gateway.states(), "release 1 is confirmed")
    assert gateway.states() == [("staged", 1), ("confirmed", 1)]
    assert gateway.told("answer")[0]["ok"] is True
    assert "1.0.0" in gateway.firmwares

    # What was confirmed is not taken twice.
    gateway.offer(1)
    wait_until(lambda: len(gateway.told("answer")) == 2, "the offer is refused")
    assert gateway.told("answer")[1]["reason"] == "replay"

    # A release that crashes at once is started twice, then the buoy is back by itself.
    publish(folder, 2, crashing_firmware(folder))
    starts = buoy.starts
    gateway.offer(2)
    wait_until(lambda: ("rolled back", 2) in gateway.states(), "release 2 is rolled back")
    assert buoy.starts - starts == 3
    state = json.loads((folder / "slots" / "state").read_text())
    assert (state["confirmed"], state["trial"], state["newest"]) == ("a", None, 1)


def test_a_release_for_another_board_is_refused_before_a_byte_of_it_is_pulled(bed):
    folder, buoy, gateway = bed
    buoy.wait_for("acked")
    made = bundle.pack([("xunhe_buoy/main.mpy", os.urandom(100))])
    manifest = bundle.sign(made, 1, "1.0.0", "esp32s3", RELEASE_SEED)
    gateway.command({"update": asdict(manifest)})
    wait_until(lambda: gateway.told("answer"), "the offer is refused")
    assert gateway.told("answer")[0]["reason"] == "wrong board"
    assert not (folder / "slots" / "incoming").exists()
