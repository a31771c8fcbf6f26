"""Fill and mount a ring log on a file: `micropython ringlog_heap.py ROOT SECTORS [FLASH]`."""

import gc
import json
import os
import sys
import time

ROOT, SECTORS = sys.argv[1], int(sys.argv[2])
FLASH = sys.argv[3] if len(sys.argv) > 3 else f"/tmp/xunhe-heap-{time.time_ns()}.bin"
CONFIG = FLASH + ".json"
with open(CONFIG, "w") as _file:
    json.dump({"virtual": {"flash": FLASH, "flash_sectors": SECTORS}}, _file)
sys.argv[1] = CONFIG  # in place: MicroPython's sys has no attribute to set
sys.path.insert(0, ROOT + "/firmware")
sys.path.insert(0, ROOT + "/firmware/xunhe_buoy/boards/virtual")

import board  # noqa: E402

from xunhe_buoy import log_sector, record, ringlog  # noqa: E402


def entry(seq):
    return record.Record(1, seq, 1700000000 + seq, (1, 2, 3, 4, 5), (1, 1, 1, 1, 1))


def main():
    log = ringlog.RingLog(board.partition())
    for seq in range(SECTORS * log_sector.SLOTS + 5):
        log.append(entry(seq))
    assert log.dropped == log_sector.SLOTS, log.dropped
    assert log.pending_count == (SECTORS - 1) * log_sector.SLOTS + 5
    start = time.ticks_ms()
    log = ringlog.RingLog(board.partition())
    mount_ms = time.ticks_diff(time.ticks_ms(), start)
    assert log.pending_count == (SECTORS - 1) * log_sector.SLOTS + 5
    assert log.dropped == log_sector.SLOTS
    batch = log.pending(40)
    assert [r.seq for r in batch] == list(range(log_sector.SLOTS, log_sector.SLOTS + 40))
    assert log.acknowledge(1, log_sector.SLOTS, 40) == 40
    gc.collect()
    print(f"sectors {SECTORS}, mount {mount_ms} ms, heap used {gc.mem_alloc()}")


try:
    main()
finally:
    os.unlink(CONFIG)
    os.unlink(FLASH)
