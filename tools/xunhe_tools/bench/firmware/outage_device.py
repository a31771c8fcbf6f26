"""The buoy's part of an outage: `micropython outage_device.py CONFIG CODE`.

Stores as many readings as asked without a link, mounts its log anew as after a power cut, and sends
until nothing waits. Prints how many appends returned.
"""

import json
import sys

CODE = sys.argv[2]
sys.path.insert(0, CODE)
sys.path.insert(0, CODE + "/xunhe_buoy/boards/virtual")

import board  # noqa: E402

from xunhe_buoy import record  # noqa: E402
from xunhe_buoy.carriers.mqtt import MqttCarrier  # noqa: E402
from xunhe_buoy.links.metered import MeteredLink  # noqa: E402
from xunhe_buoy.links.wifi import WifiLink  # noqa: E402
from xunhe_buoy.ringlog import RingLog  # noqa: E402
from xunhe_buoy.uplink import Uplink  # noqa: E402

BEGIN_S = 1760000000
MINUTE_S = 60


class Part:
    """Some of the settings."""

    def __init__(self, **values):
        for name, value in values.items():
            setattr(self, name, value)


def reading(seq):
    scaled = (seq % 3000, 7000 + seq % 500, 8000 - seq % 900, seq % 200, 3900)
    return record.Record(1, seq, BEGIN_S + MINUTE_S * seq, scaled, (1, 1, 1, 1, 1))


def store(count):
    """For how many readings append returned."""
    ring, stored = RingLog(board.partition()), 0
    for seq in range(count):
        ring.append(reading(seq))
        stored += 1
    return stored


def send(config, now_s):
    ring = RingLog(board.partition())
    broker = Part(host="127.0.0.1", port=config["port"], user=None, password=None, tls=None)
    settings = Part(
        station="BENCH",
        device=bytes.fromhex(config["device"]),
        key=bytes.fromhex(config["key"]),
        broker=broker,
        uplink=Part(daily_bytes=0),
        batch=1,  # send until nothing waits
        sample_interval_s=MINUTE_S,
    )
    carrier = MqttCarrier(board, settings, MeteredLink(WifiLink(board)))
    status = lambda: {"dropped": ring.dropped}  # noqa: E731
    uplink = Uplink(board, ring, settings, carrier, status, lambda text: None, 1)
    while ring.pending_count:
        uplink.service(200, now_s)
    uplink.close()


with open(sys.argv[1]) as _file:
    CONFIG = json.load(_file)
_start = board.ticks_ms()
STORED = store(CONFIG["readings"])
_middle = board.ticks_ms()
send(CONFIG, BEGIN_S + MINUTE_S * STORED)
_end = board.ticks_ms()
print(f"stored in {_middle - _start} ms, sent in {_end - _middle} ms")
print(f"stored={STORED}")
