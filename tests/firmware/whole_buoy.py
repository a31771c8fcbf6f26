"""A whole buoy under MicroPython on real wires, and a gateway played by the test."""

import json
import queue
import subprocess
import threading
import time
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from conftest import FIRMWARE, wait_until

from xunhe_buoy import message, record

LAUNCH = FIRMWARE / "xunhe_buoy" / "boards" / "virtual" / "launch.py"
DEVICE = bytes.fromhex("02a1b2c3d4e5")
KEY = bytes(range(32))
RIVER_S = 1_760_000_000
RESTARTED = (43, 44, -9)  # deep sleep, reset, a bite of the watchdog
FACTOR = 200  # 60 s of river in 0.3 s


class Buoy:
    """A firmware process and the lines it printed; started again as a board starts itself."""

    def __init__(self, micropython, config):
        self._command = [*micropython, LAUNCH, config]
        self.lines = []
        self.exits = []
        self._rtc = Path(config).with_name("rtc")
        self._is_powered = True
        self._switch = threading.Lock()  # no start slips in while the power goes
        self._start()
        self._reader = threading.Thread(target=self._run, daemon=True)
        self._reader.start()

    def _start(self):
        self.process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _run(self):
        while True:
            for line in self.process.stdout:
                self.lines.append(line.rstrip())
            self.exits.append(self.process.wait())
            self.process.stdout.close()
            self.process.stdin.close()
            with self._switch:
                if not self._is_powered or self.exits[-1] not in RESTARTED:
                    return
                self._start()

    def type(self, request):
        """A technician's line on USB."""
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()

    def said(self, start):
        return [line for line in self.lines if line.startswith(start)]

    def wait_for(self, start, count=1):
        wait_until(lambda: len(self.said(start)) >= count, f"{count} × {start!r}")
        return self.said(start)

    def kill(self):
        """The power goes, also of the RTC that keeps a sleeping board's memory."""
        with self._switch:
            self._is_powered = False
            self.process.kill()
        self._reader.join()
        self._rtc.unlink(missing_ok=True)


class Gateway:
    """Verifies batches and acknowledges them as it is told; remembers everything.

    `commands` wait until the buoy is heard, as with the real gateway.
    """

    def __init__(self, port, station):
        self.acknowledging = False
        self.refusing = ()
        self.receipting = True
        self.time_s = 0  # told with every acknowledgement
        self.stored = {}
        self.reports = {}  # (boot, number) → content
        self.commands = []  # (counter, content)
        self.batches = 0
        self.statuses = queue.Queue()
        self.key = KEY
        self._topic = f"xunhe/v1/{station}/"
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self._client.on_message = self._take
        self._client.connect("127.0.0.1", port)
        kinds = ("readings", "status", "report")
        self._client.subscribe([(self._topic + kind, 1) for kind in kinds])
        self._client.loop_start()

    def close(self):
        self._client.loop_stop()
        self._client.disconnect()

    def told(self, kind, **fields):
        """Contents of the reports of a type with these fields, in the order of their coming."""
        return [
            content
            for content in list(self.reports.values())
            if content["type"] == kind and fields.items() <= content.items()
        ]

    def _take(self, client, _, frame):
        if frame.topic.endswith("status"):
            self.statuses.put(json.loads(frame.payload))
            return
        if frame.topic.endswith("report"):
            self._take_report(frame.payload)
        else:
            self._take_readings(frame.payload)
        if self.commands:
            counter, content = self.commands.pop(0)
            body = message.to_body(content)
            self._publish("command", message.encode_command(DEVICE, counter, body, KEY))

    def _take_report(self, payload):
        taken = message.decode_report(payload, KEY)
        key = (taken.boot, taken.number)
        content = message.from_body(taken.body)
        assert self.reports.setdefault(key, content) == content, "one number, two reports"
        if self.receipting:
            self._publish("ack", message.encode_receipt(DEVICE, *key, KEY))

    def _take_readings(self, payload):
        head = record.parse_head(payload)
        assert head.device == DEVICE
        assert record.is_signed(payload, KEY)
        self.batches += 1
        for entry in record.decode_batch(payload, head):
            known = self.stored.setdefault((entry.boot, entry.seq), entry)
            assert known == entry, "a record changed between two deliveries"
        if self.acknowledging:
            self.acknowledge(head.boot, head.seq, head.count)

    def _publish(self, level, payload):
        self._client.publish(self._topic + level, payload, qos=1)

    def acknowledge(self, boot, seq, count):
        refused = tuple(s for s in self.refusing if seq <= s < seq + count)
        ack = record.Ack(boot, seq, count, refused, self.time_s)
        self._publish("ack", record.encode_ack(DEVICE, ack, self.key))

    def send(self, payload):
        self._client.publish(self._topic + "ack", payload, qos=1).wait_for_publish(5)

    def last_status(self):
        status = None
        while not self.statuses.empty():
            status = self.statuses.get()
        return status


class River:
    """Powers buoys up; probes, broker and gateway stand around them."""

    def __init__(self, folder, port, probes, micropython):
        self.folder = folder
        self.probes = probes
        station = f"S{folder.name[-8:].strip('_')}"
        self.gateway = Gateway(port, station)
        self.settings = {
            "station": station,
            "device": DEVICE.hex(),
            "key": KEY.hex(),
            "broker": {"host": "127.0.0.1", "port": port, "user": None, "password": None},
            "sample_interval_s": 60,
            "batch": 2,
            "probes": [
                {"model": "Y504", "address": 1},
                {"model": "Y532", "address": 2},
                {"model": "Y560", "address": 3},
            ],
            "virtual": {
                "serial": probes.port,
                "baud": 9600,
                "flash": "flash.bin",
                "flash_sectors": 64,
                "boot_file": "boot",
                "supply": "supply.json",
                "clock": {"wall_s": time.time(), "river_s": RIVER_S, "factor": FACTOR},
            },
        }
        self._micropython = micropython
        self._buoys = []

    def __call__(self, interpreter=None, **changes):
        """Power a buoy up with these settings changed."""
        config = self.folder / "config.json"
        config.write_text(json.dumps(self.settings | changes))
        self._buoys.append(Buoy(interpreter or self._micropython, config))
        return self._buoys[-1]

    def virtual(self, **changes):
        """The virtual board's section with these settings changed."""
        return json.loads(json.dumps(self.settings["virtual"])) | changes

    def supply(self, **values):
        """Battery, panel and lid from now on."""
        file = self.folder / "supply.new"
        file.write_text(json.dumps(values))
        file.rename(self.folder / "supply.json")

    def close(self):
        self.gateway.close()
        for buoy in self._buoys:
            buoy.kill()


@pytest.fixture
def river(tmp_path, mosquitto, probes, micropython):
    """Called, it powers a buoy up; the gateway is its attribute."""
    river = River(tmp_path, mosquitto, probes, micropython)
    yield river
    river.close()
