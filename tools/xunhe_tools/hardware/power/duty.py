"""How long the parts of a buoy run in a cycle: from the firmware's own times and counters."""

from dataclasses import dataclass

from xunhe_buoy.drivers.yosemitech import MODELS
from xunhe_buoy.sampling import INRUSH_S

PROBES = ("Y504", "Y532", "Y560")
AWAKE_BEYOND_PROBES_S = 1.03  # `xunhe bench firmware`: awake_s, virtual board
WAKE_COST_S = 1.0  # board.py's wake_cost_s: deep sleep to the firmware's first line, not counted


@dataclass(frozen=True, slots=True)
class Duty:
    """Seconds of one cycle of `interval_s`."""

    interval_s: float
    probes_s: float
    awake_s: float
    link_s: float


def probes_s() -> float:
    """From power on to the reading, as sampling.py waits with the three Yosemitech probes."""
    times = [MODELS[name].times for name in PROBES]
    warm_up_ms = max(each.warm_up_ms for each in times)
    settle_ms = max(each.stabilise_ms + each.measure_ms for each in times)
    return float((warm_up_ms + settle_ms) / 1000 + len(times) * INRUSH_S)


def of_interval(interval_s: float, link_s: float, awake_beyond_s: float | None = None) -> Duty:
    """A cycle of this interval. `awake_beyond_s` is a buoy's own figure, without link and probes.

    Where a cycle does not fit into its interval the parts simply run all the time.
    """
    beyond_s = AWAKE_BEYOND_PROBES_S if awake_beyond_s is None else awake_beyond_s
    probes = min(interval_s, probes_s())
    link = min(interval_s, link_s)
    awake = min(interval_s, WAKE_COST_S + probes + beyond_s + link)
    return Duty(interval_s, probes, awake, link)


def beyond_of_counters(wakes: int, awake_s: float, link_s: float) -> float:
    """Seconds a waking beyond probes and link, of the counters in a buoy's diagnostic report."""
    if wakes <= 0:
        raise ValueError(f"wakes is {wakes}; give the counter of a buoy that has slept")
    return max(0.0, awake_s / wakes - probes_s() - link_s)
