"""What the firmware remembers over a deep sleep, in RTC memory: a JSON object and the ring log.

It holds only for the start that follows the sleep: after a reset, a bite of the watchdog or a power
cut nobody knows what happened in between, and everything begins anew from flash.
"""

import json
import struct

_HEAD = ">H"  # bytes of the JSON; the ring log's snapshot follows
_HEAD_SIZE = 2


def load(board):
    """(dict, ring snapshot) of the sleep that just ended; ({}, b"") after anything else."""
    memory = board.rtc_memory()
    board.rtc_memory(b"")
    if board.reset_reason() != "deepsleep" or len(memory) < _HEAD_SIZE:
        return {}, b""
    (size,) = struct.unpack(_HEAD, memory[:_HEAD_SIZE])
    try:
        kept = json.loads(str(memory[_HEAD_SIZE : _HEAD_SIZE + size], "utf-8"))
    except ValueError:
        return {}, b""
    return kept, bytes(memory[_HEAD_SIZE + size :])


def save(board, kept, snapshot, spare=()):
    """Remember as much as RTC memory takes: without the snapshot, then without what is spare."""
    for name in (None,) + tuple(spare):
        kept.pop(name, None)
        body = json.dumps(kept, separators=(",", ":")).encode()
        for tail in (snapshot, b""):
            try:
                board.rtc_memory(b"".join((struct.pack(_HEAD, len(body)), body, tail)))
            except ValueError:
                continue
            return
