"""The whole firmware under MicroPython: pymodbus probes, mosquitto, and a gateway played here."""

import json
import queue
import re
import subprocess
import sys
import threading
import time

import paho.mqtt.client as paho
import pytest
from conftest import FIRMWARE, wait_until

from xunhe_buoy import record

LAUNCH = FIRMWARE / "xunhe_buoy" / "boards" / "virtual" / "launch.py"
DEVICE = bytes.fromhex("02a1b2c3d4e5")
KEY = bytes(range(32))
RIVER_S = 1_760_000_000
FACTOR = 200  # 60 s of river in 0.3 s


class Buoy:
    """A firmware process and the lines it printed."""

    def __init__(self, micropython, config):
        self.process = subprocess.Popen(
            [*micropython, LAUNCH, config],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    def said(self, start):
        return [line for line in self.lines if line.startswith(start)]

    def wait_for(self, start, seconds=20, count=1):
        wait_until(lambda: len(self.said(start)) >= count, seconds, f"{count} × {start!r}")
        return self.said(start)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._reader.join(5)
        self.process.stdout.close()


class Gateway:
    """Verifies batches and acknowledges them as it is told; remembers everything."""

    def __init__(self, port, station):
        self.acknowledging = False
        self.refusing = ()
        self.stored = {}
        self.batches = 0
        self.statuses = queue.Queue()
        self.key = KEY
        self._topic = f"xunhe/v1/{station}/"
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self._client.on_message = self._take
        self._client.connect("127.0.0.1", port)
        self._client.subscribe([(self._topic + "readings", 1), (self._topic + "status", 1)])
        self._client.loop_start()

    def close(self):
        self._client.loop_stop()
        self._client.disconnect()

    def _take(self, client, _, message):
        if message.topic.endswith("status"):
            self.statuses.put(json.loads(message.payload))
            return
        head = record.parse_head(message.payload)
        assert head.device == DEVICE
        assert record.is_signed(message.payload, KEY)
        self.batches += 1
        for entry in record.decode_batch(message.payload, head):
            known = self.stored.setdefault((entry.boot, entry.seq), entry)
            assert known == entry, "a record changed between two deliveries"
        if self.acknowledging:
            self.acknowledge(head.boot, head.seq, head.count)

    def acknowledge(self, boot, seq, count):
        refused = tuple(s for s in self.refusing if seq <= s < seq + count)
        ack = record.Ack(boot, seq, count, refused)
        self._client.publish(self._topic + "ack", record.encode_ack(DEVICE, ack, self.key), qos=1)

    def send(self, payload):
        self._client.publish(self._topic + "ack", payload, qos=1).wait_for_publish(5)

    def last_status(self):
        status = None
        while not self.statuses.empty():
            status = self.statuses.get()
        return status


@pytest.fixture
def river(tmp_path, mosquitto, probes, micropython):
    """A function that powers a buoy up, with the gateway as its attribute."""
    station = f"S{tmp_path.name[-8:].strip('_')}"
    config = tmp_path / "config.json"
    settings = {
        "station": station,
        "device": DEVICE.hex(),
        "key": KEY.hex(),
        "broker": {"host": "127.0.0.1", "port": mosquitto, "user": None, "password": None},
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
            "clock": {"wall_s": time.time(), "river_s": RIVER_S, "factor": FACTOR},
        },
    }
    buoys = []

    def power_up(interpreter=micropython, **changes):
        config.write_text(json.dumps(settings | changes))
        buoys.append(Buoy(interpreter, config))
        return buoys[-1]

    power_up.gateway = Gateway(mosquitto, station)
    power_up.folder = tmp_path
    power_up.settings = settings
    yield power_up
    power_up.gateway.close()
    for buoy in buoys:
        buoy.kill()


def pairs_of(lines):
    return [tuple(int(n) for n in re.findall(r"=(\d+)", line)) for line in lines]


def test_records_are_freed_only_by_the_applications_acknowledgement(river):
    gateway, buoy = river.gateway, river()
    wait_until(lambda: gateway.batches, 20, "a batch arrives")  # its PUBACK frees nothing
    buoy.wait_for("sampled", count=6)
    gateway.send(b"noise")
    wrong_key = record.encode_ack(DEVICE, record.Ack(1, 0, 2), bytes(32))
    gateway.send(wrong_key)
    buoy.wait_for("ack ignored", count=2)
    assert buoy.said("ack ignored") == ["ack ignored length", "ack ignored mac"]
    assert buoy.said("acked") == []

    gateway.refusing = (3,)
    gateway.acknowledging = True
    gateway.acknowledge(1, 0, 2)  # the batch in flight: the records behind it follow
    buoy.wait_for("acked", count=2)
    wait_until(lambda: len(gateway.stored) >= 8, 20, "the backlog arrives")
    buoy.kill()

    assert buoy.said("boot") == ["boot n=1 next_seq=0"]
    sampled = pairs_of(buoy.said("sampled"))
    assert [s[:2] for s in sampled] == [(1, seq) for seq in range(len(sampled))]
    for boot, seq, time_s in sampled:
        assert gateway.stored.get((boot, seq)) is None or gateway.stored[boot, seq].time_s == time_s
    acked = [
        re.match(r"acked boot=1 first=(\d+) count=(\d+) refused=(\S+)$", line)
        for line in buoy.said("acked")
    ]
    assert acked[0].groups() == ("0", "2", "-")
    assert acked[1].groups()[0] == "2"
    assert acked[1].groups()[2] == "3"
    assert "link up" in buoy.lines

    values = record.unscale(gateway.stored[1, 0])
    assert values["ph"] == (7.4, record.GOOD)
    assert values["do_mg_l"] == (8.18, record.GOOD)
    assert values["water_temp_c"] == (20.1, record.GOOD)
    assert values["nh3n_mg_l"] == (0.56, record.GOOD)  # 0.55 as NH4-N at pH 7.4 and 20 °C


def test_a_withheld_acknowledgement_lets_pending_grow_and_the_batch_come_again(river):
    gateway, buoy = river.gateway, river()
    buoy.wait_for("link down no ack", seconds=20)
    buoy.wait_for("link up", count=2)
    wait_until(lambda: gateway.batches >= 2, 10, "the batch comes again")
    status = gateway.last_status()
    assert status["pending"] == status["next_seq"] > 10
    assert (status["acknowledged"], status["connects"]) == (0, 2)
    assert {"device", "boot", "firmware", "refused", "dropped", "torn", "battery_v"} <= set(status)


def test_a_killed_buoy_goes_on_where_it_was(river):
    gateway = river.gateway
    first = river()
    first.wait_for("sampled", count=3)
    first.kill()
    held = len(first.said("sampled"))
    gateway.acknowledging = True
    second = river()
    second.wait_for("acked")
    second.kill()
    assert second.said("boot") == [f"boot n=2 next_seq={held}"]
    assert {(1, seq) for seq in range(held)} <= set(gateway.stored)
    (river.folder / "boot").unlink()
    third = river()
    assert third.wait_for("boot")[0].startswith("boot n=3 ")
    third.kill()
    (river.folder / "flash.bin").unlink()
    assert river().wait_for("boot") == ["boot n=4 next_seq=0"]


def test_a_probe_that_fails_leaves_its_channels_missing_and_nothing_else(river):
    river.gateway.acknowledging = True
    buoy = river(
        sample_interval_s=300,  # three lost replies take 0.6 s of wall
        probes=[{"model": "Y504", "address": 1}, {"model": "Y532", "address": 77}],
    )
    buoy.wait_for("acked")
    assert "probe Y532@77 silence" in buoy.lines
    values = record.unscale(river.gateway.stored[1, 0])
    assert values["ph"] == (None, record.MISSING)
    assert values["nh3n_mg_l"] == (None, record.MISSING)
    assert values["do_mg_l"] == (8.18, record.GOOD)
    assert values["water_temp_c"] == (20.0, record.GOOD)  # the oxygen probe's stands in


def test_the_same_files_run_on_cpython(river):
    river.gateway.acknowledging = True
    buoy = river([sys.executable, "-W", "error"], sample_interval_s=30)  # probes stay powered
    buoy.wait_for("acked", count=2)
    assert record.unscale(river.gateway.stored[1, 0])["ph"] == (7.4, record.GOOD)


def test_a_buoy_whose_clock_was_never_set_counts_from_its_boot(river):
    river.gateway.acknowledging = True
    virtual = json.loads(json.dumps(river.settings["virtual"]))
    virtual["clock"] = {"unset": True, "factor": FACTOR}
    buoy = river(virtual=virtual)
    buoy.wait_for("acked")
    first = river.gateway.stored[1, 0]
    assert first.time_quality == record.TIME_UNSET
    assert 0 < first.time_s < 1000


def test_a_wrong_configuration_says_what_to_do(river):
    buoy = river(sample_interval_s=5)
    buoy.wait_for("configuration: sample_interval_s is 5; give a number from 10 to 3600")
    assert buoy.process.wait(5) != 0
