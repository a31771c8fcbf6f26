"""The figures of `xunhe bench upstream`.

frames_per_s        decoded in a second of one core's own time, median of the rounds
live_delay_…_ms     a live frame from its writing to its answer, while the same thread decodes a
                    backlog of 5,000 frames a second (nothing is stored)
upload_delay_…_ms   a live sample from its COMMIT to its arrival at the platform, while a backlog
                    goes through the same outbox: three commits of the disk are in it
outage_…            48 h of samples after the platform's return: see outage.py
"""

import os
import platform as machine
from collections.abc import Callable
from statistics import median, quantiles
from typing import Any

from xunhe_tools.bench.upstream import delay
from xunhe_tools.bench.upstream.decoding import frames_per_s, live_beside
from xunhe_tools.bench.upstream.outage import HURRY, outage

_FRAMES, _ROUNDS = 20_000, 5
_BESIDE_S = 20.0


def measure(seed: int, say: Callable[[str], None]) -> dict[str, Any]:
    """About four minutes."""
    say(f"解码 {_ROUNDS} × {_FRAMES} 帧 / decoding frames")
    rates = [frames_per_s(_FRAMES) for _ in range(_ROUNDS)]
    say(f"{median(rates):.0f} 帧每秒 frames/s；补传旁的实时 / live data beside a backlog")
    beside_ms, rate = live_beside(_BESIDE_S)
    upload_ms, left = delay.live_delays_ms(seed)
    say(f"断网 48 小时 / 48 h of outage, {HURRY:g} ×")
    return {
        "n": {"frames": _ROUNDS * _FRAMES, "live": len(beside_ms), "uploads": len(upload_ms)},
        "seed": seed,
        "machine": f"{machine.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        "frames_per_s": round(median(rates)),
        **_percentiles("live_delay", beside_ms),
        "live_beside_frames_per_s": round(rate),
        **_percentiles("upload_delay", upload_ms),
        "upload_backlog_left": left,
        **outage(seed),
    }


def _percentiles(name: str, found_ms: list[float]) -> dict[str, float]:
    cuts = quantiles(found_ms, n=100, method="inclusive")
    return {f"{name}_p50_ms": round(cuts[49], 1), f"{name}_p99_ms": round(cuts[98], 1)}
