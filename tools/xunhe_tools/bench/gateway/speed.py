"""How fast the gateway takes readings in: committed and acknowledged, by the way that buoys take.

Ten readings a frame, more frames than it can take, through mosquitto. The figure is the readings
that were acknowledged in a while, divided by the seconds of one core that the gateway's process
used meanwhile, everything in it counted. It is saturated, so most of these readings wait for their
judgement; how many it judged meanwhile stands beside.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from xunhe_tools.bench.gateway import checker, river
from xunhe_tools.bench.gateway.fleet import Fleet
from xunhe_tools.bench.gateway.site import built

_STATIONS = 1000
_READINGS = 10
_MESSAGES_PER_S = 1500.0
_WARM_S, _MEASURED_S = 8.0, 15.0


@dataclass(frozen=True, slots=True)
class Speed:
    """Readings acknowledged: a second of one core, a second of the clock; judged likewise."""

    readings_per_core_s: float
    readings_per_s: float
    judged_per_s: float
    n: int


def measure(folder: Path, seed: int, say: Callable[[str], None]) -> Speed:
    """Saturate a gateway."""
    buoys = river.buoys(_STATIONS)
    with built(folder, buoys) as site:
        site.start()
        site.wait_connected()
        fleet = Fleet(buoys, site.broker_port, seed, _READINGS)
        fleet.run(_WARM_S, _MESSAGES_PER_S, _READINGS)
        judged, known, cpu_s = checker.judged(site.store), fleet.ledger.acknowledged, site.cpu_s()
        fleet.run(_MEASURED_S, _MESSAGES_PER_S, _READINGS)
        n, cpu_s = fleet.ledger.acknowledged - known, site.cpu_s() - cpu_s
        judged = checker.judged(site.store) - judged
        fleet.close()
    say(f"{n / cpu_s:.0f} 条每核秒 readings a core-second")
    return Speed(n / cpu_s, n / _MEASURED_S, judged / _MEASURED_S, n)
