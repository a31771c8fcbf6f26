"""What a buoy says on its console: the truth that the gateway's store is held against."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_ACKED = re.compile(r"^acked boot=(\d+) first=(\d+) count=(\d+) refused=(-|[\d,]+)$")
_SAMPLED = re.compile(r"^sampled boot=(\d+) seq=(\d+) time=(\d+)$")


@dataclass(slots=True)
class Ledger:
    """Keys (boot, seq) of a buoy's readings: taken, freed as accepted, freed as refused."""

    sampled: set[tuple[int, int]] = field(default_factory=set)
    accepted: set[tuple[int, int]] = field(default_factory=set)
    refused: set[tuple[int, int]] = field(default_factory=set)


def read_ledger(lines: Iterable[str]) -> Ledger:
    """The ledger in a buoy's console lines; what is cut off by a kill counts for nothing."""
    ledger = Ledger()
    for line in lines:
        if sampled := _SAMPLED.match(line):
            ledger.sampled.add((int(sampled[1]), int(sampled[2])))
        elif acked := _ACKED.match(line):
            boot, first, count = int(acked[1]), int(acked[2]), int(acked[3])
            refused = set() if acked[4] == "-" else {int(seq) for seq in acked[4].split(",")}
            for seq in range(first, first + count):
                (ledger.refused if seq in refused else ledger.accepted).add((boot, seq))
    return ledger
