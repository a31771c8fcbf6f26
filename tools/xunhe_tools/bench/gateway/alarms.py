"""How long after a reading of a discharge its ticket is in the store, under full load.

Ammonia rises over three quarters of a minute. The clock begins when a buoy has measured the first
reading above the rule's limit, before the frame is signed, and ends when another process can read
the ticket: looked for every few hundredths of a second.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from xunhe_tools.bench.gateway import checker, river
from xunhe_tools.bench.gateway.fleet import Fleet
from xunhe_tools.bench.gateway.site import built

_STATIONS = 2000
_WARM_S, _LOOK_S, _LAST_S = 10.0, 0.03, 75.0


@dataclass(frozen=True, slots=True)
class Alarms:
    """Seconds from reading to ticket; `missing` discharges never got one."""

    p50_s: float
    p99_s: float
    n: int
    missing: int
    messages_per_s: float
    waiting: int


def measure(
    folder: Path, discharges: int, messages_per_s: float, seed: int, say: Callable[[str], None]
) -> Alarms:
    """Load at this rate, and a discharge every quarter of a second somewhere."""
    buoys = river.buoys(_STATIONS)
    with built(folder, buoys) as site:
        site.start()
        site.wait_connected()
        fleet = Fleet(buoys, site.broker_port, seed)
        fleet.run(_WARM_S, messages_per_s)
        begin_s, sent, found_s = time.monotonic(), fleet.messages, dict[str, float]()
        for _ in range(discharges):
            fleet.pollute()
            _look_for(0.25, site.store, fleet, messages_per_s, found_s)
        sent_per_s = (fleet.messages - sent) / (time.monotonic() - begin_s)
        while len(found_s) < discharges and time.monotonic() - begin_s < discharges / 4 + _LAST_S:
            _look_for(_LOOK_S, site.store, fleet, messages_per_s, found_s)
        waiting = checker.waiting(site.store)
        fleet.close()
    limit_s = fleet.ledger.polluted
    delays = [max(0.0, at_s - limit_s.get(station, at_s)) for station, at_s in found_s.items()]
    cuts = quantiles(delays, n=100, method="inclusive")
    say(f"{len(delays)} 张工单，p99 {cuts[98]:.2f} s / tickets")
    return Alarms(cuts[49], cuts[98], len(delays), discharges - len(delays), sent_per_s, waiting)


def _look_for(
    seconds: float, store: Path, fleet: Fleet, messages_per_s: float, found_s: dict[str, float]
) -> None:
    """Go on sending, and note when tickets come up."""
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        fleet.run(_LOOK_S, messages_per_s)
        now_s = time.monotonic()
        for station in checker.tickets(store).keys() - found_s.keys():
            found_s[station] = now_s  # a warning before the limit is no late alarm
