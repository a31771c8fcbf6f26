"""A whole update in real files, as the firmware does it: `update_session.py CODE FOLDER`.

CODE holds the compiled firmware, FOLDER manifest.json and bundle. Prints what it took.
"""

import gc
import json
import sys
import time

CODE, FOLDER = sys.argv[1], sys.argv[2]
sys.path.insert(0, CODE)

from xunhe_boot import disk, slots  # noqa: E402
from xunhe_buoy.update.updates import Updates  # noqa: E402

CHUNK = 1024


class Board:
    NAME = "virtual"
    ticks_ms = time.ticks_ms
    ticks_diff = time.ticks_diff

    @staticmethod
    def uptime_s():
        return 0


with open(FOLDER + "/manifest.json") as _file:
    MANIFEST = json.load(_file)


class Settings:
    update_keys = (bytes(32), bytes.fromhex(MANIFEST.pop("release_key")))


class Gateway:
    """Answers what is asked for out of the bundle; keeps the events."""

    def __init__(self):
        self.want = None
        self.events = []

    def report(self, content):
        if content["type"] == "want":
            self.want = content["offset"]
        else:
            self.events.append(content["state"])

    def chunk(self):
        with open(FOLDER + "/bundle", "rb") as file:
            file.seek(self.want)
            return file.read(CHUNK)


def main():
    gc.collect()
    before = gc.mem_alloc()
    gateway = Gateway()
    copies = slots.Slots(disk, FOLDER + "/slots")
    updates = Updates(copies, Board, Settings, 1, gateway.report, print)
    start = time.ticks_ms()
    assert updates.command({"update": MANIFEST}) == (True, None)
    verify_ms = time.ticks_diff(time.ticks_ms(), start)
    forged = dict(MANIFEST)
    forged["size"] += 1
    assert updates.command({"update": forged}) == (False, "signature")
    start = time.ticks_ms()
    while not updates.restart_due:
        updates.service()
        if gateway.want is not None:
            offset, data = gateway.want, gateway.chunk()
            gateway.want = None
            updates.chunk(MANIFEST["release"], offset, data)
    pull_ms = time.ticks_diff(time.ticks_ms(), start)
    assert gateway.events == ["staged"], gateway.events
    gc.collect()
    kept = gc.mem_alloc() - before
    print(f"verify {verify_ms} ms, pull and unpack {pull_ms} ms, keeps {kept} bytes")


main()
