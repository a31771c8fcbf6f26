"""The plan on paper: machines, disk, network and money of a province, from measured figures.

Prices are assumptions, stated with the result: change them for your own.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_YEAR_S = 365 * 86_400
_PEAK = 10  # after an outage of the desk what waited comes beside what is new
_MONTHS_ON_LINE = 12
_SPARE = 1.5  # of a disk


@dataclass(frozen=True, slots=True)
class Prices:
    """CNY; of a machine with two cores and 8 GiB, and of a GiB of SSD, a year."""

    machine: float = 2500.0
    gib: float = 4.0


@dataclass(frozen=True, slots=True)
class Measured:
    """`readings_per_s` of one worker with its database on one machine of two cores."""

    readings_per_s: float
    store_bytes: float  # a reading, indexes counted
    wire_bytes: float  # a reading, in a batch of ten


def plan(measured: Measured, buoys: int, interval_s: int, prices: Prices) -> Mapping[str, Any]:
    """What so many buoys need that measure so often."""
    readings_per_s = buoys / interval_s
    gib_a_year = readings_per_s * _YEAR_S * measured.store_bytes / 2**30
    workers = max(2, math.ceil(_PEAK * readings_per_s / measured.readings_per_s))
    machines = {"nats": 3, "postgresql": 2, "desk": workers}
    disk_gib = gib_a_year * _MONTHS_ON_LINE / 12 * _SPARE * machines["postgresql"]
    cny = sum(machines.values()) * prices.machine + disk_gib * prices.gib
    return {
        "buoys": buoys,
        "interval_s": interval_s,
        "readings_per_s": round(readings_per_s, 1),
        "times_of_that_one_worker_takes": round(measured.readings_per_s / readings_per_s, 1),
        "machines": machines,
        "disk_gib_a_year": round(gib_a_year),
        "network_kbit_s": round(readings_per_s * measured.wire_bytes * 8 / 1000, 1),
        "cny_a_year": round(cny),
        "cny_a_year_per_10000_buoys": round(cny / buoys * 10_000),
    }
