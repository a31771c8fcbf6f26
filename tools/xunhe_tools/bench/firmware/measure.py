"""One run of all the figures of `xunhe bench firmware`."""

import time
from dataclasses import dataclass
from typing import Any

from xunhe_tools.bench.firmware import cycle, outage, ringlog_cuts, soak, update_cuts
from xunhe_tools.bench.firmware.buoy import Said, bed


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured."""

    cuts: int
    update_lives: int  # every second life is cut twice
    days: int  # in one heap


SHORT = Extent(cuts=3000, update_lives=700, days=4)
FULL = Extent(cuts=125_000, update_lives=7000, days=30)


def measure(extent: Extent, seed: int, say: Said) -> dict[str, Any]:
    """Every figure."""
    begun_s = time.monotonic()
    say("a cycle: heap, time awake, bytes")
    with bed() as where:
        figures = cycle.measure(where, say)
    found = {
        "heap_peak_kib": figures.heap_peak_kib,
        "heap_busy_kib": figures.heap_busy_kib,
        "awake_s": figures.awake_s,
        "bytes_per_reading": figures.bytes_per_reading,
        "month_mib_15_min": figures.month_mib,
        **_cuts(extent, seed, say),
        **_outages(say),
        **_days(extent, say),
    }
    return {**found, "seed": seed, "seconds": round(time.monotonic() - begun_s, 1)}


def _cuts(extent: Extent, seed: int, say: Said) -> dict[str, Any]:
    say(f"{extent.cuts} power cuts over the ring log")
    log = ringlog_cuts.sweep(extent.cuts, seed)
    say(f"power cuts over updates: {extent.update_lives} lives")
    updates = update_cuts.sweep(update_cuts.points(extent.update_lives), seed)
    return {
        "cuts": log.cuts,
        "cut_losses": log.losses,
        "mount_failures": log.mount_failures,
        "update_cuts": updates.cuts,
        "bricked": updates.bricked.total(),
    }


def _outages(say: Said) -> dict[str, Any]:
    month, longer = outage.endure(30, say), outage.endure(45, say)
    return {
        "outage_records": month.arrived,
        "outage_gaps": month.gaps + month.lost,
        "overflow_reported": longer.reported,
        "overflow_true": longer.lost,
    }


def _days(extent: Extent, say: Said) -> dict[str, Any]:
    life = soak.live(extent.days, cycle.QUARTER_S, say)
    return {"soak_days": extent.days, "soak_drift_kib": round(life.drift_kib, 2)}
