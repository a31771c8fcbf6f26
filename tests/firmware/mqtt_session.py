"""One MQTT session: `micropython mqtt_session.py ROOT PORT`; prints what happened as JSON."""

import json
import os
import sys
import time

ROOT, PORT = sys.argv[1], int(sys.argv[2])
CONFIG = f"/tmp/xunhe-mqtt-{time.time_ns()}.json"
with open(CONFIG, "w") as _file:
    json.dump({"virtual": {}}, _file)
sys.argv[1] = CONFIG  # in place: MicroPython's sys has no attribute to set
sys.path.insert(0, ROOT + "/firmware")
sys.path.insert(0, ROOT + "/firmware/xunhe_buoy/boards/virtual")
import board  # noqa: E402

from xunhe_buoy.mqtt import Client  # noqa: E402
from xunhe_buoy.mqtt_codec import MqttError  # noqa: E402

os.unlink(CONFIG)


def session(said):
    client = Client(board.network_connect("127.0.0.1", PORT, 1000), board, 700, keepalive_s=1)
    client.connect("session", will=("xunhe/test/will", b"gone"))
    client.subscribe("xunhe/test/loop")
    client.publish("xunhe/test/loop", b"a" * 1500, qos=1)
    client.publish("xunhe/test/loop", b"b", qos=0)
    start, said["messages"] = board.ticks_ms(), []
    while board.ticks_diff(board.ticks_ms(), start) < 1600:  # longer than 1.5 keep-alives
        message = client.poll(100)
        if message is not None:
            said["messages"].append([len(message.payload), message.qos])
    said["unacknowledged"] = len(client.unacknowledged)
    client.close()


said = {}
start = time.ticks_ms()
try:
    session(said)
except MqttError as error:
    said["error"] = error.reason
except OSError:
    said["error"] = "network"
said["ms"] = time.ticks_diff(time.ticks_ms(), start)
print(json.dumps(said))
