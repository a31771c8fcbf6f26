"""One MQTT session: `micropython mqtt_session.py ROOT PORT [CA.der HOSTNAME]`; prints JSON."""

import json
import os
import sys
import time

ROOT, PORT = sys.argv[1], int(sys.argv[2])
TLS = sys.argv[3:5]
FOLDER, CA = TLS[0].rsplit("/", 1) if TLS else (".", "")
CONFIG = f"/tmp/xunhe-mqtt-{time.time_ns()}.json"
with open(CONFIG, "w") as _file:
    json.dump({"virtual": {"boot_file": FOLDER + "/boot"}}, _file)
sys.argv[1] = CONFIG  # in place: MicroPython's sys has no attribute to set
sys.path.insert(0, ROOT + "/firmware")
sys.path.insert(0, ROOT + "/firmware/xunhe_buoy/boards/virtual")
import board  # noqa: E402

from xunhe_buoy.links import LinkError  # noqa: E402
from xunhe_buoy.links.metered import MeteredLink  # noqa: E402
from xunhe_buoy.links.wifi import WifiLink  # noqa: E402
from xunhe_buoy.mqtt import Client  # noqa: E402

os.unlink(CONFIG)


class Tls:
    ca, hostname = CA, TLS[-1] if TLS else None


def link_of():
    link = MeteredLink(WifiLink(board))
    if not TLS:
        return link
    from xunhe_buoy.links import tls

    tls.HANDSHAKE_MS = 1000
    return tls.TlsLink(link, board, Tls)


def session(said, link):
    client = Client(link.connect("127.0.0.1", PORT), board, 700, keepalive_s=1)
    client.connect("session", will=("xunhe/test/will", b"gone"))
    client.subscribe("xunhe/test/loop", "xunhe/test/other")
    client.publish("xunhe/test/loop", b"a" * 1500, qos=1)
    client.publish("xunhe/test/other", b"b", qos=0)
    start, said["messages"] = board.ticks_ms(), []
    while board.ticks_diff(board.ticks_ms(), start) < 1600:  # longer than 1.5 keep-alives
        message = client.poll(100)
        if message is not None:
            said["messages"].append([len(message.payload), message.qos])
    said["unacknowledged"] = len(client.unacknowledged)
    client.close()


said = {}
start = time.ticks_ms()
link = link_of()
try:
    session(said, link)
except LinkError as error:
    said["error"] = error.reason
    said["message"] = str(error)
said["ms"] = time.ticks_diff(time.ticks_ms(), start)
said["used_bytes"] = link.used_bytes
print(json.dumps(said))
