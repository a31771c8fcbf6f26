"""What one cycle of measuring and sending takes: heap, time awake, bytes on the wire.

The buoy wakes from deep sleep, measures, sends, is acknowledged and sleeps again, as it does every
quarter of an hour for a year.
"""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from xunhe_tools.bench.firmware.buoy import DEEP_SLEEP, FACTOR, Bed, Said, Waking
from xunhe_tools.bench.firmware.gateway import Gateway

QUARTER_S = 900
PLENTY_KIB = 400
LEAD_S = 7.0 + 19.5 + 3 * 0.02  # Y560 warms up longest and settles longest; 3 wipers start in turn
_CYCLES_A_MONTH = 30 * 86400 // QUARTER_S
_HOURS_A_MONTH = 30 * 24


@dataclass(frozen=True, slots=True)
class Cycle:
    """Figures of `xunhe bench firmware`."""

    heap_peak_kib: int  # a cycle of measuring and sending
    heap_busy_kib: int  # the same with an alarm, diagnostics, a command and a technician in it
    awake_s: float
    bytes_per_reading: float
    month_mib: float


def measure(bed: Bed, say: Said) -> Cycle:
    """All of them."""
    awake_s, month_mib = _quarter_hours(bed, say)
    return Cycle(
        _least_heap_kib(bed, _works, say),
        _least_heap_kib(bed, _works_busily, say),
        awake_s,
        _bytes_per_reading(bed, say),
        month_mib,
    )


def _works(bed: Bed, heap_kib: int) -> bool:
    """Whether two cycles run, the second from deep sleep, and nothing crashes."""
    bed.pass_slot(QUARTER_S)
    gateway = Gateway(bed.river_s)
    try:
        wakings = bed.run(gateway, f"heap{heap_kib}", heap_kib, **_quarterly())
        lives = list(islice(wakings, 3))
        stored = len(gateway.ledger.readings)
    finally:
        gateway.close()
    return stored >= 2 and not _crashed(lives)


def _works_busily(bed: Bed, heap_kib: int) -> bool:
    """Whether two cycles run in which everything happens that is not an update."""
    gateway = Gateway(bed.river_s)
    gateway.commands = [{"set": {"batch": 2}}]
    settings: dict[str, Any] = _quarterly() | {"alarm_ph_low": 13.9, "alarm_interval_s": QUARTER_S}
    try:
        wakings = bed.run(gateway, f"busy{heap_kib}", heap_kib, '{"do": "read"}\n', **settings)
        lives = list(islice(wakings, 2))
        told = [(one["type"], one.get("event")) for one in gateway.ledger.reports]
        stored = len(gateway.ledger.readings)
    finally:
        gateway.close()
    wanted = {("event", "alarm"), ("answer", None), ("diagnostic", None)}
    replies = sum(line.startswith('{"') for one in lives for line in one.lines)
    return stored >= 2 and wanted <= set(told) and replies == 2 and not _crashed(lives)


def _crashed(lives: list[Waking]) -> bool:
    """One of them ended otherwise than in deep sleep."""
    return any(one.code != DEEP_SLEEP for one in lives)


def _least_heap_kib(bed: Bed, works: Callable[[Bed, int], bool], say: Said) -> int:
    """The least heap in which a buoy works, by halving."""
    fails, enough = 48, PLENTY_KIB
    while enough - fails > 1:
        middle = (fails + enough) // 2
        if works(bed, middle):
            enough = middle
        else:
            fails = middle
        say(f"heap: {fails} KiB fail, {enough} KiB work")
    return enough


def _quarterly() -> dict[str, Any]:
    return {"sample_interval_s": QUARTER_S, "batch": 1}


def _quarter_hours(bed: Bed, say: Said) -> tuple[float, float]:
    """(seconds awake beyond the probes' own waits, MiB a month) of 15-minute readings."""
    gateway = Gateway(bed.river_s)
    try:
        wakings = list(islice(bed.run(gateway, "quarter", PLENTY_KIB, **_quarterly()), 10))
        ledger = gateway.ledger
        hourly = sum(report["type"] == "diagnostic" for report in ledger.reports)
        say(f"{len(ledger.readings)} readings, {ledger.air_bytes} bytes, {hourly} diagnostics")
        a_reading = ledger.air_bytes / len(ledger.readings)
    finally:
        gateway.close()
    awake_s = [waking.awake_s - LEAD_S / FACTOR for waking in wakings[1:]]
    return round(max(awake_s), 2), round(a_reading * _CYCLES_A_MONTH / 2**20, 1)


def _bytes_per_reading(bed: Bed, say: Said) -> float:
    """Of frames with ten readings of five values, header and MAC included."""
    gateway = Gateway(bed.river_s)
    try:
        settings: dict[str, Any] = {"sample_interval_s": 300, "batch": 10}
        for _ in bed.run(gateway, "batches", PLENTY_KIB, **settings):
            tens = [size for size, count in gateway.ledger.frames if count == 10]
            if len(tens) >= 2:
                break
    finally:
        gateway.close()
    say(f"frames of ten readings: {tens} bytes")
    return statistics.mean(tens) / 10
